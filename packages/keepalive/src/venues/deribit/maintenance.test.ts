import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { deribit } from "./index.ts";
import { clientId, clientSecret, never, stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

/** A session whose attempts to connect are counted, with the most connections that were up at one. */
function counted() {
	const { venue, link } = stage();
	const counts = { tries: 0, most: 0 };
	class Counted extends memoryWebSocket(link) {
		constructor(url: string | URL) {
			super(url);
			counts.tries += 1;
			counts.most = Math.max(counts.most, link.connections);
		}
	}
	return { venue, link, counts, session: deribit({ clientId, clientSecret, WebSocket: Counted }) };
}

/** A session whose venue refuses every call with one error. */
function refusing(error: { code: number; message: string }) {
	const { link } = stage();
	class Refusing extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (!(event instanceof MessageEvent)) return super.dispatchEvent(event);
			const { id } = JSON.parse(event.data);
			return super.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ id, error }) }));
		}
	}
	return { link, session: deribit({ clientId, clientSecret, WebSocket: Refusing }) };
}

describe("maintenance", () => {
	it("of 45 minutes is waited out: one try a minute, one login before and one after, never two connections", async () => {
		const { venue, link, counts, session } = counted();
		const keeper = keepalive([session]);
		const waits: unknown[] = [];
		keeper.onStatus(({ status }) => {
			if (status.state === "waiting") waits.push(status.why);
		});
		await vi.advanceTimersByTimeAsync(1_000);
		link.levers["maintenance"]?.({});
		await vi.advanceTimersByTimeAsync(45 * 60_000);
		expect(keeper.snapshot()["deribit"]?.status.state).toBe("waiting");
		expect([...new Set(waits)]).toEqual(["venue"]);
		expect(counts.tries).toBe(46);
		link.levers["maintenance"]?.({ on: false });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(venue.received.filter(({ method }) => method === "public/auth")).toHaveLength(2);
		expect(counts.most).toBe(0);
		await keeper.stop({ orders: "keep" });
	});

	it("ends with the first connection that holds: a later refusal is tried again soon", async () => {
		const { session, link, pull } = stage();
		await session.open(never);
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(0);
		await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
		pull("maintenance", { on: false });
		await session.open(never);
		link.partition();
		const opening = session.open(never).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await opening).toMatchObject({ disposition: { action: "retry" } });
	});

	it("that nobody announced is waited out too: refused handshakes are asked once a minute after five minutes", async () => {
		const { link, counts, session } = counted();
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(1_000);
		// The end without a word of the venue's, and then nothing but refusals that no WebSocket explains.
		await session.handle?.call("public/unsubscribe", { channels: ["platform_state"] });
		link.levers["maintenance"]?.({});
		await vi.advanceTimersByTimeAsync(5 * 60_000);
		const soon = counts.tries;
		// A dozen soon after each other, as nobody is reached; then two or three a minute.
		expect(soon).toBeLessThanOrEqual(27);
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
		link.levers["maintenance"]?.({ on: false });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(counts.most).toBe(0);
		await keeper.stop({ orders: "keep" });
	});

	it("that takes connections and refuses every call costs no logins: one before it and one after", async () => {
		const { session, pull, count } = stage({}, { maintenanceHandshakes: "accepted" });
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(1_000);
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(45 * 60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "waiting", why: "venue" });
		expect(count("public/auth")).toBe(1);
		expect(count("public/test")).toBeGreaterThanOrEqual(44);
		pull("maintenance", { on: false });
		await vi.advanceTimersByTimeAsync(60_000);
		expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		expect(count("public/auth")).toBe(2);
		await keeper.stop({ orders: "keep" });
	});

	it("is not blamed for a network that comes and goes: each connection that was had starts the five minutes anew", async () => {
		const { session, link, pull } = stage({ callTimeoutMs: 1_000, connectTimeoutMs: 1_000 });
		const attempt = async () => {
			const opening = session.open(never).catch((error: unknown) => error);
			await vi.advanceTimersByTimeAsync(1_000);
			return opening;
		};
		link.partition();
		expect(await attempt()).toMatchObject({ disposition: { action: "retry" } });
		await vi.advanceTimersByTimeAsync(299_000);
		link.heal();
		pull("suppressAnswers");
		expect(await attempt()).toMatchObject({ disposition: { action: "retry" }, cause: { method: "public/auth" } });
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
	])("told by %i is waited out, and refused handshakes after it as well", async (code, message) => {
		const { session, link } = refusing({ code, message });
		await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "wait", forMs: 60_000 } });
		link.levers["maintenance"]?.({});
		await expect(session.open(never)).rejects.toMatchObject({
			message: expect.stringContaining("The venue is in a maintenance break"),
			disposition: { action: "wait", forMs: 60_000 },
		});
	});

	it("is not taken for one for ever: two hours after it was announced a refusal is tried again soon", async () => {
		const { session, pull } = stage();
		await session.open(never);
		pull("maintenance");
		await vi.advanceTimersByTimeAsync(2 * 60 * 60_000);
		await expect(session.open(never)).rejects.toMatchObject({ disposition: { action: "retry" } });
	});

	it("that is announced while the program reconciles is not over with the open that it was announced to", async () => {
		const { session, link, pull } = stage({
			reconcile: async () => {
				setTimeout(() => pull("announceMaintenance"), 2_000);
				await new Promise((resolve) => setTimeout(resolve, 5_000));
			},
		});
		await session.open(never);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		const opening = session.open(never);
		await vi.advanceTimersByTimeAsync(5_000);
		expect((await opening).protection).toMatchObject({ state: "unknown", reason: expect.stringContaining("break") });
		expect(() => session.requireArmed()).toThrow("announced a maintenance break");
	});

	it("that was announced, ended nothing and was never taken back is over after two hours for a line that was beaten", async () => {
		const { session, pull } = stage();
		const keeper = keepalive([session]);
		await vi.advanceTimersByTimeAsync(1_000);
		pull("announceMaintenance");
		await vi.advanceTimersByTimeAsync(2 * 60 * 60_000 - 1);
		expect(() => session.requireArmed()).toThrow("announced a maintenance break");
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
	])("is not what the news %j is about", async (data) => {
		const { link } = stage();
		let tell: ((frame: string) => void) | undefined;
		class Telling extends memoryWebSocket(link) {
			constructor(url: string | URL) {
				super(url);
				tell = (frame) => void this.dispatchEvent(new MessageEvent("message", { data: frame }));
			}
		}
		const session = deribit({ clientId, clientSecret, WebSocket: Telling });
		await session.open(never);
		const params = { channel: "platform_state", data };
		tell?.(JSON.stringify({ method: "subscription", params }));
		await vi.advanceTimersByTimeAsync(0);
		expect(session.requireArmed()).toBe(session.handle);
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect(session.losses).toMatchObject([{ why: "network" }]);
	});

	it("news that cannot be had does not keep a session from opening", async () => {
		const { session, pull } = stage();
		pull("suppressAnswers", { methods: ["public/subscribe"] });
		const opening = session.open(never);
		await vi.advanceTimersByTimeAsync(3_000);
		expect((await opening).protection).toMatchObject({ state: "armed" });
		expect(session.requireArmed()).toBe(session.handle);
	});
});
