/**
 * A program without a logger, for a test of what such a program prints. Its sessions at all venues open, lose their connections
 * and recover; one session stops for good, one is blocked, and then the keeper stops. The program reports what happened only
 * over the IPC channel to its parent process.
 */
import { BybitVenue, DeribitVenue, IbkrVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { keepalive } from "../keeper.ts";
import { bybit } from "../venues/bybit/index.ts";
import { deribit } from "../venues/deribit/index.ts";
import { ibkr } from "../venues/ibkr/index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const key = { apiKey: "key", apiSecret: "secret" };
const deribitLink = new Link(new DeribitVenue());
const bybitLink = new Link(new BybitVenue({ ...key, settleMs: 0 }));
const ibkrLink = new Link(new IbkrVenue({ loadMs: 0 }));
const lockedLink = new Link(new IbkrVenue({ start: "none" }));
const links = [deribitLink, bybitLink, ibkrLink, lockedLink];
const WebSocket = memoryWebSocket(deribitLink);

const keeper = keepalive(
	[
		deribit({ client: { credentials: { clientId, clientSecret }, WebSocket } }),
		deribit({ name: "refused", client: { credentials: { clientId, clientSecret: "wrong" }, WebSocket } }),
		bybit({
			client: { ...key, fetch: memoryFetch(bybitLink), WebSocket: memoryWebSocket(bybitLink) },
			products: ["DERIVATIVES"],
			windowSeconds: 10,
		}),
		ibkr({ client: { fetch: memoryFetch(ibkrLink) } }),
		ibkr({ name: "locked", client: { fetch: memoryFetch(lockedLink) } }),
	],
	{ backoff: { baseMs: 100, capMs: 500 } },
);
/** Waits until a condition is met. If this takes too long, the test ends the program. */
const until = async (isReached: () => boolean): Promise<void> => {
	while (!isReached()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const isIn = (name: string, state: string): boolean => keeper.current(name).status.state === state;
await until(() => ["deribit", "bybit", "ibkr"].every((name) => isIn(name, "alive")));
await until(() => isIn("refused", "stopped") && isIn("locked", "blocked"));
deribitLink.drop();
bybitLink.drop();
await until(() => ["deribit", "bybit"].every((name) => keeper.current(name).tally.recoveries === 1));
await keeper.stop({ orders: "cancel" });
for (const link of links) link.close();
process.send?.(keeper.snapshot());
process.disconnect?.();
