import { describe, expect, it, vi } from "vitest";
import { SessionError } from "../session-error.ts";
import { advance, fakeClock, keep, lease, retry, scripted } from "../testing/scripted.ts";
import { Turns } from "./rate-limiter.ts";

fakeClock();

describe("a budget of turns", () => {
	it("gives a burst, then one in each interval, to the millisecond", async () => {
		const turns = new Turns({ burst: 3, everyMs: 1_000 });
		expect([turns.take(), turns.take(), turns.take(), turns.take()]).toEqual([0, 0, 0, 1_000]);
		await advance(998);
		expect(turns.take()).toBe(2);
		await advance(2);
		expect([turns.take(), turns.take()]).toEqual([0, 1_000]);
	});

	it("gives one a hair early to who was woken so, and takes it off the next wait", async () => {
		const turns = new Turns({ burst: 1, everyMs: 1_000 });
		turns.take();
		await advance(999);
		expect([turns.take(), turns.take()]).toEqual([0, 1_001]);
	});

	it("is full again after as many intervals as it has turns, and never fuller", async () => {
		const turns = new Turns({ burst: 2, everyMs: 1_000 });
		turns.take();
		turns.take();
		await advance(100_000);
		expect([turns.take(), turns.take(), turns.take()]).toEqual([0, 0, 1_000]);
	});
});

describe("a session that keeps being lost after a stable time", () => {
	const ended = new SessionError("closed", { ...retry, session: "ended" });
	/** Lives for 40 s each time: so its back-off starts again from the shortest. */
	const shortLived = () =>
		scripted({ beat: async (_signal, count) => (count % 2 === 0 ? Promise.reject(ended) : lease) });

	it("is opened more slowly once it used up its openings, loudly, and never given up", async () => {
		const session = shortLived();
		const { loop, records } = keep(session, { restarts: { burst: 3, everyMs: 100_000 } });
		await advance(500_000);
		const opened = session.asked.filter(({ what }) => what === "open").map(({ at }) => at);
		// Three at its own pace, the fourth when the first has come back, then one in 100 s.
		expect(opened).toEqual([0, 40_300, 80_600, 120_900, 200_000, 300_000, 400_000, 500_000]);
		const loud = records.filter(({ status }) => status.state === "waiting" && status.why === "budget");
		expect(loud[0]?.status).toMatchObject({
			cause: { name: "Budget", message: expect.stringMatching(/look into it; the last failure: closed/) },
		});
		expect(loud.length).toBeGreaterThanOrEqual(3);
		await loop.stop("keep");
	});

	it("is told once of each wait for its budget, also where timers wake a hair early", async () => {
		const clock = performance.now.bind(performance);
		const early = vi.spyOn(performance, "now").mockImplementation(() => clock() - (clock() % 1_000 === 0 ? 0.6 : 0));
		const refused = scripted({ open: async () => Promise.reject(new Error("refused")) });
		const { loop, records } = keep(refused, { restarts: { burst: 1, everyMs: 60_000 } });
		await advance(600_000);
		const waits = records.flatMap(({ status }) =>
			status.state === "waiting" && status.why === "budget" ? [status] : [],
		);
		expect(waits.length).toBeGreaterThan(5);
		expect(new Set(waits.map(({ until }) => Math.round(until / 10))).size).toBe(waits.length);
		await loop.stop("keep");
		early.mockRestore();
	});

	it("keeps its ordinary pace for thirty openings unless told otherwise", async () => {
		const refused = scripted({ open: async () => Promise.reject(new Error("refused")) });
		const { loop, records } = keep(refused);
		await advance(3_600_000);
		const why = records.flatMap(({ status }) => (status.state === "waiting" ? [status.why] : []));
		expect(why.slice(0, 30)).toEqual(Array(30).fill("backoff"));
		expect(why).toContain("budget");
		// In an hour: thirty, and one a minute.
		expect(refused.asked.length).toBeLessThanOrEqual(90);
		expect(refused.asked.length).toBeGreaterThanOrEqual(88);
		await loop.stop("keep");
	});
});
