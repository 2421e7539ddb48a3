import { describe, expect, it, vi } from "vitest";
import type { Keeper } from "../keeper.ts";
import type { Lease } from "../session.ts";
import { SessionError } from "../session-error.ts";
import { callsOf, lease } from "../testing/scripted-session.ts";
import { drain, machine, pass, startKeeper, stopKeeper, useTestMachine } from "../testing/stalling-machine.ts";

useTestMachine();

/** Two kinds of stalls. In the tests they begin halfway to the next beat of a session that is alive. */
const stalls = [
	{ what: "a blocked event loop (15 s)", stall: () => machine.block(15_000) },
	{ what: "a suspended machine (2 h)", stall: () => machine.suspend(7_200_000) },
] as const;

describe.each(stalls)("Keeper after $what", ({ stall }) => {
	it("a session that was alive before a stall is neither alive nor armed until the next beat is acknowledged", async () => {
		let answer: (lease: Lease) => void = () => undefined;
		const beat = (): Promise<Lease> =>
			new Promise((resolve) => {
				answer = resolve;
			});
		const { keeper, session, statuses, states } = startKeeper({ beat });
		await pass(10_000);
		expect(keeper.isArmed("venue")).toBe(true);
		await stall();
		// This is checked before any timer has fired: the session loop itself notices a suspension only within 30 s.
		expect(keeper.isArmed("venue")).toBe(false);
		expect(keeper.current("venue").status.state).not.toBe("alive");
		for (let second = 0; second < 30 && !callsOf(session).includes("beat"); second += 1) await pass(1_000);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(statuses.at(-1)).toMatchObject({
			protection: { state: "unknown" },
			cause: { message: expect.stringMatching(/stalled for/) },
		});
		answer(lease);
		await pass(0);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(keeper.isArmed("venue")).toBe(true);
		await stopKeeper(keeper);
	});

	it("Keeper reopens a session that the venue ended during the stall", async () => {
		const gone = new Error("the session is gone");
		const { keeper, states } = startKeeper({ beat: () => Promise.reject(gone) });
		await pass(10_000);
		await stall();
		await pass(120_000);
		expect(states().slice(0, 6)).toEqual(["opening", "alive", "late", "lost", "waiting", "opening"]);
		await stopKeeper(keeper);
	});

	it("Keeper closes sessions after a stall longer than toleranceMs, even if the program calls pulse() before the keeper notices the stall", async () => {
		const { keeper, session, statuses, states } = startKeeper({}, { gate: { toleranceMs: 5_000 } });
		const tick = (): void => {
			keeper.pulse();
			timer = setTimeout(tick, 1_000);
		};
		let timer = setTimeout(tick, 1_000);
		await pass(10_500);
		await stall();
		await pass(1_000);
		expect(callsOf(session)).toEqual(["open", "close cancel", "open"]);
		const closing = states().indexOf("leaving");
		expect(states().slice(closing, closing + 2)).toEqual(["leaving", "gated"]);
		expect(states().slice(-2)).toEqual(["opening", "alive"]);
		expect(statuses[closing + 1]).toMatchObject({
			cause: { name: "Gate", message: expect.stringContaining("stalled meanwhile") },
		});
		clearTimeout(timer);
		await stopKeeper(keeper);
	});
});

describe("Keeper whose health gate closes a session after a stall", () => {
	// The lease lasts 60 s, and the stall begins 10 s after the beat.
	it.each([
		{ what: "a block of 49 999 ms", stall: () => machine.block(49_999), losses: 0 },
		{ what: "a block of 50 000 ms", stall: () => machine.block(50_000), losses: 1 },
		{ what: "a suspension of 49 999 ms", stall: () => machine.suspend(49_999), losses: 0 },
		{ what: "a suspension of 50 000 ms", stall: () => machine.suspend(50_000), losses: 1 },
	])("the session counts as lost only if its lease expired during the stall: $what", async ({ stall, losses }) => {
		const { keeper, session, states } = startKeeper({}, { gate: { toleranceMs: 30_000 } });
		await pass(10_000);
		await stall();
		// This call makes the health gate read the clocks, because no timer is overdue after a suspension.
		expect(keeper.isArmed("venue")).toBe(false);
		await pass(0);
		expect(callsOf(session)).toEqual(["open", "close cancel"]);
		expect(states()).toEqual(["opening", "alive", ...(losses ? ["lost"] : []), "leaving", "gated"]);
		expect(keeper.current("venue").tally).toMatchObject({ losses, recoveries: 0 });
		await stopKeeper(keeper);
	});

	it("the cause of the loss says why the session ended during the stall", async () => {
		const ended = new AbortController();
		const open = async (): Promise<Lease> => ({ ...lease, ended: ended.signal });
		const { keeper, statuses } = startKeeper({ open }, { gate: { toleranceMs: 30_000 } });
		await pass(10_000);
		const stalled = machine.block(40_000, true);
		machine.deliver(() => ended.abort(new Error("the connection closed")));
		await stalled;
		await pass(0);
		expect(statuses.map(({ state }) => state)).toEqual(["opening", "alive", "lost", "leaving", "gated"]);
		expect(statuses[2]).toMatchObject({ cause: { message: expect.stringContaining("the connection closed") } });
		await stopKeeper(keeper);
	});

	it("a session that stop() closes is not published as lost, even if its lease expired during an earlier stall", async () => {
		const { keeper, states } = startKeeper({});
		await pass(10_000);
		await machine.suspend(7_200_000);
		await stopKeeper(keeper);
		expect(states()).toEqual(["opening", "alive", "leaving", "stopped"]);
	});
});

describe("Keeper with the default stallMs of 1 000 ms", () => {
	it.each([
		{ suspendedMs: 1_000, expected: ["opening", "alive"] },
		{ suspendedMs: 1_100, expected: ["opening", "alive", "late", "alive"] },
	])(
		"Keeper verifies a session after a suspension only if the suspension was longer than stallMs: $suspendedMs ms",
		async ({ suspendedMs, expected }) => {
			const { keeper, states } = startKeeper({});
			await pass(10_000);
			await machine.suspend(suspendedMs);
			await pass(30_000);
			expect(states()).toEqual(expected);
			await stopKeeper(keeper);
		},
	);
});

describe.each([
	{ what: "a blocked event loop (15 s)", stall: () => machine.block(15_000, true) },
	{ what: "a suspended machine (2 h)", stall: () => machine.suspend(7_200_000) },
])("Keeper after $what and a broken connection", ({ stall }) => {
	const reason = new SessionError("the socket broke", {
		disposition: { action: "wait", forMs: 5_000 },
		session: "ended",
	});
	const both = /^@x\/keepalive: this process or machine stalled for \d+ ms; then: the socket broke\.$/;

	it.each([
		{ suspensionMs: 500, expected: ["opening", "alive"] },
		{ suspensionMs: 501, expected: ["opening", "alive", "late", "alive"] },
	])(
		"Keeper adds up all suspensions since the last beat: two suspensions of $suspensionMs ms, 30 s apart",
		async ({ suspensionMs, expected }) => {
			const long = { ...lease, ttlMs: 300_000 };
			const { keeper, states } = startKeeper({ open: async () => long, beat: async () => long });
			await pass(0);
			for (let slice = 0; slice < 2; slice += 1) {
				await pass(10_000);
				await machine.suspend(suspensionMs);
				await pass(20_000);
			}
			expect(states()).toEqual(expected);
			expect(keeper.current("venue").status.state).toBe("alive");
			await stopKeeper(keeper);
		},
	);

	it("the cause of a lost session names the stall of the process first, and the keeper waits as long as the venue has asked", async () => {
		const connection = new AbortController();
		const { keeper, statuses } = startKeeper({ open: async () => ({ ...lease, ended: connection.signal }) });
		await pass(19_000);
		const stalling = stall();
		machine.deliver(() => connection.abort(reason));
		await stalling;
		await pass(0);
		expect(statuses.slice(2)).toMatchObject([
			{ state: "lost", cause: { name: "SessionError", message: expect.stringMatching(both) } },
			{ state: "waiting", why: "venue", cause: { message: expect.stringMatching(both) } },
		]);
		await stopKeeper(keeper);
	});

	it("Keeper names the stall in the cause of a loss that it notices only with the next beat", async () => {
		const { keeper, statuses } = startKeeper({ beat: () => Promise.reject(reason) });
		await pass(19_000);
		await stall();
		await pass(30_000);
		expect(statuses.slice(2, 4)).toMatchObject([
			{ state: "late", cause: { message: expect.stringMatching(/checking venue again\.$/) } },
			{ state: "lost", cause: { message: expect.stringMatching(both) } },
		]);
		await stopKeeper(keeper);
	});
});

describe("a loss after an acknowledged beat that followed a stall", () => {
	it("the cause of a loss does not name a stall if a beat was acknowledged between the stall and the loss", async () => {
		const { keeper, statuses } = startKeeper({
			beat: (_signal, count) => (count === 1 ? Promise.resolve(lease) : Promise.reject(new Error("no network"))),
		});
		await pass(10_000);
		await machine.suspend(7_200_000);
		await pass(100_000);
		const lost = statuses.find(({ state }) => state === "lost");
		expect(lost).toMatchObject({ cause: { message: "no network" } });
		await stopKeeper(keeper);
	});
});

describe("the beat after an early beat", () => {
	it("the next beat is sent one interval after a beat that was sent early", async () => {
		const slow = async (): Promise<Lease> => ({ ...lease, ttlMs: 300_000 });
		const { keeper, session } = startKeeper({ open: slow, beat: slow });
		await pass(10_000);
		await machine.suspend(7_200_000);
		await pass(130_000);
		const [, early = 0, next] = session.calls.map(({ at }) => at);
		expect(early).toBe(30_000);
		expect(next).toBe(130_000);
		await stopKeeper(keeper);
	});
});

describe("Keeper.isArmed before any timer of the keeper has fired", () => {
	const looks: boolean[] = [];
	const lookAt = (keeper: Keeper, ms: number): void => {
		looks.length = 0;
		setTimeout(() => looks.push(keeper.isArmed("venue"), keeper.current("venue").status.state === "alive"), ms);
	};

	it("isArmed() is false after the event loop was blocked, even if the lease has not expired", async () => {
		const { keeper } = startKeeper();
		await pass(10_000);
		lookAt(keeper, 2_000);
		await machine.block(15_000);
		expect(looks).toEqual([false, false]);
		await pass(2);
		expect(keeper.isArmed("venue")).toBe(true);
		await stopKeeper(keeper);
	});

	it("isArmed() is false after a short suspension of the machine, even if the lease has not expired", async () => {
		const { keeper } = startKeeper();
		await pass(5_000);
		await machine.suspend(15_000);
		lookAt(keeper, 0);
		await pass(0);
		expect(looks).toEqual([false, false]);
		await pass(30_000);
		expect(keeper.isArmed("venue")).toBe(true);
		await stopKeeper(keeper);
	});

	it("isArmed() is false once the lease has expired, even if the wall clock was set back", async () => {
		const { keeper } = startKeeper({}, { stallMs: 100_000_000 });
		await pass(10_000);
		machine.moveWallClock(-3_600_000);
		lookAt(keeper, 2_000);
		await machine.block(61_000);
		expect(looks).toEqual([false, false]);
		await stopKeeper(keeper);
	});
});

describe("Keeper with a blocked event loop", () => {
	it("Keeper sends the next beat on schedule after a beat that was late", async () => {
		const { keeper, session } = startKeeper();
		for (const due of [20_000, 40_000, 60_000]) {
			await pass(due - 500 - performance.now());
			await machine.block(900);
		}
		expect(session.calls.map(({ at }) => at)).toEqual([0, 20_400, 40_400, 60_400]);
		await pass(20_000);
		expect(session.calls.at(-1)?.at).toBe(80_000);
		await stopKeeper(keeper);
	});

	it("Keeper does not catch up on beats that it missed while the event loop was blocked", async () => {
		const { keeper, session } = startKeeper();
		await pass(10_000);
		await machine.block(45_000);
		await pass(19_999);
		expect(session.calls.map(({ at }) => at)).toEqual([0, 55_000]);
		await pass(1);
		expect(session.calls.at(-1)?.at).toBe(75_000);
		await stopKeeper(keeper);
	});

	it("Keeper closes the session without another beat when toleranceMs has passed without pulse() while the event loop was blocked", async () => {
		const { keeper, session } = startKeeper({}, { gate: { toleranceMs: 12_000 } });
		await pass(9_000);
		keeper.pulse();
		await pass(10_000);
		// The next beat is due in one second, and the tolerance of the health gate ends in two seconds.
		await machine.block(15_000);
		await pass(0);
		expect(callsOf(session)).toEqual(["open", "close cancel"]);
		await stopKeeper(keeper);
	});

	it.each([false, true])(
		"a session is alive only after one more beat if the event loop was blocked during its open (network callbacks run before timers: %s)",
		async (newsFirst) => {
			const answers: ((lease: Lease) => void)[] = [];
			const answered = (): Promise<Lease> =>
				new Promise((resolve) => {
					answers.push(resolve);
				});
			const { keeper, session, states } = startKeeper({ open: answered, beat: answered });
			await pass(3_000);
			const blocked = machine.block(15_000, newsFirst);
			machine.deliver(() => answers[0]?.(lease));
			await blocked;
			await pass(2);
			expect(callsOf(session)).toEqual(["open", "beat"]);
			expect(states()).toEqual(["opening"]);
			expect(keeper.isArmed("venue")).toBe(false);
			answers[1]?.(lease);
			await pass(0);
			expect(states()).toEqual(["opening", "alive"]);
			await stopKeeper(keeper);
		},
	);

	it("a session is lost when its beats fail after the event loop was blocked during its open", async () => {
		let answer: (lease: Lease) => void = () => undefined;
		const open = (): Promise<Lease> =>
			new Promise((resolve) => {
				answer = resolve;
			});
		const { keeper, states } = startKeeper({ open, beat: () => Promise.reject(new Error("reset")) });
		await pass(3_000);
		const blocked = machine.block(15_000);
		machine.deliver(() => answer(lease));
		await blocked;
		await pass(30_000);
		expect(states()).toEqual(["opening"]);
		await pass(40_000);
		expect(states().slice(0, 4)).toEqual(["opening", "lost", "waiting", "opening"]);
		await stopKeeper(keeper);
	});

	it.each([
		["the next beats fail", new Error("reset")],
		[
			"the venue asks for a longer wait",
			new SessionError("boxed", { disposition: { action: "wait", forMs: 900_000 } }),
		],
	])("Keeper gives up an open at its deadline if the event loop was blocked and %s", async (_, error) => {
		let answer: (lease: Lease) => void = () => undefined;
		const open = (): Promise<Lease> =>
			new Promise((resolve) => {
				answer = resolve;
			});
		const beat = (): Promise<Lease> => Promise.reject(error);
		const { keeper, states } = startKeeper({ open, beat }, { openTimeoutMs: 60_000 });
		await pass(3_000);
		const blocked = machine.block(15_000);
		machine.deliver(() => answer({ ...lease, ttlMs: 300_000 }));
		await blocked;
		await pass(60_000 - 1 - performance.now());
		expect(states()).toEqual(["opening"]);
		await pass(1);
		expect(states().slice(0, 3)).toEqual(["opening", "lost", "waiting"]);
		await stopKeeper(keeper);
	});

	it("Keeper sends one more beat if the pending beat timed out and the lease expired, both while the event loop was blocked", async () => {
		const answers: ((lease: Lease) => void)[] = [];
		const beat = (): Promise<Lease> =>
			new Promise((resolve) => {
				answers.push(resolve);
			});
		const { keeper, states } = startKeeper({ beat });
		await pass(20_001);
		await machine.block(70_000);
		await pass(2);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(answers).toHaveLength(2);
		answers[1]?.(lease);
		await pass(2);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		await stopKeeper(keeper);
	});

	it("Keeper discards the answer to a beat when it notices a stall only after the answer was received", async () => {
		const answers: ((lease: Lease) => void)[] = [];
		const beat = (): Promise<Lease> =>
			new Promise((resolve) => {
				answers.push(resolve);
			});
		const { keeper, states } = startKeeper({ beat });
		await pass(20_000);
		// The answer is read after the stall, but before any timer has fired.
		const before = performance.now.bind(performance);
		const clock = vi.spyOn(performance, "now").mockImplementation(() => before() + 70_000);
		answers[0]?.(lease);
		await drain();
		expect(states()).toEqual(["opening", "alive", "late"]);
		await pass(2);
		answers[1]?.(lease);
		await pass(2);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		await stopKeeper(keeper);
		clock.mockRestore();
	});
});
