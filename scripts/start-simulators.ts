import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	type BybitFault,
	BybitVenue,
	type BybitVenueOptions,
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

import { makeOAuthKeys, type OAuth1Credentials, type OAuth2Credentials } from "./oauth-credentials.ts";

/** Addresses and credentials of the simulators: the first line that `npm run sims` prints. */
export interface SimAddresses {
	readonly deribit: { readonly http: string; readonly ws: string };
	/** `ca` is the path of a PEM file: the gateway's certificate is self-signed, like the real one's. */
	readonly ibkr: { readonly http: string; readonly ws: string; readonly ca: string };
	/** Another IBKR, whose clients log in by OAuth 1.0a. */
	readonly ibkrOauth1: { readonly http: string; readonly ws: string };
	/** Another IBKR, whose clients log in by OAuth 2.0. `origin` has the paths of the token calls. */
	readonly ibkrOauth2: { readonly http: string; readonly ws: string; readonly origin: string };
	readonly bybit: { readonly http: string; readonly ws: string };
	/** The control server: faults and orders as JSON over HTTP. */
	readonly control: string;
	readonly credentials: {
		readonly deribit: { readonly clientId: string; readonly clientSecret: string };
		/** Made anew at each start. */
		readonly ibkrOauth1: OAuth1Credentials;
		/** Made anew at each start. */
		readonly ibkrOauth2: OAuth2Credentials;
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

/** Starts the three venues on 127.0.0.1, IBKR once for each way to log in, and the control server that triggers their faults. Addresses are full: with their paths. */
export async function startSims(options: SimOptions = {}): Promise<Sims> {
	const certificate = await selfSignedCertificate();
	const folder = mkdtempSync(join(tmpdir(), "venue-sims-"));
	const ca = join(folder, "ibkr-gateway.pem");
	writeFileSync(ca, certificate.cert);

	const deribit = new Link(new DeribitVenue({ ...credentials.deribit, ...options.deribit }));
	const ibkr = new Link(new IbkrVenue({ ...options.ibkr }));
	const keys = await makeOAuthKeys();
	const { consumer, oauth2Client: client } = keys;
	const oauth1Venue = new IbkrVenue({ ...options.ibkr, name: "ibkr-oauth1", mode: "oauth1", start: "none", consumer });
	const oauth2Venue = new IbkrVenue({ ...options.ibkr, name: "ibkr-oauth2", mode: "oauth2", start: "none", client });
	// Cast: what the fault returns, as its class describes it.
	const issued = oauth1Venue.faults.issue({}) as { token: string; secret: string };
	const [ibkrOauth1, ibkrOauth2] = [new Link(oauth1Venue), new Link(oauth2Venue)];
	const bybit = new Link(new BybitVenue({ ...credentials.bybit, ...options.bybit }));
	const opened: Pick<Served, "close">[] = [];
	const open = async <T extends Pick<Served, "close">>(starting: Promise<T>): Promise<T> => {
		const each = await starting;
		opened.push(each);
		return each;
	};
	const deribitServed = await open(serve(deribit));
	const ibkrServed = await open(serve(ibkr, { tls: certificate }));
	const oauth1Served = await open(serve(ibkrOauth1));
	const oauth2Served = await open(serve(ibkrOauth2));
	const bybitServed = await open(serve(bybit));
	const control = await open(serveControl([deribit, ibkr, ibkrOauth1, ibkrOauth2, bybit]));
	return {
		addresses: {
			deribit: { http: `${deribitServed.http}/api/v2`, ws: `${deribitServed.ws}/ws/api/v2` },
			ibkr: { http: `${ibkrServed.http}/v1/api`, ws: `${ibkrServed.ws}/v1/api/ws`, ca },
			ibkrOauth1: { http: `${oauth1Served.http}/v1/api`, ws: `${oauth1Served.ws}/v1/api/ws` },
			ibkrOauth2: {
				http: `${oauth2Served.http}/v1/api`,
				ws: `${oauth2Served.ws}/v1/api/ws`,
				origin: oauth2Served.http,
			},
			bybit: { http: bybitServed.http, ws: `${bybitServed.ws}/v5/private` },
			control: control.url,
			credentials: { ...credentials, ibkrOauth1: keys.oauth1(issued), ibkrOauth2: keys.oauth2 },
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
