import { DeribitSessionNames } from "@x/deribit-session";
import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { createSession, credentials, neverAborted, stage, useFakeClock } from "./testing/session-with-venue.ts";

useFakeClock();

function keep() {
	const { session, ...staged } = stage();
	const keeper = keepalive([session]);
	const states: string[] = [];
	keeper.onStatus(({ status }) => {
		const shown = "protection" in status ? `${status.state} ${status.protection.state}` : status.state;
		if (states.at(-1) !== shown) states.push(shown);
	});
	return { ...staged, keeper, states };
}

it("keepalive() keeps a Deribit session armed for an hour; the last read-back of cancel-on-disconnect is then less than a minute plus one beat interval old", async () => {
	const { venue, trigger, keeper, states } = keep();
	await vi.advanceTimersByTimeAsync(1_000);
	trigger("place");
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect(states.at(-1)).toBe("alive armed");
	expect(states.filter((state) => state !== "opening" && state !== "alive armed")).toEqual([]);
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
	const status = keeper.snapshot()["deribit"]?.status;
	if (status?.state !== "alive" || status.protection.state !== "armed") expect.fail("not armed");
	expect(Date.now() - status.protection.verifiedAt).toBeLessThan(60_000 + 40_000 / 3);
	expect(await keeper.stop({ orders: "keep" })).toMatchObject({ deribit: { orders: "kept" } });
	expect(venue.orders()).toMatchObject([{ state: "open" }]);
});

it("keepalive() opens a new, armed connection after a network outage, during which the venue cancels the orders within the exposure", async () => {
	const { venue, link, trigger, isArmed, keeper, states } = keep();
	await vi.advanceTimersByTimeAsync(1_000);
	trigger("place");
	link.partition(60_000);
	await vi.advanceTimersByTimeAsync(66_000);
	expect(venue.orders()).toMatchObject([{ state: "cancelled", cancelReason: "cancel_on_disconnect" }]);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(states.join()).toMatch(/alive armed,.*late .*,lost .*,opening.*,alive armed$/);
	expect(isArmed()).toEqual([true]);
	expect(await keeper.stop({ orders: "cancel" })).toMatchObject({ deribit: { orders: "cancelled" } });
});

it("keepalive() stops a Deribit session whose API key was revoked, without a second login", async () => {
	const { link, trigger, count, keeper, states } = keep();
	await vi.advanceTimersByTimeAsync(1_000);
	trigger("revoke");
	link.drop();
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect(states.at(-1)).toMatch(/^stopped/);
	expect(count("public/auth")).toBe(2);
	await keeper.stop({ orders: "keep" });
});

describe("keepalive() of a Deribit session whose session name is in use in this process", () => {
	it("a keeper sends no login while its session name is in use, and opens the session once the name is free", async () => {
		const sessionNames = new DeribitSessionNames();
		const client = { credentials: { ...credentials, authScope: "account:read_write session:desk" }, sessionNames };
		const { link, session, venue, count } = stage({ client });
		const second = createSession(memoryWebSocket(link), { name: "second", client });
		await session.open(neverAborted);
		const keeper = keepalive([second]);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["second"]?.status).toMatchObject({
			cause: { message: expect.stringContaining("is in use by another connection") },
		});
		expect(count("public/auth")).toBe(1);
		await session.close("cancel");
		await vi.advanceTimersByTimeAsync(30_000);
		expect(keeper.snapshot()["second"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(venue.truth().sessions).toEqual(["desk"]);
		await keeper.stop({ orders: "keep" });
	});
});

describe("keepalive() of a Deribit session whose address has too many connections", () => {
	it("a keeper retries with growing delays and without logins, and opens the session once the venue accepts a connection", async () => {
		const { link, venue, count, session } = stage({}, { maxConnections: 1 });
		const other = new (memoryWebSocket(link))("wss://test.deribit.com/ws/api/v2");
		await vi.advanceTimersByTimeAsync(0);
		// Sends traffic over the other connections, so that the venue does not cut them as idle.
		const traffic = setInterval(() => other.send('{"id":1,"method":"public/test"}'), 30_000);
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(10 * 60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "waiting" });
		expect(count("public/auth")).toBe(0);
		clearInterval(traffic);
		other.close();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(venue.truth().connections).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});

	it("keepalive() holds at most four connections at a time if every connection becomes half-open", async () => {
		const { link, venue, session } = stage();
		const keeper = keepalive([session]);
		let most = 0;
		for (let minute = 0; minute < 120; minute += 1) {
			await vi.advanceTimersByTimeAsync(20_000);
			most = Math.max(most, venue.truth().connections.length);
			link.halfOpen();
			await vi.advanceTimersByTimeAsync(40_000);
			most = Math.max(most, venue.truth().connections.length);
		}
		expect(most).toBeLessThanOrEqual(4);
		expect(keeper.snapshot()["deribit"]?.tally.losses).toBeGreaterThan(100);
		// The connection may be dead. Then closing it takes as long as the close timeout.
		const stopping = keeper.stop({ orders: "keep" });
		await vi.advanceTimersByTimeAsync(10_000);
		await stopping;
	});
});
