import { Worker } from "node:worker_threads";
import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { type DeribitSession, deribit } from "./index.ts";
import { credentials, signingCrypto, stage, type TestOptions, useFakeClock } from "./testing/session-with-venue.ts";

useFakeClock();

/** Lets a keeper open a session, and collects the status records that the keeper publishes afterwards. */
async function keep(options: TestOptions = {}) {
	const { session, ...staged } = stage(options);
	const keeper = keepalive([session]);
	await vi.advanceTimersByTimeAsync(1_000);
	expect(keeper.isArmed("deribit")).toBe(true);
	const published: string[] = [];
	keeper.onStatus(({ status }) => {
		published.push("protection" in status ? `${status.state} ${status.protection.state}` : status.state);
	});
	published.length = 0;
	const isSessionArmed = (): boolean => {
		try {
			return session.requireArmed() === session.handle;
		} catch {
			return false;
		}
	};
	const stop = async (): Promise<void> => {
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(10_000);
		await stopping;
	};
	return { ...staged, session, keeper, published, isSessionArmed, stop };
}

type Kept = Awaited<ReturnType<typeof keep>>;
const call =
	(method: string, params: Record<string, unknown> = {}) =>
	({ session }: Kept) =>
		session.handle?.call(method, params);

describe("keeper and DeribitSession give the same answer at once when the orders are no longer protected", () => {
	it.each<[string, (kept: Kept) => unknown]>([
		["cancel-on-disconnect is switched off over the handle", call("private/disable_cancel_on_disconnect")],
		["maintenance is announced", ({ trigger }) => trigger("announceMaintenance")],
		["heartbeats are switched off over the handle", call("public/disable_heartbeat")],
		["the heartbeat interval is changed over the handle", call("public/set_heartbeat", { interval: 60 })],
		["the connection is authenticated again", ({ session }) => session.handle?.authenticate(credentials)],
		[
			"the venue rejects the tokens",
			({ session, trigger }) => {
				trigger("voidTokens");
				return session.handle?.call("private/get_open_orders").catch(() => undefined);
			},
		],
	])("keeper and session agree that the orders are not protected when %s", async (_, act) => {
		const kept = await keep();
		const { keeper, published, isSessionArmed, stop } = kept;
		await act(kept);
		// Lets no time pass, so that beat() is not called between the change and the check.
		await vi.advanceTimersByTimeAsync(0);
		expect([keeper.isArmed("deribit"), isSessionArmed()]).toEqual([false, false]);
		expect(published).toEqual(["alive unknown"]);
		expect(() => keeper.requireArmed("deribit")).toThrow(/^@x\/keepalive: deribit is not armed: /);
		await stop();
	});

	it("keeper and session agree that the orders are not protected when the connection has ended", async () => {
		const { link, keeper, published, isSessionArmed, stop } = await keep();
		link.drop();
		await vi.advanceTimersByTimeAsync(0);
		expect([keeper.isArmed("deribit"), isSessionArmed()]).toEqual([false, false]);
		expect(published[0]).toBe("lost unknown");
		await stop();
	});

	it("keeper and session agree that the orders are not protected when the event loop has been blocked for too long", async () => {
		const { keeper, isSessionArmed, stop } = await keep();
		// Advances the clocks without firing a timer, as when the event loop is blocked.
		vi.setSystemTime(Date.now() + 15_000);
		expect([keeper.isArmed("deribit"), isSessionArmed()]).toEqual([false, false]);
		await stop();
	});
});

it("a keeper publishes a token renewal as one period of unknown protection, because the renewal may reset cancel-on-disconnect", async () => {
	const authScope = "account:read_write session:kept expires:100";
	const { keeper, published, isSessionArmed, venue, stop } = await keep({
		client: { credentials: { ...credentials, authScope, grant: "client_signature" }, crypto: signingCrypto },
	});
	const answers: unknown[] = [];
	keeper.onStatus(({ status }) => {
		answers.push([status.state === "alive" && status.protection.state, keeper.isArmed("deribit"), isSessionArmed()]);
	});
	answers.length = 0;
	await vi.advanceTimersByTimeAsync(90_000);
	expect(venue.received.filter(({ method }) => method === "public/auth")).toHaveLength(2);
	expect(published).toEqual(["alive unknown", "alive armed"]);
	expect(answers).toEqual([
		["unknown", false, false],
		["armed", true, true],
	]);
	await stop();
});

describe("keeper and DeribitSession give the same answer at once when the orders are protected again", () => {
	it("keeper and session agree that the orders are protected again when the venue withdraws its announcement of maintenance", async () => {
		const { trigger, keeper, published, isSessionArmed, stop } = await keep();
		trigger("announceMaintenance");
		await vi.advanceTimersByTimeAsync(0);
		trigger("announceMaintenance", { on: false });
		await vi.advanceTimersByTimeAsync(0);
		expect([keeper.isArmed("deribit"), isSessionArmed()]).toEqual([true, true]);
		expect(published).toEqual(["alive unknown", "alive armed"]);
		await stop();
	});

	it("keeper and session agree that the orders are protected again when the next beat() has read cancel-on-disconnect back", async () => {
		const kept = await keep();
		const { keeper, published, isSessionArmed, stop } = kept;
		await call("public/set_heartbeat", { interval: 60 })(kept);
		await vi.advanceTimersByTimeAsync(14_000);
		expect([keeper.isArmed("deribit"), isSessionArmed()]).toEqual([true, true]);
		expect(published).toEqual(["alive unknown", "alive armed"]);
		await stop();
	});
});

it("DeribitSession.notArmedReason allocates no memory if a keeper calls it while the connection is armed", async () => {
	vi.useRealTimers();
	const worker = new Worker(new URL("./testing/not-armed-reason-program.ts", import.meta.url));
	const collections = await new Promise((resolve, reject) => {
		worker.once("message", resolve).once("error", reject);
	});
	await worker.terminate();
	vi.useFakeTimers();
	expect(collections).toBeLessThan(2);
});

it("a keeper knows the literal name of its Deribit session at compile time", async () => {
	expectTypeOf(deribit({ client: { credentials } })).toEqualTypeOf<DeribitSession<"deribit">>();
	const { link } = stage();
	const named = deribit({ name: "main", client: { credentials, WebSocket: memoryWebSocket(link) } });
	expectTypeOf(named.name).toEqualTypeOf<"main">();
	const keeper = keepalive([named]);
	// @ts-expect-error no session has this name
	expect(() => keeper.requireArmed("man")).toThrow(TypeError);
	expectTypeOf(keeper.snapshot()).toHaveProperty("main");
	await keeper.stop({ orders: "keep" });
});

it("a Deribit session logs the calls that it makes, and logs no secret", async () => {
	const logged: [string, string, unknown][] = [];
	const log = (level: string) => (message: string, fields: unknown) => void logged.push([level, message, fields]);
	const logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
	const { session, trigger } = stage();
	const keeper = keepalive([session], { logger });
	await vi.advanceTimersByTimeAsync(20_000);
	trigger("announceMaintenance");
	await vi.advanceTimersByTimeAsync(0);
	await keeper.stop({ orders: "keep" });
	const calls = logged.filter(([level, message]) => level === "debug" && message.startsWith("@x/keepalive/deribit: "));
	// `public/test` is logged every 1.2 s, so the test compares each logged message only once.
	expect([...new Set(calls.map(([, message]) => message.replace("@x/keepalive/deribit: ", "")))]).toEqual([
		"connect",
		"public/auth",
		"public/set_heartbeat",
		"private/enable_cancel_on_disconnect",
		"private/get_cancel_on_disconnect",
		"public/subscribe",
		"public/test",
		"private/logout",
	]);
	expect(calls[0]?.[2]).toEqual({ session: "deribit", call: "connect", ms: expect.any(Number), outcome: "ok" });
	expect(logged).toContainEqual([
		"warn",
		"@x/keepalive/deribit: the venue announced maintenance",
		{ session: "deribit" },
	]);
	expect(JSON.stringify(logged)).not.toMatch(/sim-deribit/);
});

it.each([1_500, 2_000])(
	"right after the wall clock was changed by %i ms, a keeper and its snapshot report a Deribit session as late, and as armed after one ping",
	async (stepMs) => {
		const { session, count } = stage();
		const keeper = keepalive([session]);
		const states: string[] = [];
		keeper.onStatus(({ status }) => void states.push(status.state));
		await vi.advanceTimersByTimeAsync(10_000);
		const pings = count("public/test");
		vi.setSystemTime(Date.now() + stepMs);
		expect(keeper.isArmed("deribit")).toBe(false);
		expect(keeper.snapshot()["deribit"]?.status.state).toBe("late");
		await vi.advanceTimersByTimeAsync(0);
		expect(states).toEqual(["opening", "alive", "late", "alive"]);
		expect([keeper.isArmed("deribit"), count("public/test")]).toEqual([true, pings + 1]);
		await keeper.stop({ orders: "keep" });
	},
);
