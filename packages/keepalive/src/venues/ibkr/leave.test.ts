import type { IbkrVenueOptions } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import type { IbkrSessionOptions } from "./index.ts";
import { Stage, settled, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

async function opened(venueOptions: IbkrVenueOptions = {}, options: IbkrSessionOptions = {}): Promise<Stage> {
	const stage = new Stage(venueOptions, options);
	await stage.open();
	return stage;
}

describe("close() of an IbkrSession", () => {
	it("close() keeps the orders, and at a gateway also the login", async () => {
		const stage = await opened();
		stage.trigger("place");
		const left = await stage.session.close("keep");
		expect(left).toEqual({ orders: "kept", detail: expect.stringContaining("keep working") });
		expect(stage.venue.truth()).toMatchObject({ loggedIn: true, openOrders: 1 });
		expect(stage.session.handle).toBeUndefined();
		expect(stage.session.layers).toMatchObject({ alive: false, brokerage: { reason: "the session was closed" } });
	});

	it("close() with logoutOnClose logs out, and reports 'refused' if asked to cancel the orders, because IBKR cancels none", async () => {
		const stage = await opened({}, { logoutOnClose: true });
		stage.trigger("place");
		expect(await stage.session.close("cancel")).toEqual({
			orders: "refused",
			detail: expect.stringContaining("logged out; IBKR cancels no orders"),
		});
		expect(stage.venue.truth()).toMatchObject({ loggedIn: false, openOrders: 1 });
		expect(await stage.session.close("cancel")).toMatchObject({ orders: "refused" });
	});

	it("close() waits for the reply to the logout for at most 8 000 ms", async () => {
		const stage = await opened({}, { logoutOnClose: true });
		stage.trigger("partition");
		const closed = await settled(stage.session.close("keep"), 8_000);
		expect(closed).toEqual({ orders: "kept", detail: expect.stringContaining("was not answered") });
	});

	it("close() sends no logout after a 429", async () => {
		const stage = await opened({}, { logoutOnClose: true });
		stage.trigger("answer", { status: 429 });
		await stage.beatError();
		const before = stage.venue.received.length;
		expect(await stage.session.close("keep")).toMatchObject({
			detail: expect.stringContaining("not sent, because IBKR blocks this IP address (429)"),
		});
		expect(stage.venue.received).toHaveLength(before);
	});
});
