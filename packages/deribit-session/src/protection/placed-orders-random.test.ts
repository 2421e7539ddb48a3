import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { expect, it } from "vitest";
import { DeribitCredits } from "../limits/credit-rate-limiter.ts";
import { connectDeribit } from "../socket/connect.ts";
import type { DeribitConnection } from "../socket/connection.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;

/** Random integers from 0 to `below` - 1 (a linear congruential generator). The same seed gives the same integers. */
function randomIntegers(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/**
 * Opens two connections of one account. Only the connection `listening` is subscribed to the account's orders and
 * trades. The connection `deaf` has no subscription.
 */
async function connectTwo() {
	const venue = new DeribitVenue({ creditPool: 1e9, subscribePool: 1e9 });
	const link = new Link(venue);
	const open = async (): Promise<DeribitConnection> => {
		const credits = new DeribitCredits({ pool: 1e9, perSecond: 1e9 });
		const connection = await connectDeribit({ WebSocket: memoryWebSocket(link), credits });
		await connection.authenticate({ clientId, clientSecret });
		await connection.request("private/enable_cancel_on_disconnect");
		return connection;
	};
	const [listening, deaf] = [await open(), await open()];
	await listening.subscribe(["user.orders.any.any.raw", "user.trades.any.any.raw"]);
	return { venue, link, listening, deaf };
}

it("DeribitConnection.openOrderIds includes each order that cancel-on-disconnect would cancel, in 60 random scenarios", async () => {
	const seen = { open: 0, listed: 0, triggered: 0 };
	for (let seed = 1; seed <= 60; seed += 1) {
		const random = randomIntegers(seed);
		const { venue, link, listening, deaf } = await connectTwo();
		const connections = [listening, deaf];
		const pick = <T>(from: readonly T[]): T => from[random(from.length)] ?? expect.fail("nothing to pick from");
		const instruments = ["BTC-PERPETUAL", "ETH-PERPETUAL"];
		const openIds = (): string[] => venue.orders().flatMap(({ id, state }) => (state === "open" ? [id] : []));
		const someId = (): string => (openIds().length > 0 ? pick(openIds()) : "none");
		const call = (method: string, params: Record<string, unknown>) =>
			pick(connections)
				.call(`private/${method}`, params)
				.catch(() => undefined);
		const place = (more: object) =>
			call(pick(["buy", "sell"]), { instrument_name: pick(instruments), amount: 10, label: pick(["a", "b"]), ...more });
		const actions: (() => unknown)[] = [
			() => place({ type: "limit" }),
			() => place({ type: "limit" }),
			() => place({ type: "stop_market", trigger_price: 1, trigger: "last_price" }),
			// This stop order places a limit order at a price that keeps the limit order open in the book.
			() => {
				const terms = { type: "stop_limit", price: 1, trigger_price: 2, trigger: "last_price" };
				return call("buy", { instrument_name: pick(instruments), amount: 10, label: pick(["a", "b"]), ...terms });
			},
			() => call("edit", { order_id: someId(), amount: 20, price: 1 }),
			() => call("cancel", { order_id: someId() }),
			() => call("cancel_all", {}),
			() => call("cancel_all_by_instrument", { instrument_name: pick(instruments) }),
			() => call("cancel_all_by_currency", { currency: pick(["BTC", "ETH"]) }),
			() => call("cancel_by_label", { label: pick(["a", "b"]) }),
			() => call("cancel_quotes", { cancel_type: "all" }),
			() => {
				// A quote replaces the quote of the same quote set, even if another connection sent that quote. Therefore each
				// connection uses its own quote set.
				const index = random(2);
				const bid = [{ price: 1, amount: 10 }];
				const quotes = [{ instrument_name: pick(instruments), quote_set_id: `set-${index}`, bid }];
				return connections[index]?.call("private/mass_quote", {
					detailed: true,
					quote_id: "1",
					mmp_group: "group",
					quotes,
				});
			},
			() => {
				try {
					link.faults.fill({});
				} catch {
					// Ignored: the fault `fill` of the simulator throws when there is no order to fill.
				}
			},
			() => {
				try {
					link.faults.triggerStop({});
					seen.triggered += 1;
				} catch {
					// Ignored: the fault `triggerStop` of the simulator throws when there is no stop order.
				}
			},
		];
		for (let step = 0; step < 60; step += 1) {
			// Several calls overlap, so that their replies and notifications are interleaved.
			await Promise.all(Array.from({ length: 1 + random(3) }, () => pick(actions)()));
			// A connection without subscriptions learns of an order placed by a stop order only by reading the open orders.
			await deaf.call("private/get_open_orders");
			for (const [index, connection] of connections.entries()) {
				const own = venue.orders().filter((order) => order.connection === `connection-${index + 1}`);
				const open = own.flatMap(({ id, state }) => (state === "open" ? [id] : []));
				const listed = connection.openOrderIds;
				expect({ seed, step, index, missing: open.filter((id) => !listed.includes(id)) }).toMatchObject({
					missing: [],
				});
				// An order of the other connection must never be listed.
				expect(listed.filter((id) => !own.some((order) => order.id === id))).toEqual([]);
				if (index === 0) expect({ seed, step, listed: [...listed].sort() }).toMatchObject({ listed: open.sort() });
				seen.open += open.length;
				seen.listed += listed.length;
			}
		}
		link.close();
	}
	expect(seen.open).toBeGreaterThan(1_000);
	expect(seen.triggered).toBeGreaterThan(50);
});
