import { describe, expect, it } from "vitest";
import { keepalive } from "./keeper.ts";
import { SessionError } from "./session-error.ts";
import { advance, callsOf, lease, scripted, useFakeClock } from "./testing/scripted-session.ts";

useFakeClock();

describe("a session object that is passed to two keepers", () => {
	it("keepalive() throws and starts no session when another keeper runs one of the sessions", async () => {
		const shared = scripted();
		const other = scripted({}, "other");
		const keeper = keepalive([shared]);
		await advance(0);
		expect(() => keepalive([other, shared])).toThrow(
			"@x/keepalive: session venue is run by another keeper. Stop that keeper first, or make a session for each.",
		);
		expect(() => keepalive([other, shared])).toThrow(expect.objectContaining({ kind: "claimed", session: "venue" }));
		await advance(0);
		expect(callsOf(other)).toEqual([]);
		expect(other.host).toBe(undefined);
		await keeper.stop({ orders: "keep" });
		const second = keepalive([other, shared]);
		await advance(0);
		expect(second.isArmed("venue")).toBe(true);
		await second.stop({ orders: "keep" });
	});

	it("a session that its keeper has stopped can be run by a second keeper; the first keeper cannot start it while the second runs it", async () => {
		const [a, b] = [scripted({}, "a"), scripted({}, "b")];
		const first = keepalive([a, b]);
		await advance(0);
		await first.stop({ orders: "keep", session: "a" });
		const second = keepalive([a]);
		await advance(0);
		expect(() => first.start("a")).toThrow(expect.objectContaining({ kind: "claimed", session: "a" }));
		await second.stop({ orders: "keep" });
		first.start("a");
		await advance(0);
		expect(first.isArmed("a")).toBe(true);
		await first.stop({ orders: "keep" });
	});

	it("stop() does not close a session that another keeper runs, even after start() of that session was refused", async () => {
		const session = scripted();
		const first = keepalive([session, scripted({}, "other")]);
		await advance(0);
		await first.stop({ orders: "keep", session: "venue" });
		const second = keepalive([session]);
		await advance(0);
		expect(() => first.start("venue")).toThrow(expect.objectContaining({ kind: "claimed" }));
		expect(first.snapshot().venue.status.state).toBe("stopped");
		await first.stop({ orders: "cancel" });
		expect(callsOf(session)).toEqual(["open", "close keep", "open"]);
		expect(second.isArmed("venue")).toBe(true);
		await second.stop({ orders: "keep" });
	});

	it("a session cannot be run by another keeper until its close has ended, even if stop() timed out before that", async () => {
		const session = scripted({
			close: () => new Promise((resolve) => setTimeout(() => resolve({ orders: "kept", detail: "" }), 3_000)),
		});
		const first = keepalive([session], { stopTimeoutMs: 60_000 });
		await advance(0);
		const stopping = first.stop({ orders: "keep", session: "venue", timeoutMs: 200 });
		await advance(200);
		expect((await stopping).venue.orders).toBe("unknown");
		expect(() => keepalive([session])).toThrow(expect.objectContaining({ kind: "claimed" }));
		expect(() => first.start("venue")).toThrow(expect.objectContaining({ kind: "stopped" }));
		await advance(2_800);
		const second = keepalive([session]);
		await advance(0);
		expect(second.isArmed("venue")).toBe(true);
		const stopped = second.stop({ orders: "keep" });
		await advance(3_000);
		await stopped;
		await first.stop({ orders: "keep" });
	});

	it("a session that has ended for good can be run by another keeper", async () => {
		const fatal = new SessionError("the key is not valid", { disposition: { action: "fatal" } });
		let isValid = false;
		const session = scripted({ open: async () => (isValid ? lease : Promise.reject(fatal)) });
		const first = keepalive([session]);
		await advance(0);
		expect(first.snapshot().venue.status.state).toBe("stopped");
		isValid = true;
		const second = keepalive([session]);
		await advance(0);
		expect(second.isArmed("venue")).toBe(true);
		await first.stop({ orders: "cancel" });
		expect(second.isArmed("venue")).toBe(true);
		await second.stop({ orders: "keep" });
	});

	it("a keeper can run a copy of a session object while another keeper runs the original", async () => {
		const session = scripted();
		const keeper = keepalive([session]);
		const second = keepalive([{ ...session }]);
		await keeper.stop({ orders: "keep" });
		await second.stop({ orders: "keep" });
	});

	it("a session is attached to the keeper that runs it, and detached when the keeper stops", async () => {
		const session = scripted();
		const keeper = keepalive([session]);
		expect(session.host).toBeDefined();
		await keeper.stop({ orders: "keep" });
		expect(session.host).toBe(undefined);
	});
});

describe("the names of the sessions", () => {
	it("the compiler refuses a name that no session of the keeper has", async () => {
		const keeper = keepalive([scripted({}, "main"), scripted({}, "spare")]);
		await advance(0);
		expect(keeper.snapshot().main.session).toBe("main");
		// @ts-expect-error: there is no session "man"
		expect(() => keeper.requireArmed("man")).toThrow(TypeError);
		// @ts-expect-error: there is no session "man" in the snapshot
		expect(keeper.snapshot().man).toBe(undefined);
		// @ts-expect-error: there is no session "man" for the option either
		await expect(keeper.ready({ session: "man" })).rejects.toThrow("unknown session");
		const closed = await keeper.stop({ orders: "keep" });
		expect(closed.spare.orders).toBe("kept");
	});
});
