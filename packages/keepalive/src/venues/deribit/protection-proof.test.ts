import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import {
	createSession,
	credentials,
	neverAborted,
	notArmedReason,
	order,
	stage,
	type TestOptions,
	useFakeClock,
} from "./testing/session-with-venue.ts";

useFakeClock();

/** Makes a session; `change` modifies the replies to its read-backs of cancel-on-disconnect. */
function changing(change: (result: Record<string, unknown>) => unknown, options: TestOptions = {}) {
	const { link } = stage();
	class Changed extends memoryWebSocket(link) {
		override dispatchEvent(event: Event): boolean {
			if (event instanceof MessageEvent && event.data.includes('"enabled"')) {
				const frame = JSON.parse(event.data);
				const data = JSON.stringify({ ...frame, result: change(frame.result) });
				return super.dispatchEvent(new MessageEvent("message", { data }));
			}
			return super.dispatchEvent(event);
		}
	}
	return { link, session: createSession(Changed, { verifyEveryMs: 0, ...options }) };
}

const invalidReplies: [string, (result: Record<string, unknown>) => unknown][] = [
	["lacks enabled", ({ scope }) => ({ scope })],
	["lacks the scope", ({ enabled }) => ({ enabled })],
	[
		"is about the other scope",
		(result) => ({ ...result, scope: result["scope"] === "account" ? "connection" : "account" }),
	],
	["is about an unknown scope", (result) => ({ ...result, scope: "session" })],
	["has the string true", (result) => ({ ...result, enabled: "true" })],
	["has the number 1", (result) => ({ ...result, enabled: 1 })],
	["is ok", () => "ok"],
	["is empty", () => ({})],
	["is null", () => null],
];

it.each(invalidReplies)("DeribitSession.open fails when the read-back reply %s", async (_, change) => {
	for (const options of [{}, { cancelScope: "account" } as const]) {
		const { session, link } = changing(change, options);
		await expect(session.open(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
		await vi.advanceTimersByTimeAsync(0);
		expect(link.connections).toBe(0);
	}
});

it.each(invalidReplies)("DeribitSession.beat reports unknown when the read-back reply %s", async (_, change) => {
	let isValid = true;
	const { session } = changing((result) => (isValid ? result : change(result)));
	expect((await session.open(neverAborted)).protection.state).toBe("armed");
	isValid = false;
	expect((await session.beat(neverAborted)).protection.state).toBe("unknown");
	expect(await session.close("cancel")).toMatchObject({ orders: "unknown" });
});

describe("a connection after a call of the program that switches cancel-on-disconnect off or on", () => {
	it("a connection is not armed from the moment at which the program sends a call to disable cancel-on-disconnect, and the next beat() reports unarmed", async () => {
		const { session } = stage();
		await session.open(neverAborted);
		const off = session.handle?.request("private/disable_cancel_on_disconnect");
		expect(notArmedReason(session)).toContain("was switched on or off over this connection");
		await off;
		expect(notArmedReason(session)).toContain("was switched on or off over this connection");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unarmed" });
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
		expect(notArmedReason(session)).toBeUndefined();
	});

	it("a connection is armed only after cancel-on-disconnect was read back, not after the acknowledgement of a call that enables it", async () => {
		const { session, trigger, venue } = stage();
		await session.open(neverAborted);
		await session.handle?.request("private/disable_cancel_on_disconnect");
		trigger("ignoreArming");
		expect(await session.handle?.request("private/enable_cancel_on_disconnect")).toBe("ok");
		expect(venue.truth().connections).toMatchObject([{ armed: false }]);
		expect(notArmedReason(session)).toContain("not been read back since");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "unarmed" });
	});

	it("a connection is not armed after beat() if the program disabled cancel-on-disconnect right after beat() had read it back", async () => {
		const { session } = stage({ verifyEveryMs: 0 });
		await session.open(neverAborted);
		const { handle } = session;
		let off: Promise<unknown> | undefined;
		const request = handle?.request.bind(handle);
		if (!handle || !request) return expect.fail("no handle");
		// Sends the call that disables cancel-on-disconnect right after the read-back, so that the venue processes it next.
		handle.request = async (method, ...args) => {
			const reply = request(method, ...args);
			if (method === "private/get_cancel_on_disconnect") off ??= request("private/disable_cancel_on_disconnect");
			return reply;
		};
		await session.beat(neverAborted);
		expect(notArmedReason(session)).toContain("was switched on or off over this connection");
		await off;
		expect(notArmedReason(session)).toContain("was switched on or off over this connection");
	});

	it("a connection is not armed after the program has used the untyped method call() to disable cancel-on-disconnect, with any scope", async () => {
		for (const params of [{}, { scope: "connection" }, { scope: "account" }]) {
			const { session } = stage();
			await session.open(neverAborted);
			void session.handle?.call("private/disable_cancel_on_disconnect", params);
			expect(notArmedReason(session)).toContain("was switched on or off over this connection");
			await vi.advanceTimersByTimeAsync(0);
		}
	});

	it("a connection is not armed after a call to enable cancel-on-disconnect that was refused (10049)", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		trigger("failArming");
		await expect(session.handle?.request("private/enable_cancel_on_disconnect")).rejects.toMatchObject({
			venueCode: 10049,
		});
		expect(notArmedReason(session)).toContain("not been read back since");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
	});
});

describe("a connection after the program has logged in again over it", () => {
	it("a connection over which the program has logged in again is not armed until a beat() has read cancel-on-disconnect back", async () => {
		const { session } = stage();
		await session.open(neverAborted);
		await session.handle?.authenticate(credentials);
		expect(notArmedReason(session)).toContain("not been read back since");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
		expect(notArmedReason(session)).toBeUndefined();
	});
});

describe("a connection after the program has changed its heartbeat interval or switched heartbeats off", () => {
	it.each([
		["a longer interval", (seconds: number) => ["public/set_heartbeat", { interval: seconds * 10 }] as const],
		["a shorter interval", () => ["public/set_heartbeat", { interval: 10 }] as const],
		["heartbeats switched off", () => ["public/disable_heartbeat", {}] as const],
	])("a connection with %s is not armed until a beat() sets the interval again", async (_, change) => {
		const { session, venue } = stage();
		await session.open(neverAborted);
		const [method, params] = change(30);
		await session.handle?.call(method, params);
		expect(notArmedReason(session)).toContain("the heartbeat interval was changed");
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed", exposureMs: 69_000 });
		expect(venue.truth().connections).toMatchObject([{ heartbeatSeconds: 30 }]);
		expect(notArmedReason(session)).toBeUndefined();
	});
});

describe("a connection after the program has made other calls over it", () => {
	it("a connection stays armed after orders, subscriptions, refused calls and failed calls of the program", async () => {
		const { session, trigger } = stage();
		await session.open(neverAborted);
		const { handle } = session;
		await handle?.call("private/buy", order);
		await handle?.call("public/subscribe", { channels: ["platform_state.public_methods_state", "no.such.channel"] });
		await handle?.call("public/unsubscribe", { channels: ["platform_state.public_methods_state"] });
		await handle?.call("private/nonsense").catch(() => undefined);
		await handle?.request("private/get_cancel_on_disconnect", { scope: "account" });
		await handle?.request("private/get_cancel_on_disconnect");
		trigger("suppressAnswers", { methods: ["private/sell"] });
		const call = { timeoutMs: 2_000 };
		const unanswered = handle?.call("private/sell", order, undefined, call).catch(() => undefined);
		await vi.advanceTimersByTimeAsync(2_000);
		await unanswered;
		expect(notArmedReason(session)).toBeUndefined();
		expect((await session.beat(neverAborted)).protection).toMatchObject({ state: "armed" });
	});
});

describe("the age of a connection's last ping and of its last read-back of cancel-on-disconnect", () => {
	/** Makes a session that receives replies with this text 5 s late. */
	function delayed(text: string) {
		const { link } = stage();
		let isLate = false;
		class Delayed extends memoryWebSocket(link) {
			override dispatchEvent(event: Event): boolean {
				if (!isLate || !(event instanceof MessageEvent && event.data.includes(text))) return super.dispatchEvent(event);
				setTimeout(() => super.dispatchEvent(event), 5_000);
				return true;
			}
		}
		const delay = (): void => {
			isLate = true;
		};
		return { session: createSession(Delayed, { verifyEveryMs: 600_000 }), delay };
	}

	it("the age of a late pong is measured from the moment at which its ping was sent, and the session then waits longer for pongs", async () => {
		const { session, delay } = delayed('"version"');
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(1_200);
		delay();
		const beating = session.beat(neverAborted).catch(() => "late");
		await vi.advanceTimersByTimeAsync(4_999);
		expect(await beating).toBe("late");
		expect(notArmedReason(session)).toContain("the newest answered ping is older than 2360 ms");
		await vi.advanceTimersByTimeAsync(1);
		// The pong timeout of 960 ms is doubled until it is longer than 5 s. The ping interval of 1 200 ms and a tolerance of 200 ms are
		// added.
		await vi.advanceTimersByTimeAsync(9_079 - 5_000);
		expect(notArmedReason(session)).toBeUndefined();
		await vi.advanceTimersByTimeAsync(1);
		expect(notArmedReason(session)).toContain("the newest answered ping is older than 9080 ms");
		const closing = session.close("keep");
		await vi.advanceTimersByTimeAsync(5_000);
		await closing;
	});

	it("the age of a late reply to a read-back of cancel-on-disconnect is measured from the moment at which the read-back was sent", async () => {
		const { session, delay } = delayed('"enabled"');
		delay();
		const askedAt = Date.now();
		const opening = session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(5_000);
		// The ping that follows the read-back proves only that the connection is alive, not that cancel-on-disconnect is on.
		expect(await opening).toMatchObject({ ageMs: 0, protection: { state: "armed", verifiedAt: askedAt } });
		expect(notArmedReason(session)).toBeUndefined();
	});
});
