import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { createSession, neverAborted, stage, useFakeClock } from "./testing/session-with-venue.ts";

useFakeClock();

/** Makes a session, and counts its connection attempts and the largest number of connections that were open when an attempt began. */
function counted() {
	const { link, trigger, count } = stage();
	const counts = { tries: 0, most: 0 };
	class Counted extends memoryWebSocket(link) {
		constructor(url: string | URL) {
			super(url);
			counts.tries += 1;
			counts.most = Math.max(counts.most, link.connections);
		}
	}
	return { trigger, count, counts, session: createSession(Counted) };
}

/** Makes a session whose venue answers every call with this error. */
function refusing(error: { code: number; message: string }) {
	const { link, trigger } = stage();
	class Refusing extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (!(event instanceof MessageEvent)) return super.dispatchEvent(event);
			const { id } = JSON.parse(event.data);
			return super.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ id, error }) }));
		}
	}
	return { trigger, session: createSession(Refusing) };
}

describe("MaintenanceDetector", () => {
	it("a session tries to connect once a minute during 45 minutes of announced maintenance, without a login and without a second connection", async () => {
		const { trigger, count, counts, session } = counted();
		const keeper = keepalive([session]);
		const waits: unknown[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "waiting") waits.push(status.why);
		});
		await vi.advanceTimersByTimeAsync(1_000);
		trigger("maintenance");
		await vi.advanceTimersByTimeAsync(45 * 60_000);
		expect(keeper.snapshot()["deribit"]?.status.state).toBe("waiting");
		expect([...new Set(waits)]).toEqual(["venue"]);
		expect(counts.tries).toBe(46);
		trigger("maintenance", { on: false });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(count("public/auth")).toBe(2);
		expect(counts.most).toBe(0);
		await keeper.stop({ orders: "keep" });
	});

	it("MaintenanceDetector forgets maintenance after a successful open, so that the session retries a later failure soon", async () => {
		const { session, link, trigger } = stage();
		await session.open(neverAborted);
		trigger("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		await expect(session.open(neverAborted)).rejects.toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
		trigger("maintenance", { on: false });
		await session.open(neverAborted);
		link.partition();
		const opening = session.open(neverAborted).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await opening).toMatchObject({ disposition: { action: "retry" } });
	});

	it("MaintenanceDetector assumes maintenance after five minutes of refused handshakes, so that the session retries once a minute", async () => {
		const { trigger, counts, session } = counted();
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(1_000);
		// The venue closes the connection without an announcement, and then refuses handshakes. It gives no reason for either.
		await session.handle?.call("public/unsubscribe", { channels: ["platform_state"] });
		trigger("maintenance");
		await vi.advanceTimersByTimeAsync(5 * 60_000);
		const early = counts.tries;
		// In these five minutes the session makes at most eighteen quick retries at first, and then two or three attempts a minute.
		expect(early).toBeLessThanOrEqual(37);
		await vi.advanceTimersByTimeAsync(60_000);
		const waits: unknown[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "waiting")
				waits.push([status.why, status.cause?.message.match(/No connection for \d+/)?.[0]]);
		});
		const before = counts.tries;
		await vi.advanceTimersByTimeAsync(40 * 60_000);
		expect(counts.tries - before).toBe(40);
		expect(waits.at(-1)).toEqual(["venue", "No connection for 45"]);
		trigger("maintenance", { on: false });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(counts.most).toBe(0);
		await keeper.stop({ orders: "keep" });
	});

	it("a session sends no login during maintenance in which the venue accepts connections but refuses every call", async () => {
		const { session, trigger, count } = stage({}, { maintenanceHandshakes: "accepted" });
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(1_000);
		trigger("maintenance");
		await vi.advanceTimersByTimeAsync(45 * 60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "waiting", why: "venue" });
		expect(count("public/auth")).toBe(1);
		expect(count("public/test")).toBeGreaterThanOrEqual(44);
		trigger("maintenance", { on: false });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(count("public/auth")).toBe(2);
		await keeper.stop({ orders: "keep" });
	});

	it("MaintenanceDetector counts its five minutes without a connection from the latest attempt that connected", async () => {
		const { session, link, trigger } = stage({ client: { callTimeoutMs: 1_000, connectTimeoutMs: 1_000 } });
		const attempt = async () => {
			const opening = session.open(neverAborted).catch((error: unknown) => error);
			await vi.advanceTimersByTimeAsync(1_000);
			return opening;
		};
		link.partition();
		expect(await attempt()).toMatchObject({ disposition: { action: "retry" } });
		await vi.advanceTimersByTimeAsync(299_000);
		link.heal();
		trigger("suppressAnswers");
		expect(await attempt()).toMatchObject({ disposition: { action: "retry" }, cause: { call: "public/auth" } });
		link.partition();
		expect(await attempt()).toMatchObject({ disposition: { action: "retry" } });
		await vi.advanceTimersByTimeAsync(298_999);
		expect(await attempt()).toMatchObject({ disposition: { action: "retry" } });
		expect(await attempt()).toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
	});

	it.each([
		[11051, "system_maintenance"],
		[13028, "temporarily_unavailable"],
		[13503, "unavailable"],
	])("a session waits a minute after error %i, and after a refused handshake that follows", async (code, message) => {
		const { session, trigger } = refusing({ code, message });
		await expect(session.open(neverAborted)).rejects.toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
		trigger("maintenance");
		await expect(session.open(neverAborted)).rejects.toMatchObject({
			message: expect.stringContaining("The venue is in maintenance"),
			disposition: { action: "wait", forMs: 60_000 },
		});
	});

	it("MaintenanceDetector stops assuming maintenance two hours after the announcement", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		trigger("maintenance");
		await vi.advanceTimersByTimeAsync(2 * 60 * 60_000);
		await expect(session.open(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
	});

	it("MaintenanceDetector remembers an announcement that arrives during open()", async () => {
		const { session, trigger } = stage({
			onOpen: async () => {
				setTimeout(() => trigger("announceMaintenance"), 2_000);
				await new Promise((resolve) => setTimeout(resolve, 5_000));
			},
		});
		const opening = session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(5_000);
		await opening;
		expect(session.notArmedReason()).toContain("announced maintenance");
		expect(() => session.requireArmed()).toThrow("announced maintenance");
	});

	it("MaintenanceDetector forgets an announcement after two hours on the same connection, even if it was not withdrawn", async () => {
		const { session, trigger } = stage();
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(1_000);
		trigger("announceMaintenance");
		await vi.advanceTimersByTimeAsync(2 * 60 * 60_000 - 1);
		expect(() => session.requireArmed()).toThrow("announced maintenance");
		await vi.advanceTimersByTimeAsync(1);
		expect(session.requireArmed()).toBe(session.handle);
		await vi.advanceTimersByTimeAsync(15_000);
		expect(keeper.snapshot()["deribit"]).toMatchObject({
			status: { state: "alive", protection: { state: "armed" } },
			tally: { losses: 0 },
		});
		await keeper.stop({ orders: "keep" });
	});

	it.each([
		{ locked: true, price_index: "btc_usd", reasons: [] },
		{ locked: false, price_index: "btc_usd" },
		{ maintenance: "true" },
		{ maintenance: 1 },
		{ allow_unauthenticated_public_requests: false },
		null,
		"maintenance",
	])("MaintenanceDetector ignores the notification %j", async (data) => {
		const { link } = stage();
		let announce: ((frame: string) => void) | undefined;
		class Announcing extends memoryWebSocket(link) {
			constructor(url: string | URL) {
				super(url);
				announce = (frame) => void this.dispatchEvent(new MessageEvent("message", { data: frame }));
			}
		}
		const session = createSession(Announcing);
		await session.open(neverAborted);
		const params = { channel: "platform_state", data };
		announce?.(JSON.stringify({ method: "subscription", params }));
		await vi.advanceTimersByTimeAsync(0);
		expect(session.requireArmed()).toBe(session.handle);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(session.recovery.losses).toMatchObject([{ why: "network" }]);
	});

	it("a session opens even if its subscription to the maintenance announcements is not answered", async () => {
		const { session, trigger } = stage();
		trigger("suppressAnswers", { methods: ["public/subscribe"] });
		const opening = session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(3_000);
		expect((await opening).protection).toMatchObject({ state: "armed" });
		expect(session.requireArmed()).toBe(session.handle);
	});

	it("a session adds a warning to its warnings and to the log if it cannot subscribe to the maintenance announcements", async () => {
		const warned: string[] = [];
		const log = () => undefined;
		const logger = { debug: log, info: log, error: log, warn: (message: string) => void warned.push(message) };
		const { session, trigger } = stage();
		expect(session.warnings).toEqual([]);
		trigger("suppressAnswers", { methods: ["public/subscribe"] });
		const keeper = keepalive([session], { logger });
		await vi.advanceTimersByTimeAsync(3_000);
		const missing = /there are no announcements of maintenance over this connection: .* no reply within 3000 ms/;
		expect(session.warnings).toEqual([expect.stringMatching(missing)]);
		expect(warned).toContainEqual(expect.stringMatching(missing));
		await keeper.stop({ orders: "keep" });
		expect(session.warnings).toEqual([]);
	});

	it.each([
		["public/unsubscribe", { channels: ["platform_state"] }],
		["private/unsubscribe", { channels: ["platform_state"] }],
		["public/unsubscribe_all", {}],
		["private/unsubscribe_all", {}],
	])("a session subscribes to announcements again at the next beat after %s, and logs it", async (method, params) => {
		const warned: string[] = [];
		const log = () => undefined;
		const logger = { debug: log, info: log, error: log, warn: (message: string) => void warned.push(message) };
		const { session, trigger, count } = stage();
		const keeper = keepalive([session], { logger });
		await vi.advanceTimersByTimeAsync(1_000);
		await session.handle?.call(method, params);
		await vi.advanceTimersByTimeAsync(15_000);
		expect(warned).toEqual([
			"@x/keepalive/deribit: the program has unsubscribed from platform_state; subscribing again",
		]);
		expect(count("public/subscribe")).toBe(2);
		await vi.advanceTimersByTimeAsync(120_000);
		expect(count("public/subscribe")).toBe(2);
		trigger("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		expect(() => session.requireArmed()).toThrow("announced maintenance");
		await keeper.stop({ orders: "keep" });
	});

	it("a session repeats a failed subscription to announcements each time it reads cancel-on-disconnect back, and removes its warning after a success", async () => {
		const { session, trigger, count } = stage();
		trigger("suppressAnswers", { methods: ["public/subscribe"] });
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(50_000);
		expect([count("public/subscribe"), session.warnings.length]).toEqual([1, 1]);
		await vi.advanceTimersByTimeAsync(70_000);
		expect([count("public/subscribe"), session.warnings.length]).toEqual([2, 1]);
		trigger("suppressAnswers", { on: false });
		await vi.advanceTimersByTimeAsync(70_000);
		expect([count("public/subscribe"), session.warnings]).toEqual([3, []]);
		expect(keeper.isArmed("deribit")).toBe(true);
		await keeper.stop({ orders: "keep" });
	});
});
