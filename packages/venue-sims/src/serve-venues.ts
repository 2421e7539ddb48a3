import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BybitFault, BybitVenue, type BybitVenueOptions } from "./bybit.ts";
import { selfSignedCertificate } from "./certificate.ts";
import { serveControl } from "./control-server.ts";
import { type DeribitFault, DeribitVenue, type DeribitVenueOptions } from "./deribit.ts";
import { createIbkrSimKeys, type IbkrSimOAuth1, type IbkrSimOAuth2 } from "./ibkr/oauth-keys.ts";
import { type IbkrFault, IbkrVenue, type IbkrVenueOptions } from "./ibkr.ts";
import { Link } from "./network-link.ts";
import { type Served, serve } from "./serve-venue.ts";

/** The addresses of one API of a served venue, with the path of the API: over HTTP and as a WebSocket. */
export interface VenueAddress {
	readonly http: string;
	readonly ws: string;
}

/** The addresses and credentials of the venues that {@link serveVenues} serves, as plain data that can be converted to JSON. */
export interface VenueAddresses {
	readonly deribit: VenueAddress;
	/** `ca` is the path of the gateway's certificate, a PEM file. Like the certificate of the real gateway, it is self-signed. */
	readonly ibkr: VenueAddress & { readonly ca: string };
	/** A second simulated IBKR, whose clients log in by OAuth 1.0a. */
	readonly ibkrOauth1: VenueAddress;
	/** A third simulated IBKR, whose clients log in by OAuth 2.0. `origin` is the base of the token calls. */
	readonly ibkrOauth2: VenueAddress & { readonly origin: string };
	/** The base URL of Bybit's HTTP calls, without a path, and the address of its private WebSocket. */
	readonly bybit: VenueAddress;
	/** The address of the control server, over which a program lists orders and triggers faults (see {@link serveControl}). */
	readonly control: string;
	/** The credentials for each venue. Those for OAuth are created anew at each call of {@link serveVenues}. */
	readonly credentials: {
		readonly deribit: { readonly clientId: string; readonly clientSecret: string };
		readonly bybit: { readonly apiKey: string; readonly apiSecret: string };
		readonly ibkrOauth1: IbkrSimOAuth1;
		readonly ibkrOauth2: IbkrSimOAuth2;
	};
}

/** The venues that {@link serveVenues} serves, until they are closed. */
export interface ServedVenues extends AsyncDisposable {
	readonly addresses: VenueAddresses;
	/** The addresses and credentials as environment variables, with the names that the programs of the READMEs read. */
	readonly environment: Readonly<Record<string, string>>;
	readonly deribit: Link<DeribitFault>;
	/** IBKR behind its gateway. */
	readonly ibkr: Link<IbkrFault>;
	readonly bybit: Link<BybitFault>;
	/** Closes the venues, the control server and all sockets, and removes the certificate's file. */
	close(): Promise<void>;
}

/** The credentials of the venues, unless the options name others. */
const demo = {
	deribit: { clientId: "demo-client", clientSecret: "demo-client-secret" },
	bybit: { apiKey: "demo-key", apiSecret: "demo-key-secret" },
};

/**
 * Serves the three simulated venues on 127.0.0.1, IBKR once for each way to log in, and one control server for all of them. The control
 * server names the venues `deribit`, `ibkr`, `ibkr-oauth1`, `ibkr-oauth2` and `bybit`. The system chooses the ports. Takes about a second,
 * because the keys of OAuth are created.
 *
 * @param options - options of the venues. Those of `ibkr` apply to all three simulated IBKR.
 */
export async function serveVenues(
	options: {
		readonly deribit?: Partial<DeribitVenueOptions>;
		readonly ibkr?: Partial<IbkrVenueOptions>;
		readonly bybit?: Partial<BybitVenueOptions>;
	} = {},
): Promise<ServedVenues> {
	const [certificate, keys] = await Promise.all([selfSignedCertificate(), createIbkrSimKeys()]);
	// The folder is made before anything is served, so that nothing is left to close if that fails.
	const folder = mkdtempSync(resolve(tmpdir(), "venue-sims-"));
	const ca = join(folder, "ibkr-gateway.pem");
	writeFileSync(ca, certificate.cert);
	const { consumer, client } = keys;
	const deribitOptions = { ...demo.deribit, ...options.deribit };
	const bybitOptions = { ...demo.bybit, ...options.bybit };
	const deribit = new Link(new DeribitVenue(deribitOptions));
	const ibkr = new Link(new IbkrVenue(options.ibkr));
	const bybit = new Link(new BybitVenue(bybitOptions));
	const oauth1Venue = new IbkrVenue({ ...options.ibkr, name: "ibkr-oauth1", mode: "oauth1", start: "none", consumer });
	const oauth2Venue = new IbkrVenue({ ...options.ibkr, name: "ibkr-oauth2", mode: "oauth2", start: "none", client });
	// The cast is safe: `IbkrVenue` documents this type as the result of its fault `issue`.
	const issued = oauth1Venue.faults.issue({}) as { token: string; secret: string };
	const [ibkrOauth1, ibkrOauth2] = [new Link(oauth1Venue), new Link(oauth2Venue)];
	const served = await Promise.all([
		serve(deribit),
		serve(ibkr, { tls: certificate }),
		serve(ibkrOauth1),
		serve(ibkrOauth2),
		serve(bybit),
	]);
	const control = await serveControl([deribit, ibkr, ibkrOauth1, ibkrOauth2, bybit]);
	const [deribitServed, ibkrServed, oauth1Served, oauth2Served, bybitServed] = served;
	const addresses: VenueAddresses = {
		deribit: { http: `${deribitServed.http}/api/v2`, ws: `${deribitServed.ws}/ws/api/v2` },
		ibkr: { ...ibkrApi(ibkrServed), ca },
		ibkrOauth1: ibkrApi(oauth1Served),
		ibkrOauth2: { ...ibkrApi(oauth2Served), origin: oauth2Served.http },
		bybit: { http: bybitServed.http, ws: `${bybitServed.ws}/v5/private` },
		control: control.url,
		credentials: {
			deribit: { clientId: deribitOptions.clientId, clientSecret: deribitOptions.clientSecret },
			bybit: { apiKey: bybitOptions.apiKey, apiSecret: bybitOptions.apiSecret },
			ibkrOauth1: keys.oauth1(issued),
			ibkrOauth2: keys.oauth2,
		},
	};
	const close = async (): Promise<void> => {
		await Promise.all([...served, control].map((each) => each.close()));
		rmSync(folder, { recursive: true, force: true });
	};
	return {
		addresses,
		environment: environmentOf(addresses),
		deribit,
		ibkr,
		bybit,
		close,
		[Symbol.asyncDispose]: close,
	};
}

const ibkrApi = ({ http, ws }: Served): VenueAddress => ({ http: `${http}/v1/api`, ws: `${ws}/v1/api/ws` });

function environmentOf(sims: VenueAddresses): Record<string, string> {
	return {
		CONTROL_URL: sims.control,
		DERIBIT_HTTP_URL: sims.deribit.http,
		DERIBIT_WS_URL: sims.deribit.ws,
		DERIBIT_CLIENT_ID: sims.credentials.deribit.clientId,
		DERIBIT_CLIENT_SECRET: sims.credentials.deribit.clientSecret,
		IBKR_URL: sims.ibkr.http,
		IBKR_CA: sims.ibkr.ca,
		IBKR_OAUTH_URL: sims.ibkrOauth1.http,
		IBKR_OAUTH_KEYS: JSON.stringify(sims.credentials.ibkrOauth1),
		BYBIT_REST_URL: sims.bybit.http,
		BYBIT_WS_URL: sims.bybit.ws,
		BYBIT_API_KEY: sims.credentials.bybit.apiKey,
		BYBIT_API_SECRET: sims.credentials.bybit.apiSecret,
	};
}
