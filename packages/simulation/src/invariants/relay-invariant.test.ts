import type { SimOrder } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { Route } from "../network/simulated-route.ts";
import type { Truth, VenueSetup } from "../venues/venue-setup.ts";
import { World } from "../world/world.ts";
import { RelayInvariant } from "./relay-invariant.ts";

/** A venue with one open order of a bot, and the rules that were violated so far. */
function watched() {
	const world = new World(0);
	const journal = new Journal(() => world.now);
	const state = { truth: "yes" as Truth, unheardMs: 0 as number | undefined, isCalm: true };
	const order = { id: "1", state: "open", label: "maker.1.0" };
	// The casts are safe: the invariant uses only these members of a venue and of an order.
	const setup = {
		name: "deribit",
		route: new Route("deribit", world, journal, () => 0, 0),
		venue: { orders: () => [order as unknown as SimOrder] },
		truth: () => state.truth,
		unheardMs: () => state.unheardMs,
	} as unknown as VenueSetup;
	const invariant = new RelayInvariant(setup, world, journal, () => state.isCalm);
	const checkAt = async (at: number): Promise<readonly string[]> => {
		await world.run(at);
		invariant.checkDeadlines();
		return journal.violations.map(({ rule }) => rule);
	};
	return { invariant, order, state, checkAt, rules: () => journal.violations.map(({ rule }) => rule) };
}

const maker = { prefix: "maker.1.", since: 0 } as const;
const frame = (method: string): string => `{"jsonrpc":"2.0","id":1,"method":"${method}","params":{}}`;

describe("RelayInvariant for orders that are sent", () => {
	it.each(["private/buy", "private/sell", "private/edit", "private/mass_quote"])(
		"RelayInvariant reports an order call %s only if the keeper would have refused the order",
		(method) => {
			const { invariant, rules } = watched();
			invariant.frameSent(frame(method), () => true);
			expect(rules()).toEqual([]);
			invariant.frameSent(frame(method), () => false);
			expect(rules()).toEqual(["r-order-unarmed"]);
		},
	);

	it.each(["private/cancel", "private/get_open_orders", "public/test"])(
		"RelayInvariant does not report %s, which places no order",
		(method) => {
			const { invariant, rules } = watched();
			invariant.frameSent(frame(method), () => false);
			expect(rules()).toEqual([]);
		},
	);
});

describe("RelayInvariant for the orders of a dead bot", () => {
	it("RelayInvariant reports an order that is open 35 s after the death of its bot, and not earlier", async () => {
		const { invariant, checkAt } = watched();
		invariant.died(maker);
		expect(await checkAt(34_999)).toEqual([]);
		expect(await checkAt(35_000)).toEqual(["r-outlived"]);
	});

	it("RelayInvariant reports nothing when the order was cancelled, or was placed over another connection", async () => {
		const cancelled = watched();
		cancelled.invariant.died(maker);
		cancelled.order.state = "cancelled";
		expect(await cancelled.checkAt(35_000)).toEqual([]);
		const other = watched();
		other.invariant.died({ prefix: "maker.2.", since: 0 });
		expect(await other.checkAt(35_000)).toEqual([]);
	});

	it("RelayInvariant reports an open order only when no fault is in effect and the connection of the order is alive", async () => {
		const { invariant, state, checkAt } = watched();
		invariant.died(maker);
		state.isCalm = false;
		expect(await checkAt(60_000)).toEqual([]);
		state.isCalm = true;
		expect(await checkAt(60_001)).toEqual(["r-outlived"]);
		const silent = watched();
		silent.invariant.died(maker);
		silent.state.unheardMs = 10_000;
		expect(await silent.checkAt(60_000)).toEqual([]);
	});

	it("RelayInvariant reports no orders of a dead bot if the protection was off while the bot was connected, or if the relay's process has ended", async () => {
		const off = watched();
		off.state.truth = "off";
		off.invariant.look(() => [maker]);
		off.state.truth = "yes";
		off.invariant.died(maker);
		expect(await off.checkAt(60_000)).toEqual([]);
		const ended = watched();
		ended.invariant.died(maker);
		ended.invariant.processEnded();
		expect(await ended.checkAt(60_000)).toEqual([]);
	});

	it("RelayInvariant reports that the relay ended its connection to the venue only if no fault occurred since the dead bot connected", () => {
		const { invariant, state, rules } = watched();
		invariant.connectionEnded("maker", "no bot has died");
		state.isCalm = false;
		invariant.died(maker);
		invariant.connectionEnded("maker", "after a fault");
		invariant.connectionEnded("taker", "another bot");
		expect(rules()).toEqual([]);
		state.isCalm = true;
		invariant.connectionEnded("maker", "without a fault");
		expect(rules()).toEqual(["r-ended-for-nothing"]);
	});

	it("RelayInvariant does not report that the relay ended its connection if a fault occurred during an earlier connection of the dead bot", async () => {
		const world = new World(0);
		const journal = new Journal(() => world.now);
		await world.run(600_000);
		// The cast is safe: no member of the venue is used. The last fault ended 100 s ago.
		const invariant = new RelayInvariant({ name: "deribit" } as VenueSetup, world, journal, (ms) => ms <= 100_000);
		invariant.died({ prefix: "maker.1.", since: 550_000 });
		invariant.died({ prefix: "maker.2.", since: 599_000 });
		invariant.connectionEnded("maker", "an order without a reply");
		expect(journal.violations).toEqual([]);
	});
});
