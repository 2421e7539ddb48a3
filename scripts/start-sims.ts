import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	type BybitFault,
	BybitVenue,
	type BybitVenueOptions,
	type Control,
	type DeribitFault,
	DeribitVenue,
	type DeribitVenueOptions,
	type IbkrFault,
	IbkrVenue,
	type IbkrVenueOptions,
	Link,
	type Served,
	selfSignedCertificate,
	serve,
	serveControl,
} from "@x/venue-sims";

/** Addresses and credentials of the simulators: the first line that `npm run sims` prints. */
export interface SimAddresses {
	readonly deribit: { readonly http: string; readonly ws: string };
	/** `ca` is the path of a PEM file: the gateway's certificate is self-signed, like the real one's. */
	readonly ibkr: { readonly http: string; readonly ws: string; readonly ca: string };
	readonly bybit: { readonly http: string; readonly ws: string };
	/** The control server: faults and orders as JSON over HTTP. */
	readonly control: string;
	readonly credentials: {
		readonly deribit: { readonly clientId: string; readonly clientSecret: string };
		readonly bybit: { readonly apiKey: string; readonly apiSecret: string };
	};
}

export interface Sims {
	readonly addresses: SimAddresses;
	readonly deribit: Link<DeribitFault>;
	readonly ibkr: Link<IbkrFault>;
	readonly bybit: Link<BybitFault>;
	close(): Promise<void>;
}

export interface SimOptions {
	readonly deribit?: Partial<DeribitVenueOptions>;
	readonly ibkr?: Partial<IbkrVenueOptions>;
	readonly bybit?: Partial<BybitVenueOptions>;
}

const credentials = {
	deribit: { clientId: "demo-client", clientSecret: "demo-client-secret" },
	bybit: { apiKey: "demo-key", apiSecret: "demo-key-secret" },
};

/** Starts the three venues on 127.0.0.1, and the control server that triggers their faults. Addresses are full: with their paths. */
export async function startSims(options: SimOptions = {}): Promise<Sims> {
	const certificate = await selfSignedCertificate();
	const folder = mkdtempSync(join(tmpdir(), "venue-sims-"));
	const ca = join(folder, "ibkr-gateway.pem");
	writeFileSync(ca, certificate.cert);

	const deribit = new Link(new DeribitVenue({ ...credentials.deribit, ...options.deribit }));
	const ibkr = new Link(new IbkrVenue({ ...options.ibkr }));
	const bybit = new Link(new BybitVenue({ ...credentials.bybit, ...options.bybit }));
	const opened: (Served | Control)[] = [];
	const open = async <T extends Served | Control>(starting: Promise<T>): Promise<T> => {
		const each = await starting;
		opened.push(each);
		return each;
	};
	const deribitServed = await open(serve(deribit));
	const ibkrServed = await open(serve(ibkr, { tls: certificate }));
	const bybitServed = await open(serve(bybit));
	const control = await open(serveControl([deribit, ibkr, bybit]));
	return {
		addresses: {
			deribit: { http: `${deribitServed.http}/api/v2`, ws: `${deribitServed.ws}/ws/api/v2` },
			ibkr: { http: `${ibkrServed.http}/v1/api`, ws: `${ibkrServed.ws}/v1/api/ws`, ca },
			bybit: { http: bybitServed.http, ws: `${bybitServed.ws}/v5/private` },
			control: control.url,
			credentials,
		},
		deribit,
		ibkr,
		bybit,
		close: async () => {
			for (const each of opened) await each.close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
