import { mkdtempDisposableSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	BybitVenue,
	type BybitVenueOptions,
	DeribitVenue,
	IbkrVenue,
	type IbkrVenueOptions,
	Link,
	selfSignedCertificate,
	serve,
	serveControl,
} from "@x/venue-sims";

import { makeOAuthKeys } from "./make-oauth-keys.ts";

/** The simulators with their servers. */
export type Sims = Awaited<ReturnType<typeof startSims>>;

/** Addresses and credentials of the simulators: the first line that `npm run sims` prints. */
export type SimAddresses = Sims["addresses"];

const credentials = {
	deribit: { clientId: "demo-client", clientSecret: "demo-client-secret" },
	bybit: { apiKey: "demo-key", apiSecret: "demo-key-secret" },
};

/**
 * Starts the three simulated venues on 127.0.0.1, IBKR once for each way to log in, and the control server that triggers faults.
 * The addresses include the paths of the APIs.
 */
export async function startSims(
	options: { ibkr?: Partial<IbkrVenueOptions>; bybit?: Partial<BybitVenueOptions> } = {},
) {
	const certificate = await selfSignedCertificate();
	const folder = mkdtempDisposableSync(join(tmpdir(), "venue-sims-"));
	const ca = join(folder.path, "ibkr-gateway.pem");
	writeFileSync(ca, certificate.cert);

	const deribit = new Link(new DeribitVenue(credentials.deribit));
	const ibkr = new Link(new IbkrVenue(options.ibkr));
	const keys = await makeOAuthKeys();
	const { consumer, oauth2Client: client } = keys;
	const oauth1Venue = new IbkrVenue({ ...options.ibkr, name: "ibkr-oauth1", mode: "oauth1", start: "none", consumer });
	const oauth2Venue = new IbkrVenue({ ...options.ibkr, name: "ibkr-oauth2", mode: "oauth2", start: "none", client });
	// The cast is safe: the simulated venue documents this type as the result of its fault `issue`.
	const issued = oauth1Venue.faults.issue({}) as { token: string; secret: string };
	const [ibkrOauth1, ibkrOauth2] = [new Link(oauth1Venue), new Link(oauth2Venue)];
	const bybit = new Link(new BybitVenue({ ...credentials.bybit, ...options.bybit }));
	const served = await Promise.all([
		serve(deribit),
		serve(ibkr, { tls: certificate }),
		serve(ibkrOauth1),
		serve(ibkrOauth2),
		serve(bybit),
	]);
	const [deribitServed, ibkrServed, oauth1Served, oauth2Served, bybitServed] = served;
	const control = await serveControl([deribit, ibkr, ibkrOauth1, ibkrOauth2, bybit]);
	const close = async (): Promise<void> => {
		for (const each of [...served, control]) await each.close();
		folder.remove();
	};
	return {
		addresses: {
			deribit: { http: `${deribitServed.http}/api/v2`, ws: `${deribitServed.ws}/ws/api/v2` },
			/** `ca` is the path of the gateway's certificate, a PEM file. Like the certificate of the real gateway, it is self-signed. */
			ibkr: { http: `${ibkrServed.http}/v1/api`, ws: `${ibkrServed.ws}/v1/api/ws`, ca },
			/** A second IBKR simulator, whose clients log in by OAuth 1.0a. */
			ibkrOauth1: { http: `${oauth1Served.http}/v1/api`, ws: `${oauth1Served.ws}/v1/api/ws` },
			/** A third IBKR simulator, whose clients log in by OAuth 2.0. `origin` is the base of the token calls. */
			ibkrOauth2: {
				http: `${oauth2Served.http}/v1/api`,
				ws: `${oauth2Served.ws}/v1/api/ws`,
				origin: oauth2Served.http,
			},
			bybit: { http: bybitServed.http, ws: `${bybitServed.ws}/v5/private` },
			/** The address of the control server, over which a program lists orders and triggers faults as JSON over HTTP. */
			control: control.url,
			/** The credentials for each simulator. The OAuth credentials are created anew at each start. */
			credentials: { ...credentials, ibkrOauth1: keys.oauth1(issued), ibkrOauth2: keys.oauth2 },
		},
		deribit,
		ibkr,
		bybit,
		close,
		[Symbol.asyncDispose]: close,
	};
}
