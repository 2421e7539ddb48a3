import { readFileSync } from "node:fs";
import { gatewayFetch } from "@x/ibkr-session/gateway";
import { keepalive } from "@x/keepalive";
import { bybit } from "@x/keepalive/bybit";
import { deribit } from "@x/keepalive/deribit";
import { ibkr } from "@x/keepalive/ibkr";
import { serveVenues } from "@x/venue-sims";

/** The times that the simulated venues shorten for the demo. All other times are those of the real venues. */
const venueClocks = {
	bybit: { idleLimitOverrideMs: 1_000, idleScanMs: 250, settleMs: 300 },
	ibkr: { loadMs: 300 },
};

/** The explanation of how to read the output. */
export const legend = [
	"armed        the venue confirmed that it cancels the working orders when this process dies",
	"unknown      nothing confirms it right now: treat the orders as unprotected",
	"unsupported  the venue has no such protection (IBKR): it cancels no order. Those held by an exchange keep working;",
	"             those that IBKR simulates, such as stops at many exchanges, wait during a reset of IBKR",
	"exposure     the longest time from the death of this process, or of its network, to that cancel",
];

/** The explanation of which times are shorter in the demo than in production. */
export const shortened = [
	"Shortened for this demo; the exposures shown are those of the real venues' clocks:",
	"- Bybit's simulator ends a silent socket after 1 s and looks every 0.25 s (venue: 30 s each); a new window applies after 0.3 s (venue: about 10 s).",
	"- Bybit's window is 3 s, the venue's shortest. It is pinged every 1 s, with 0.7 s for the pong.",
	"- IBKR's brokerage session loads in 0.3 s and is tickled every 1.5 s (venue's pace: 60 s). It times out on request.",
	"- The keeper waits at most 1 s between attempts and forgets failures after 1 s alive (default: 30 s each).",
];

/** The simulators, the sessions and the keeper. */
export type Stage = Awaited<ReturnType<typeof setStage>>;

export async function setStage() {
	const sims = await serveVenues(venueClocks);
	const { addresses } = sims;
	const gateway = gatewayFetch({ baseUrl: addresses.ibkr.http, ca: readFileSync(addresses.ibkr.ca, "utf8") });
	const deribitClient = { url: addresses.deribit.ws, credentials: addresses.credentials.deribit };
	const deribitSession = deribit({ client: deribitClient });
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
	// These times are shorter than the defaults. The defaults suit outages of minutes, but in the demo a fault occurs every few seconds.
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
