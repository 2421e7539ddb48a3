import type { Closed, Protection } from "@x/keepalive";
import type { SimOrder } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { World } from "../world/world.ts";
import { OrderInvariants } from "./order-invariants.ts";

const epoch = 1_000_000_000;
const armed: Protection = { state: "armed", scope: "", exposureMs: 1_000, verifiedAt: epoch };
const cancelled: Closed = { orders: "cancelled", withinMs: 10_000, detail: "" };

/** The invariants of a session that was closed with the promise to cancel its open order within 10 s. */
function closedSession() {
	const world = new World(epoch);
	const journal = new Journal(() => world.now);
	const setup = {
		name: "bybit",
		truth: () => "yes" as const,
		unheardMs: () => undefined,
		isSavedByReturn: false,
	} as const;
	const orders = new OrderInvariants(setup, world, journal);
	// The cast is safe: the invariants read only this member.
	orders.placed({ state: "open" } as SimOrder, armed);
	orders.left(cancelled, true);
	return { world, orders, rules: () => journal.violations.map(({ rule }) => rule) };
}

describe("OrderInvariants", () => {
	it("OrderInvariants reports orders that are still open after the time that the close promised", async () => {
		const { world, rules } = closedSession();
		await world.run(60_000);
		expect(rules()).toEqual(["h-promised-cancel"]);
	});

	it("OrderInvariants reports nothing if the protection ended after the close, which the session could not know", async () => {
		const { world, orders, rules } = closedSession();
		orders.voidPromises();
		await world.run(60_000);
		expect(rules()).toEqual([]);
	});
});
