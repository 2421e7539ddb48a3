import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function keep() {
	const venue = new DeribitVenue();
	const link = new Link(venue);
	const keeper = keepalive([deribit({ clientId, clientSecret, WebSocket: memoryWebSocket(link) })]);
	const states: string[] = [];
	keeper.onStatus(({ status }) => {
		const said = "protection" in status ? `${status.state} ${status.protection.state}` : status.state;
		if (states.at(-1) !== said) states.push(said);
	});
	return { venue, link, keeper, states };
}

it("an hour of quiet is one long life: no gap, no order touched, the proof never older than a minute and a beat", async () => {
	const { venue, link, keeper, states } = keep();
	await vi.advanceTimersByTimeAsync(1_000);
	link.levers["place"]?.({});
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect(states.at(-1)).toBe("alive armed");
	expect(states.filter((state) => state !== "opening" && state !== "alive armed")).toEqual([]);
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
	const status = keeper.snapshot()["deribit"]?.status;
	if (status?.state !== "alive" || status.protection.state !== "armed") expect.fail("not armed");
	expect(Date.now() - status.protection.verifiedAt).toBeLessThan(60_000 + 40_000 / 3);
	expect(await keeper.stop({ orders: "keep" })).toMatchObject({ deribit: { orders: "kept" } });
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
	expect(vi.getTimerCount()).toBe(0);
	link.close();
});

it("a network that dies and heals is noticed, the venue cancels within the exposure, and a new connection is armed", async () => {
	const { venue, link, keeper, states } = keep();
	await vi.advanceTimersByTimeAsync(1_000);
	link.levers["place"]?.({});
	link.partition(60_000);
	await vi.advanceTimersByTimeAsync(66_000);
	expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "cancel_on_disconnect" }]);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(states.join()).toMatch(/alive armed,.*late .*,lost .*,opening.*,alive armed$/);
	expect(link.levers["truth"]?.({})).toMatchObject({ connections: [{ armed: true }] });
	expect(await keeper.stop({ orders: "cancel" })).toMatchObject({ deribit: { orders: "cancelled" } });
	link.close();
});

it("revoked credentials end it for good, without a second login", async () => {
	const { venue, link, keeper, states } = keep();
	await vi.advanceTimersByTimeAsync(1_000);
	link.levers["revoke"]?.({});
	link.drop();
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect(states.at(-1)).toMatch(/^stopped/);
	expect(venue.received.filter(({ method }) => method === "public/auth")).toHaveLength(2);
	await keeper.stop({ orders: "keep" });
	link.close();
});
