import { DeribitCredits, DeribitSessionNames } from "@x/deribit-session";
import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { deribit } from "./index.ts";
import { clientId, clientSecret, never, objection, order, stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

describe("a new connection after a loss", () => {
	it("may come before the venue has noticed the old one's end: its orders are still working then, and go later", async () => {
		const states: unknown[] = [];
		const { session, link, venue } = stage({
			reconcile: async (losses, connection) => {
				states.push(losses, await connection.call("private/get_open_orders"));
			},
		});
		await session.open(never);
		await session.requireArmed().call("private/buy", order);
		link.halfOpen();
		await vi.advanceTimersByTimeAsync(40_000);
		await session.open(never);
		expect(states).toMatchObject([
			[{ why: "silence", cancelOnDisconnectFired: "likely", orderIds: ["SIM-1"] }],
			[{ order_id: "SIM-1", order_state: "open" }],
		]);
		// 36 s to the probe, 30 s of grace: well within the exposure.
		await vi.advanceTimersByTimeAsync(25_999);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await vi.advanceTimersByTimeAsync(1);
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
		// The other connection's end is not the new one's.
		expect(objection(session)).toBeUndefined();
	});

	it("gets everything anew, in order, whatever the old one had: nothing is restored", async () => {
		const { session, link, venue, count } = stage({ authScope: "account:read_write trade:read_write session:desk" });
		await session.open(never);
		link.drop();
		await session.open(never);
		const opening = ["public/auth", "public/set_heartbeat", "private/enable_cancel_on_disconnect"];
		const asked = [...opening, "private/get_cancel_on_disconnect", "public/subscribe"];
		expect(venue.received.map(({ method }) => method)).toEqual([...asked, ...asked]);
		expect(count("public/auth")).toBe(2);
		// The same name again: no session is added, and none of the program's is taken for somebody else's.
		expect(venue.truth().sessions).toEqual(["desk"]);
	});

	it("with scope account starts armed, and is read back all the same before it counts", async () => {
		const { session, link, pull, venue } = stage({ scope: "account" });
		await session.open(never);
		link.drop();
		pull("suppressAnswers", { methods: ["private/get_cancel_on_disconnect"] });
		const opening = session.open(never).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(0);
		expect(venue.truth().connections).toMatchObject([{ armed: true }]);
		expect(objection(session)).toContain("there is no connection");
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await opening).toMatchObject({ disposition: { action: "retry" } });
	});
});

describe("a session name that another session of the program has", () => {
	it("is waited for without a word to the venue, and used once it is given back", async () => {
		const sessionNames = new DeribitSessionNames();
		const options = { authScope: "account:read_write session:desk", sessionNames };
		const { link, session, venue, count } = stage(options);
		const second = deribit({ name: "second", clientId, clientSecret, WebSocket: memoryWebSocket(link), ...options });
		await session.open(never);
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

describe("an address that has 32 connections already", () => {
	it("costs no login and no hot loop: it waits, longer each time, and goes on by itself", async () => {
		const { link, venue, count, session } = stage({}, { maxConnections: 1 });
		const other = new (memoryWebSocket(link))("wss://test.deribit.com/ws/api/v2");
		await vi.advanceTimersByTimeAsync(0);
		// Something is said over it now and then: a silent one would be cut.
		const chatter = setInterval(() => other.send('{"id":1,"method":"public/test"}'), 30_000);
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(10 * 60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "waiting" });
		expect(count("public/auth")).toBe(0);
		clearInterval(chatter);
		other.close();
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(venue.truth().connections).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});

	it("is not brought about by a network on which each connection dies in silence: never more than a few are up", async () => {
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
		// The line may be dead just now, and its end then takes until a deadline.
		const stopping = keeper.stop({ orders: "keep" });
		await vi.advanceTimersByTimeAsync(10_000);
		await stopping;
	});
});

describe("a program that spends every credit over the handle", () => {
	it("costs no beat, no proof and no session: those are paid from the reserve, as is a mass cancel", async () => {
		const { session, venue } = stage({ callTimeoutMs: 60_000 });
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(100);
		const handle = session.requireArmed();
		let answered = 0;
		const spend = (): void => {
			const again = (): void => {
				answered += 1;
				spend();
			};
			// It ends with the connection.
			void handle.request("public/get_time").then(again, () => undefined);
		};
		for (let count = 0; count < 500; count += 1) spend();
		for (let second = 0; second < 180; second += 1) {
			await vi.advanceTimersByTimeAsync(1_000);
			const status = keeper.snapshot()["deribit"]?.status;
			if (status?.state !== "alive" || status.protection.state !== "armed") expect.fail("not armed");
			expect(Date.now() - status.protection.verifiedAt).toBeLessThan(60_000 + 40_000 / 3 + 1_000);
			expect(session.requireArmed()).toBe(handle);
		}
		const cancelling = vi.fn();
		void handle.call("private/cancel_all").then(cancelling);
		await vi.advanceTimersByTimeAsync(0);
		expect(cancelling).toHaveBeenCalledOnce();
		// 20 a second, less what the beats took.
		expect(answered).toBeGreaterThan(3_500);
		expect(venue.truth().connections).toHaveLength(1);
		await keeper.stop({ orders: "keep" });
	});

	it("does not take them from another session that was handed the same: both live", async () => {
		const credits = new DeribitCredits();
		const first = stage({ credits, callTimeoutMs: 60_000 });
		const WebSocket = memoryWebSocket(first.link);
		const second = deribit({ name: "other", clientId, clientSecret, WebSocket, credits, callTimeoutMs: 60_000 });
		const keeper = keepalive([first.session, second]);
		await vi.advanceTimersByTimeAsync(100);
		for (let count = 0; count < 300; count += 1) void first.session.handle?.request("public/get_time").catch(() => 0);
		await vi.advanceTimersByTimeAsync(60_000);
		for (const name of ["deribit", "other"]) {
			expect(keeper.snapshot()[name]).toMatchObject({ status: { state: "alive" }, tally: { losses: 0 } });
		}
		await keeper.stop({ orders: "keep" });
	});
});

describe("a gateway whose rights have other names", () => {
	it("is judged by the right that the options name", async () => {
		const own = stage({ armingRight: "wallet:read" });
		expect((await own.session.open(never)).protection.state).toBe("armed");
		const other = stage({ armingRight: "rat#trade" });
		await expect(other.session.open(never)).rejects.toMatchObject({
			message: expect.stringContaining("needs rat#trade"),
			disposition: { action: "fatal" },
		});
	});
});
