import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { isSessionError } from "../../session-error.ts";
import {
	createSession,
	credentials,
	failure,
	neverAborted,
	notArmedReason,
	refusing,
	stage,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

describe("DeribitSession.open", () => {
	it("open() logs in, sets the heartbeat, arms cancel-on-disconnect, reads it back and subscribes to maintenance announcements, in this order", async () => {
		const { session, methods, isArmed } = stage();
		const lease = await session.open(neverAborted);
		expect(methods()).toEqual([
			"public/auth",
			"public/set_heartbeat",
			"private/enable_cancel_on_disconnect",
			"private/get_cancel_on_disconnect",
			"public/subscribe",
		]);
		expect(lease).toMatchObject({
			ttlMs: 40_000,
			protection: { state: "armed", scope: "connection", exposureMs: 69_000, verifiedAt: Date.now() },
		});
		expect(isArmed()).toEqual([true]);
		expect(session.handle?.authorization?.authScope).toContain("account:read_write");
	});

	it("open() with scope `account` reads back cancel-on-disconnect of both the account and this connection", async () => {
		const { session, venue, trigger } = stage({ cancelScope: "account" });
		expect((await session.open(neverAborted)).protection).toMatchObject({ state: "armed", scope: "account" });
		expect(venue.received.slice(-3, -1).map(({ params }) => params)).toEqual([
			{ scope: "connection" },
			{ scope: "account" },
		]);
		expect(trigger("truth")).toMatchObject({ accountArmed: true, connections: [{ armed: true }] });
	});

	it("open() sends a ping if, after the read-back of cancel-on-disconnect, the subscription to announcements took long", async () => {
		const { session, trigger } = stage();
		trigger("suppressAnswers", { methods: ["public/subscribe"] });
		const opening = session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(3_000);
		expect(await opening).toMatchObject({ ageMs: 0, protection: { verifiedAt: Date.now() - 3_000 } });
	});

	it("open() succeeds without a pong: its lease is as old as the read-back of cancel-on-disconnect, and the session is not armed until a beat() gets a pong", async () => {
		const { session, trigger } = stage();
		trigger("suppressAnswers", { methods: ["public/subscribe", "public/test"] });
		const opening = session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(3_960);
		expect((await opening).ageMs).toBe(3_960);
		expect(notArmedReason(session)).toContain("the newest answered ping is older");
		trigger("suppressAnswers", { on: false });
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toBeUndefined();
	});

	it("open() fails if arming cancel-on-disconnect was acknowledged but had no effect", async () => {
		const { session, trigger, link } = stage();
		trigger("ignoreArming");
		const error = await failure(session.open(neverAborted));
		expect(error).toMatchObject({ disposition: { action: "retry" } });
		expect(error.message).toContain("cancel-on-disconnect was switched on, but the venue says");
		expect(session.handle).toBeUndefined();
		expect(link.connections).toBe(0);
	});

	it("open() fails if the read-back shows cancel-on-disconnect on for the account but off for this connection", async () => {
		const { session, trigger } = stage({ cancelScope: "account" }, { accountArmed: false });
		trigger("ignoreArming");
		expect(await failure(session.open(neverAborted))).toMatchObject({ disposition: { action: "retry" } });
	});

	it.each([
		["arming fails with 10049", "failArming", { action: "retry" }],
		["the credentials are revoked", "revoke", { action: "fatal" }],
		["the platform is down", "maintenance", { action: "retry" }],
		["too many calls were made", "rateLimit", { action: "wait", forMs: 10_000 }],
	] as const)(
		"open() rejects with a disposition that fits the failure, and leaves no connection, if %s",
		async (_, fault, disposition) => {
			const { session, trigger, link } = stage();
			trigger(fault);
			expect(await failure(session.open(neverAborted))).toMatchObject({ name: "SessionError", disposition });
			expect(session.handle).toBeUndefined();
			expect(link.connections).toBe(0);
		},
	);

	it("open() rejects if the API key lacks permission, and its error names the granted permissions; the fourth such error is fatal", async () => {
		const { session, methods } = stage({}, { keyScope: "trade:read_write account:read" });
		const error = await failure(session.open(neverAborted));
		expect(error).toMatchObject({ disposition: { action: "wait", forMs: 2_000 } });
		expect(error.message).toContain("granted account:read trade:read_write, needs account:read_write");
		expect(methods()).toEqual(["public/auth"]);
		for (let open = 0; open < 2; open += 1) await failure(session.open(neverAborted));
		const last = await failure(session.open(neverAborted));
		expect(last).toMatchObject({ disposition: { action: "fatal" } });
		expect(last.message).toMatch(/4 refusals in a row\. Give the API key the permission account:read_write\.$/);
	});

	describe.each([
		[-32601, "Check the option client.url, and whether this package is outdated."],
		[-32602, "Check the option client.url, and whether this package is outdated."],
		[11042, "Give the API key the permission account:read_write."],
		[13021, "Give the API key the permission account:read_write."],
	])("DeribitSession.open when arming is refused with %i", (code, needs) => {
		it("open() rejects and asks to wait 2 s after the first refusal to arm, and the next open() arms", async () => {
			const { session } = refusing(code, 1);
			expect(await failure(session.open(neverAborted))).toMatchObject({
				message: expect.stringContaining("(refusal 1 of 4 before giving up)"),
				disposition: { action: "wait", forMs: 2_000 },
				cause: { venueCode: code },
			});
			expect((await session.open(neverAborted)).protection.state).toBe("armed");
		});

		it("open() rejects with a fatal error after the fourth refusal in a row, and the error says what to check or to change", async () => {
			const { session } = refusing(code, 4);
			const dispositions = [];
			for (let open = 0; open < 3; open += 1)
				dispositions.push((await failure(session.open(neverAborted))).disposition);
			expect(dispositions).toEqual([2_000, 15_000, 60_000].map((forMs) => ({ action: "wait", forMs })));
			const last = await failure(session.open(neverAborted));
			expect(last.disposition).toEqual({ action: "fatal" });
			expect(last.message).toContain(`4 refusals in a row. ${needs}`);
		});

		it("open() counts refusals from one again after a successful open", async () => {
			const { session, refuse } = refusing(code, 3);
			for (let open = 0; open < 3; open += 1) await failure(session.open(neverAborted));
			await session.open(neverAborted);
			refuse(1);
			expect(await failure(session.open(neverAborted))).toMatchObject({
				disposition: { action: "wait", forMs: 2_000 },
			});
		});
	});

	it("open() rejects with a fatal error at once if the venue refuses the credentials", async () => {
		const { session, trigger } = stage();
		trigger("revoke");
		expect(await failure(session.open(neverAborted))).toMatchObject({
			disposition: { action: "fatal" },
			cause: { venueCode: 13004 },
		});
	});

	it.each([
		"public/auth",
		"public/set_heartbeat",
		"private/enable_cancel_on_disconnect",
		"private/get_cancel_on_disconnect",
	])("open() asks for a retry if %s is not answered", async (method) => {
		const { session, trigger, link } = stage();
		trigger("suppressAnswers", { methods: [method] });
		const error = await failure(session.open(neverAborted), 10_000);
		expect(error).toMatchObject({ disposition: { action: "retry" }, cause: { kind: "timeout", call: method } });
		await vi.advanceTimersByTimeAsync(0);
		expect(link.connections).toBe(0);
	});

	it("open() leaves no connection and no handle if its signal aborts during any of its steps", async () => {
		for (let steps = 0; steps < 40; steps += 1) {
			const { session, link } = stage();
			const controller = new AbortController();
			const opening = session.open(controller.signal).catch(() => "failed");
			for (let step = 0; step < steps; step += 1) await Promise.resolve();
			controller.abort();
			const outcome = await opening;
			await vi.advanceTimersByTimeAsync(0);
			expect(link.connections, `after ${steps} steps`).toBe(outcome === "failed" ? 0 : 1);
			expect(session.handle === undefined).toBe(outcome === "failed");
		}
	});

	it("open() closes the connection of an earlier open", async () => {
		const { session, link, venue, trigger } = stage();
		const first = await session.open(neverAborted);
		const handle = session.handle;
		trigger("place");
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(0);
		expect(session.handle).not.toBe(handle);
		expect(first.ended?.aborted).toBe(true);
		expect(link.connections).toBe(1);
		expect(venue.orders()).toMatchObject([{ state: "cancelled" }]);
	});

	it("open() rejects and leaves no connection if a later open or a close has replaced it", async () => {
		const { session, link, trigger } = stage();
		const superseded = session.open(neverAborted).catch((error: Error) => error.message);
		await session.open(neverAborted);
		expect(await superseded).toContain("was superseded");
		const late = session.open(neverAborted).catch((error: Error) => error.message);
		expect(await session.close("keep")).toMatchObject({ orders: "unknown" });
		expect(await late).toContain("was superseded");
		await vi.advanceTimersByTimeAsync(0);
		expect([link.connections, session.handle, trigger("truth")]).toMatchObject([0, undefined, { connections: [] }]);
	});
});

describe("DeribitSession.open with signed logins (client_signature)", () => {
	const signed = { client: { credentials: { ...credentials, grant: "client_signature" } } } as const;

	it.each([-30_000, 30_000])("open() signs its login if this machine's clock is wrong by only %i ms", async (ms) => {
		const { session, trigger } = stage(signed);
		trigger("skew", { ms });
		expect((await session.open(neverAborted)).protection.state).toBe("armed");
		await session.close("keep");
	});

	it.each([
		[30_001, "30 s behind"],
		[-30_001, "30 s ahead of"],
		[-7_200_000, "7200 s ahead of"],
	])("open() asks a person to set the clock and signs nothing if the venue's clock is %i ms ahead", async (ms, off) => {
		const { session, trigger, count } = stage(signed);
		trigger("skew", { ms });
		const error: unknown = await session.open(neverAborted).catch((reason: unknown) => reason);
		expect(isSessionError(error) && error.disposition).toEqual({
			action: "human",
			todo: `Set this machine's clock: it is ${off} the venue's.`,
		});
		expect(count("public/auth")).toBe(0);
	});

	it("open() asks a person to set the clock, and does not fail for good, if the clock was changed between the check of the clock and the refused login", async () => {
		const { link, trigger, count } = stage();
		class Skewing extends memoryWebSocket(link) {
			override send(data: string): void {
				if (JSON.parse(data).method === "public/auth") trigger("skew", { ms: 400_000 });
				super.send(data);
			}
		}
		const session = createSession(Skewing, signed);
		const error = await failure(session.open(neverAborted));
		expect(error.disposition).toMatchObject({
			action: "human",
			todo: expect.stringContaining("Set this machine's clock"),
		});
		expect(count("public/auth")).toBe(1);
	});

	it("open() asks to wait a minute after a refused login if the clock cannot be checked, and rejects with a fatal error after the second such refusal", async () => {
		const { link, trigger, count } = stage();
		class Skewing extends memoryWebSocket(link) {
			override send(data: string): void {
				const isLogin = JSON.parse(data).method === "public/auth";
				if (isLogin) trigger("skew", { ms: 400_000 });
				super.send(data);
				// The venue does not answer the request for its time that follows the refused login.
				if (isLogin) trigger("suppressAnswers", { methods: ["public/get_time"] });
			}
		}
		const session = createSession(Skewing, signed);
		const heal = (): void => {
			trigger("skew", { ms: 0 });
			trigger("suppressAnswers", { on: false });
		};
		const openError = async (logins: number) => {
			const failed = failure(session.open(neverAborted));
			// Web Crypto signs outside the event loop, which fake timers do not advance.
			await vi.waitUntil(() => count("public/auth") === logins, { timeout: 10_000 });
			await vi.advanceTimersByTimeAsync(20_000);
			return failed;
		};
		const first = await openError(1);
		expect(first).toMatchObject({ disposition: { action: "wait", forMs: 60_000 }, cause: { venueCode: 13004 } });
		expect(first.message).toContain("check the API key and this machine's clock");
		heal();
		expect(await openError(2)).toMatchObject({ disposition: { action: "fatal" }, cause: { venueCode: 13004 } });
		expect(count("public/auth")).toBe(2);
	});

	it("open() rejects with a fatal error if a signed login is refused while the clock is right", async () => {
		const { session, trigger, count } = stage(signed);
		trigger("revoke", { on: true });
		expect((await failure(session.open(neverAborted))).disposition).toMatchObject({ action: "fatal" });
		expect(count("public/auth")).toBe(1);
	});

	it("a keeper retries an open with a wrong clock, and the open succeeds once the clock is set", async () => {
		const { session, trigger } = stage(signed);
		trigger("skew", { ms: 3_600_000 });
		const keeper = keepalive([session], { blockedRetryMs: 60_000 });
		await vi.advanceTimersByTimeAsync(1_000);
		expect(keeper.current("deribit").status.state).toBe("blocked");
		trigger("skew", { ms: 0 });
		await vi.advanceTimersByTimeAsync(60_000);
		// Web Crypto signs outside the event loop, which fake timers do not advance.
		await vi.waitUntil(() => keeper.current("deribit").status.state !== "opening", { timeout: 10_000 });
		expect(keeper.current("deribit").status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		const stopped = keeper.stop({ orders: "keep" });
		await vi.advanceTimersByTimeAsync(5_000);
		await stopped;
	});

	it("while the clock is wrong, beat() signs no login and reports that the tokens are rejected; once the clock is right, beat() reports armed", async () => {
		const { session, trigger, count } = stage(signed);
		await session.open(neverAborted);
		const logins = count("public/auth");
		trigger("skew", { ms: 3_600_000 });
		trigger("voidTokens");
		trigger("spendRefreshTokens");
		// The first beat finds that the venue rejects the tokens. Later beats would renew them if the clock were right.
		for (let beats = 0; beats < 4; beats += 1) {
			await vi.advanceTimersByTimeAsync(60_000);
			const { protection } = await session.beat(neverAborted);
			const reason = protection.state === "unknown" ? protection.reason : protection.state;
			expect(reason).toContain(beats === 0 ? "13009" : "clock is 3600 s behind the venue's");
		}
		expect(count("public/auth")).toBe(logins);
		trigger("skew", { ms: 0 });
		expect((await session.beat(neverAborted)).protection.state).toBe("armed");
		await session.close("keep");
	});

	it("with unsigned logins (client_credentials) open() does not ask for the venue's time", async () => {
		const { session, trigger, count } = stage();
		trigger("skew", { ms: 3_600_000 });
		await session.open(neverAborted);
		expect(count("public/get_time")).toBe(0);
		await session.close("keep");
	});
});

/**
 * The delay of a late reply, in milliseconds. It is longer than the timeout of a call, but the reply still comes before the connection is
 * closed.
 */
const lateMs = 11_000;

it("open() rejects with a fatal error and sends no login if the refusal (13004) of an earlier login has arrived after that login's deadline", async () => {
	const { link, trigger, count } = stage();
	let slow = true;
	class Slow extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (!slow || event.type === "open") return super.dispatchEvent(event);
			setTimeout(() => super.dispatchEvent(event), lateMs);
			return true;
		}
	}
	const unexpected: string[] = [];
	const session = createSession(Slow, { client: { onUnexpected: ({ type }) => void unexpected.push(type) } });
	trigger("revoke");
	const opening = expect(session.open(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
	await vi.advanceTimersByTimeAsync(25_000);
	await opening;
	expect(unexpected).toEqual(["reply-to-nothing"]);
	await expect(session.open(neverAborted)).rejects.toMatchObject({
		disposition: { action: "fatal" },
		cause: { venueCode: 13004 },
	});
	expect(count("public/auth")).toBe(1);
	// After this fatal error, the next open sends a login again: the program knows of the refusal and may have replaced the key.
	slow = false;
	trigger("revoke", { on: false });
	expect((await session.open(neverAborted)).protection.state).toBe("armed");
	await session.close("cancel");
});

describe("the option armingPermission", () => {
	it("the option armingPermission names the permission that open() requires", async () => {
		const own = stage({ armingPermission: "wallet:read" });
		expect((await own.session.open(neverAborted)).protection.state).toBe("armed");
		const other = stage({ armingPermission: "rat#trade" });
		await expect(other.session.open(neverAborted)).rejects.toMatchObject({
			message: expect.stringContaining("needs rat#trade"),
		});
	});
});
