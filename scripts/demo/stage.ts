import { readFileSync } from "node:fs";
import type { DeribitConnection } from "@x/deribit-session";
import { type GatewayFetch, gatewayFetch } from "@x/ibkr-session/gateway";
import { type Keeper, keepalive, type Session } from "@x/keepalive";
import { bybit } from "@x/keepalive/bybit";
import { deribit } from "@x/keepalive/deribit";
import { ibkr } from "@x/keepalive/ibkr";
import { type Sims, startSims } from "../start-sims.ts";

/**
 * Timeouts that are shortened for the demo. Everything else runs
 * with the venues' own timing.
 */
const venueClocks = {
	bybit: { idleLimitOverrideMs: 1_000, idleScanMs: 250, settleMs: 300 },
	ibkr: { loadMs: 300 },
};

export const shortened = [
	"Bybit's simulator cuts a silent socket after 1 s (venue: 30 s, as asked for by max_active_time), looks every 0.25 s (venue: 30 s)",
	"and applies a new window after 0.3 s (venue: about 10 s). Its window is the venue's shortest, 3 s.",
	"IBKR's brokerage session loads in 0.3 s, is tickled every 1.5 s (venue's pace: 60 s) and idles out when its clock is set forward by hand.",
	"The keeper waits 1 s at most between attempts (default: 30 s) and forgets earlier failures after 1 s alive (default: 30 s).",
	"The exposures shown are those of the real venues' clocks.",
];

/** The simulators, the sessions and the keeper. */
export interface Stage {
	readonly sims: Sims;
	readonly keeper: Keeper;
	readonly deribit: Session<DeribitConnection>;
	close(): Promise<void>;
}

export async function setStage(): Promise<Stage> {
	const sims = await startSims(venueClocks);
	const { addresses } = sims;
	const gateway: GatewayFetch = gatewayFetch({
		baseUrl: addresses.ibkr.http,
		ca: readFileSync(addresses.ibkr.ca, "utf8"),
	});
	const deribitSession = deribit({
		client: { url: addresses.deribit.ws, credentials: addresses.credentials.deribit },
		intervalSeconds: 10,
	});
	const ibkrSession = ibkr({
		client: { baseUrl: addresses.ibkr.http, fetch: gateway },
		tickleMs: 1_500,
		yieldMs: 700,
		pollMs: 500,
	});
	const bybitSession = bybit({
		client: { ...addresses.credentials.bybit, restUrl: addresses.bybit.http, wsUrl: addresses.bybit.ws },
		products: ["DERIVATIVES"],
		windowSeconds: 3,
		settleMs: 500,
		pingMs: 1_000,
		pongTimeoutMs: 700,
		callTimeoutMs: 1_000,
	});
	// The defaults are for outages of minutes; here faults come every few seconds.
	const keeper = keepalive([deribitSession, ibkrSession, bybitSession], {
		stableMs: 1_000,
		backoff: { baseMs: 500, capMs: 1_000 },
	});
	return {
		sims,
		keeper,
		deribit: deribitSession,
		close: async () => {
			await keeper.stop({ orders: "cancel" });
			gateway.close();
			await sims.close();
		},
	};
}
