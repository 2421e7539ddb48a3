import { describe, expect, it, vi } from "vitest";
import type { Keeper } from "../keeper.ts";
import type { Lease } from "../session.ts";
import { SessionError } from "../session-error.ts";
import { drain } from "../testing/laptop.ts";
import { asked, kept, laptop, onLaptop, pass, stop } from "../testing/on-laptop.ts";
import { lease } from "../testing/scripted.ts";

onLaptop();

/** What stands still or goes wrong while a session is alive, half way to its next beat. */
const trouble = [
	{ what: "the event loop is blocked for 15 s", happen: () => laptop.block(15_000) },
	{ what: "the machine sleeps for two hours", happen: () => laptop.sleep(7_200_000) },
] as const;

describe.each(trouble)("when $what", ({ happen }) => {
	it("nothing is called alive or armed until the venue was asked again, and it is alive then", async () => {
		let answer: (lease: Lease) => void = () => undefined;
		const beat = (): Promise<Lease> =>
			new Promise((resolve) => {
				answer = resolve;
			});
		const { keeper, session, told, states } = kept({ beat });
		await pass(10_000);
		expect(keeper.isArmed("venue")).toBe(true);
		await happen();
		// Looked at before any timer of ours: half a minute at most goes by until a sleep is noticed by one.
		expect(keeper.isArmed("venue")).toBe(false);
		expect(keeper.current("venue").status.state).not.toBe("alive");
		for (let second = 0; second < 30 && !asked(session).includes("beat"); second += 1) await pass(1_000);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(told.at(-1)).toMatchObject({
			protection: { state: "unknown" },
			cause: { message: expect.stringMatching(/stood still for/) },
		});
		answer(lease);
		await pass(0);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(keeper.isArmed("venue")).toBe(true);
		await stop(keeper);
	});

	it("a session that the venue has given up meanwhile is lost and opened again", async () => {
		const gone = new Error("the session is gone");
		const { keeper, states } = kept({ beat: () => Promise.reject(gone) });
		await pass(10_000);
		await happen();
		await pass(120_000);
		expect(states().slice(0, 6)).toEqual(["opening", "alive", "late", "lost", "waiting", "opening"]);
		await stop(keeper);
	});

	it("a program at a gate was silent for longer than allowed, even if its overdue pulse comes before anything else", async () => {
		const { keeper, session, told, states } = kept({}, { gate: { toleranceMs: 5_000 } });
		const tick = (): void => {
			keeper.pulse();
			timer = setTimeout(tick, 1_000);
		};
		let timer = setTimeout(tick, 1_000);
		await pass(10_500);
		await happen();
		await pass(1_000);
		expect(asked(session)).toEqual(["open", "close cancel", "open"]);
		expect(states()).toEqual(["opening", "alive", "leaving", "gated", "opening", "alive"]);
		expect(told[3]).toMatchObject({
			cause: { name: "Gate", message: expect.stringContaining("stood still meanwhile") },
		});
		clearTimeout(timer);
		await stop(keeper);
	});
});

describe.each([
	{ what: "the event loop is blocked for 15 s", happen: () => laptop.block(15_000, true) },
	{ what: "the machine sleeps for two hours", happen: () => laptop.sleep(7_200_000) },
])("when $what and the connection is found broken", ({ happen }) => {
	const reason = new SessionError("the socket broke", {
		disposition: { action: "wait", forMs: 5_000 },
		session: "ended",
	});
	const both = /^@x\/keepalive: this process or machine stood still for \d+ ms; then: the socket broke$/;

	it("the loss names the standing still first, and asks for what the reason asked for", async () => {
		const connection = new AbortController();
		const { keeper, told } = kept({ open: async () => ({ ...lease, ended: connection.signal }) });
		await pass(19_000);
		const happening = happen();
		laptop.deliver(() => connection.abort(reason));
		await happening;
		await pass(0);
		expect(told.slice(2)).toMatchObject([
			{ state: "lost", cause: { name: "SessionError", message: expect.stringMatching(both) } },
			{ state: "waiting", why: "venue", cause: { message: expect.stringMatching(both) } },
		]);
		await stop(keeper);
	});

	it("by the question that follows, the loss names it as well", async () => {
		const { keeper, told } = kept({ beat: () => Promise.reject(reason) });
		await pass(19_000);
		await happen();
		await pass(30_000);
		expect(told.slice(2, 4)).toMatchObject([
			{ state: "late", cause: { message: expect.stringMatching(/asking venue before judging it$/) } },
			{ state: "lost", cause: { message: expect.stringMatching(both) } },
		]);
		await stop(keeper);
	});
});

describe("a loss long after a stand-still that a beat has made good", () => {
	it("does not name it", async () => {
		const { keeper, told } = kept({
			beat: (_signal, count) => (count === 1 ? Promise.resolve(lease) : Promise.reject(new Error("no line"))),
		});
		await pass(10_000);
		await laptop.sleep(7_200_000);
		await pass(100_000);
		const lost = told.find(({ state }) => state === "lost");
		expect(lost).toMatchObject({ cause: { message: "no line" } });
		await stop(keeper);
	});
});

describe("the beat after one that was asked for early, after a sleep", () => {
	it("follows an interval after it, not after when that one would have been due", async () => {
		const slow = async (): Promise<Lease> => ({ ...lease, ttlMs: 300_000 });
		const { keeper, session } = kept({ open: slow, beat: slow });
		await pass(10_000);
		await laptop.sleep(7_200_000);
		await pass(130_000);
		const [, early = 0, next] = session.asked.map(({ at }) => at);
		expect(early).toBe(30_000);
		expect(next).toBe(130_000);
		await stop(keeper);
	});
});

describe("a program that looks before any timer of the keeper has run", () => {
	const looks: boolean[] = [];
	const lookAt = (keeper: Keeper, ms: number): void => {
		looks.length = 0;
		setTimeout(() => looks.push(keeper.isArmed("venue"), keeper.current("venue").status.state === "alive"), ms);
	};

	it("after a block sees that nothing is proved, long before the lease ends", async () => {
		const { keeper } = kept();
		await pass(10_000);
		lookAt(keeper, 2_000);
		await laptop.block(15_000);
		expect(looks).toEqual([false, false]);
		await pass(2);
		expect(keeper.isArmed("venue")).toBe(true);
		await stop(keeper);
	});

	it("after a short sleep sees that nothing is proved, long before the lease ends", async () => {
		const { keeper } = kept();
		await pass(5_000);
		await laptop.sleep(15_000);
		lookAt(keeper, 0);
		await pass(0);
		expect(looks).toEqual([false, false]);
		await pass(30_000);
		expect(keeper.isArmed("venue")).toBe(true);
		await stop(keeper);
	});

	it("after the end of a lease is not told otherwise by a wall clock that was set back", async () => {
		const { keeper } = kept({}, { stallMs: 100_000_000 });
		await pass(10_000);
		laptop.setClock(-3_600_000);
		lookAt(keeper, 2_000);
		await laptop.block(61_000);
		expect(looks).toEqual([false, false]);
		await stop(keeper);
	});
});

describe("when the event loop is blocked", () => {
	it("so that a beat is late, the ones after it are not: they count from when it was due", async () => {
		const { keeper, session } = kept();
		for (const due of [20_000, 40_000, 60_000]) {
			await pass(due - 500 - performance.now());
			await laptop.block(900);
		}
		expect(session.asked.map(({ at }) => at)).toEqual([0, 20_400, 40_400, 60_400]);
		await pass(20_000);
		expect(session.asked.at(-1)?.at).toBe(80_000);
		await stop(keeper);
	});

	it("past whole beats, they are not caught up on", async () => {
		const { keeper, session } = kept();
		await pass(10_000);
		await laptop.block(45_000);
		await pass(19_999);
		expect(session.asked.map(({ at }) => at)).toEqual([0, 55_000]);
		await pass(1);
		expect(session.asked.at(-1)?.at).toBe(75_000);
		await stop(keeper);
	});

	it("and a beat is due before anything else, none is sent for a program that was silent for too long", async () => {
		const { keeper, session } = kept({}, { gate: { toleranceMs: 12_000 } });
		await pass(9_000);
		keeper.pulse();
		await pass(10_000);
		// The beat is due in one second, the gate's own look in two.
		await laptop.block(15_000);
		await pass(0);
		expect(asked(session)).toEqual(["open", "close cancel"]);
		await stop(keeper);
	});

	it.each([false, true])(
		"while a session opens, one beat more is needed to call it alive (news first: %s)",
		async (newsFirst) => {
			const answers: ((lease: Lease) => void)[] = [];
			const answered = (): Promise<Lease> =>
				new Promise((resolve) => {
					answers.push(resolve);
				});
			const { keeper, session, states } = kept({ open: answered, beat: answered });
			await pass(3_000);
			const blocked = laptop.block(15_000, newsFirst);
			laptop.deliver(() => answers[0]?.(lease));
			await blocked;
			await pass(2);
			expect(asked(session)).toEqual(["open", "beat"]);
			expect(states()).toEqual(["opening"]);
			expect(keeper.isArmed("venue")).toBe(false);
			answers[1]?.(lease);
			await pass(0);
			expect(states()).toEqual(["opening", "alive"]);
			await stop(keeper);
		},
	);

	it("while a session opens, and the beat after it fails, it was never alive and is opened again", async () => {
		let answer: (lease: Lease) => void = () => undefined;
		const open = (): Promise<Lease> =>
			new Promise((resolve) => {
				answer = resolve;
			});
		const { keeper, states } = kept({ open, beat: () => Promise.reject(new Error("reset")) });
		await pass(3_000);
		const blocked = laptop.block(15_000);
		laptop.deliver(() => answer(lease));
		await blocked;
		await pass(30_000);
		expect(states()).toEqual(["opening"]);
		await pass(40_000);
		expect(states().slice(0, 4)).toEqual(["opening", "lost", "waiting", "opening"]);
		await stop(keeper);
	});

	it("with a beat under way past its cut-off and the deadline, the venue is asked once more", async () => {
		const answers: ((lease: Lease) => void)[] = [];
		const beat = (): Promise<Lease> =>
			new Promise((resolve) => {
				answers.push(resolve);
			});
		const { keeper, states } = kept({ beat });
		await pass(20_001);
		await laptop.block(70_000);
		await pass(2);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(answers).toHaveLength(2);
		answers[1]?.(lease);
		await pass(2);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		await stop(keeper);
	});

	it("with a beat's answer lying unread, that answer is not taken for news", async () => {
		const answers: ((lease: Lease) => void)[] = [];
		const beat = (): Promise<Lease> =>
			new Promise((resolve) => {
				answers.push(resolve);
			});
		const { keeper, states } = kept({ beat });
		await pass(20_000);
		// In a turn of the loop in which the answer is read before the timers run.
		const before = performance.now.bind(performance);
		const clock = vi.spyOn(performance, "now").mockImplementation(() => before() + 70_000);
		answers[0]?.(lease);
		await drain();
		expect(states()).toEqual(["opening", "alive", "late"]);
		await pass(2);
		answers[1]?.(lease);
		await pass(2);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		await stop(keeper);
		clock.mockRestore();
	});
});
