import { describe, expect, it, vi } from "vitest";
import { clientId, clientSecret, never, objection, order, stage, useFakeClock } from "./testing/stage.ts";

useFakeClock();

describe("a program that switches cancel-on-disconnect over the handle", () => {
	it("is not armed from the moment it asks to switch it off, and is told so by the next beat", async () => {
		const { session } = stage();
		await session.open(never);
		const off = session.handle?.request("private/disable_cancel_on_disconnect");
		expect(objection(session)).toContain("was switched over this connection");
		await off;
		expect(objection(session)).toContain("was switched over this connection");
		expect((await session.beat(never)).protection).toMatchObject({ state: "unarmed" });
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed" });
		expect(objection(session)).toBeUndefined();
	});

	it("is not armed again by the ok to its own enable, which may be a lie, but by what is read back", async () => {
		const { session, pull, venue } = stage();
		await session.open(never);
		await session.handle?.request("private/disable_cancel_on_disconnect");
		pull("lieOnEnable");
		expect(await session.handle?.request("private/enable_cancel_on_disconnect")).toBe("ok");
		expect(venue.truth().connections).toMatchObject([{ armed: false }]);
		expect(objection(session)).toContain("not read back since");
		expect((await session.beat(never)).protection).toMatchObject({ state: "unarmed" });
	});

	it("is found out in the lease of a beat whose question its switching crossed", async () => {
		const { session } = stage({ verifyEveryMs: 0 });
		await session.open(never);
		const { handle } = session;
		let off: Promise<unknown> | undefined;
		const request = handle?.request.bind(handle);
		if (!handle || !request) return expect.fail("no handle");
		// Sent right behind the question, and processed after it.
		handle.request = async (method, ...args) => {
			const reply = request(method, ...args);
			if (method === "private/get_cancel_on_disconnect") off ??= request("private/disable_cancel_on_disconnect");
			return reply;
		};
		expect((await session.beat(never)).protection).toMatchObject({ state: "unknown" });
		await off;
		expect(objection(session)).toContain("was switched over this connection");
	});

	it("through an untyped call, or for the account, is noticed as well", async () => {
		for (const params of [{}, { scope: "connection" }, { scope: "account" }]) {
			const { session } = stage();
			await session.open(never);
			void session.handle?.call("private/disable_cancel_on_disconnect", params);
			expect(objection(session)).toContain("was switched over this connection");
			await vi.advanceTimersByTimeAsync(0);
		}
	});

	it("hears of a refused enable (10049) as not armed", async () => {
		const { session, pull } = stage();
		await session.open(never);
		pull("failArming");
		await expect(session.handle?.request("private/enable_cancel_on_disconnect")).rejects.toMatchObject({ code: 10049 });
		expect(objection(session)).toContain("not read back since");
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed" });
	});
});

describe("a program that authenticates anew over the handle", () => {
	it("is not armed until a beat has read it back: whose switch it is then is documented nowhere", async () => {
		const { session } = stage();
		await session.open(never);
		await session.handle?.authenticate({ clientId, clientSecret });
		expect(objection(session)).toContain("not read back since");
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed" });
		expect(objection(session)).toBeUndefined();
	});
});

describe("a program that changes the heartbeats over the handle", () => {
	it.each([
		["longer", (seconds: number) => ["public/set_heartbeat", { interval: seconds * 10 }] as const],
		["shorter", () => ["public/set_heartbeat", { interval: 10 }] as const],
		["none", () => ["public/disable_heartbeat", {}] as const],
	])(
		"to %s ones is not proved armed until a beat has set them again: the exposure rests on them",
		async (_, change) => {
			const { session, venue } = stage();
			await session.open(never);
			const [method, params] = change(30);
			await session.handle?.call(method, params);
			expect(objection(session)).toContain("heartbeats were changed");
			expect((await session.beat(never)).protection).toMatchObject({ state: "armed", exposureMs: 69_000 });
			expect(venue.truth().connections).toMatchObject([{ heartbeatSeconds: 30 }]);
			expect(objection(session)).toBeUndefined();
		},
	);
});

describe("a program that uses the handle for its own work", () => {
	it("stays armed: orders, subscriptions, refusals and failed calls do not touch the proof", async () => {
		const { session, pull } = stage();
		await session.open(never);
		const { handle } = session;
		await handle?.call("private/buy", order);
		await handle?.call("public/subscribe", { channels: ["platform_state.public_methods_state", "no.such.channel"] });
		await handle?.call("public/unsubscribe", { channels: ["platform_state.public_methods_state"] });
		await handle?.call("private/nonsense").catch(() => undefined);
		await handle?.request("private/get_cancel_on_disconnect", { scope: "account" });
		await handle?.request("private/get_cancel_on_disconnect");
		pull("suppressAnswers", { methods: ["private/sell"] });
		const unanswered = handle?.call("private/sell", order).catch(() => undefined);
		await vi.advanceTimersByTimeAsync(10_000);
		await unanswered;
		expect(objection(session)).toBeUndefined();
		expect((await session.beat(never)).protection).toMatchObject({ state: "armed" });
	});
});
