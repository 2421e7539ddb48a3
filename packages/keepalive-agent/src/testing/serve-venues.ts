import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	BybitVenue,
	type BybitVenueOptions,
	DeribitVenue,
	type DeribitVenueOptions,
	IbkrVenue,
	type IbkrVenueOptions,
	Link,
	selfSignedCertificate,
	serve,
} from "@x/venue-sims";

/** Credentials of the simulated venues. None of them may appear in any output of the agent. */
export const secrets = {
	DERIBIT_CLIENT_ID: "planted-deribit-id",
	DERIBIT_CLIENT_SECRET: "planted-deribit-secret",
	BYBIT_API_KEY: "planted-bybit-key",
	BYBIT_API_SECRET: "planted-bybit-secret",
	KEEPALIVE_TOKEN: "planted-token",
} as const;

/** Matches every secret of the tests, and everything else that must stay as private as a secret. */
export const planted = /planted/;

export interface VenueOptions {
	readonly deribit?: DeribitVenueOptions;
	readonly bybit?: BybitVenueOptions;
	readonly ibkr?: IbkrVenueOptions;
}

/** Serves the three venues on 127.0.0.1, and writes a configuration with a session at each. */
export async function serveVenues(options: VenueOptions = {}) {
	const folder = mkdtempSync(join(tmpdir(), "keepalive-agent-"));
	const { DERIBIT_CLIENT_ID: clientId, DERIBIT_CLIENT_SECRET: clientSecret } = secrets;
	const deribit = new DeribitVenue({ clientId, clientSecret, ...options.deribit });
	const { BYBIT_API_KEY: apiKey, BYBIT_API_SECRET: apiSecret } = secrets;
	const bybit = new BybitVenue({ apiKey, apiSecret, settleMs: 0, ...options.bybit });
	const ibkr = new IbkrVenue({ accounts: ["planted-account"], userName: "planted-user", ...options.ibkr });
	const links = { deribit: new Link(deribit), bybit: new Link(bybit), ibkr: new Link(ibkr) };
	const certificate = await selfSignedCertificate();
	writeFileSync(join(folder, "gateway.pem"), certificate.cert);
	writeFileSync(join(folder, "bybit-secret"), `${apiSecret}\n`);
	const served = {
		deribit: await serve(links.deribit),
		bybit: await serve(links.bybit),
		ibkr: await serve(links.ibkr, { tls: certificate }),
	};
	const sessions = {
		deribit: `  hedge:
    venue: deribit
    cancelScope: account
    client:
      url: ${served.deribit.ws}/ws/api/v2
      credentials: { clientId: "env:DERIBIT_CLIENT_ID", clientSecret: "env:DERIBIT_CLIENT_SECRET" }
`,
		bybit: `  maker:
    venue: bybit
    products: [DERIVATIVES]
    client:
      restUrl: ${served.bybit.http}
      wsUrl: ${served.bybit.ws}/v5/private
      apiKey: env:BYBIT_API_KEY
      apiSecretFile: bybit-secret
`,
		ibkr: `  broker:
    venue: ibkr
    client: { baseUrl: "${served.ibkr.http}/v1/api" }
    gateway: { caFile: gateway.pem }
`,
	};
	const file = join(folder, "keepalive.yaml");
	return {
		folder,
		file,
		deribit,
		bybit,
		ibkr,
		links,
		/**
		 * Writes a configuration with these sessions, and returns its path. The text `top` is added before the sessions, and the text `last` to
		 * the last session.
		 */
		configure(venues: readonly (keyof typeof sessions)[], top = "", last = ""): string {
			const text = `ordersOnStop: keep\nhttp: { port: 0, token: "env:KEEPALIVE_TOKEN" }\n${top}sessions:\n`;
			writeFileSync(file, text + venues.map((venue) => sessions[venue]).join("") + last);
			return file;
		},
		async close(): Promise<void> {
			await Promise.all(Object.values(served).map((each) => each.close()));
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
