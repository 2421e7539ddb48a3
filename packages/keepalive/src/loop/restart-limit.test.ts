import { describe, expect, it, vi } from "vitest";
import { SessionError } from "../session-error.ts";
import { advance, lease, retry, scripted, startLoop, useFakeClock } from "../testing/scripted-session.ts";

useFakeClock();

describe("the option restarts", () => {
	const ended = new SessionError("closed", { ...retry, session: "ended" });
	/** A session that is lost 40 s after each open, which is long enough to reset the back-off. */
	const shortLived = () =>
		scripted({ beat: async (_signal, count) => (count % 2 === 0 ? Promise.reject(ended) : lease) });

	it("the option `restarts` makes openings rarer, but never ends them, when a session is lost again and again although it was stable each time", async () => {
		const session = shortLived();
		const { loop, records } = startLoop(session, { restarts: { burst: 3, everyMs: 100_000 } });
		await advance(500_000);
		const opened = session.calls.filter(({ what }) => what === "open").map(({ at }) => at);
		// The option `restarts` allows three openings in a row, and then one opening every 100 s.
		expect(opened).toEqual([0, 40_050, 80_100, 120_150, 200_000, 300_000, 400_000, 500_000]);
		const limited = records.filter(({ status }) => status.state === "waiting" && status.why === "restart-limit");
		expect(limited[0]?.status).toMatchObject({
			cause: {
				name: "RestartLimit",
				message: expect.stringMatching(/Look into the cause; the last failure was: closed/),
			},
		});
		expect(limited.length).toBeGreaterThanOrEqual(3);
		await loop.stop("keep");
	});

	it("the option `restarts` does not delay an attempt that can still save the working orders from the venue's cancel", async () => {
		const failure = new SessionError("closed", { disposition: { action: "retry", withinMs: 3_000 } });
		const session = scripted({ open: async () => Promise.reject(failure) });
		const { loop, records } = startLoop(session, { restarts: { burst: 1, everyMs: 600_000 } });
		await advance(60_000);
		const whys = records.flatMap(({ status }) => (status.state === "waiting" ? [status.why] : []));
		expect(new Set(whys)).toEqual(new Set(["backoff"]));
		expect(whys.length).toBeGreaterThan(20);
		await loop.stop("keep");
	});

	it("the option `restarts` causes only one status record for each wait, even if timers fire early", async () => {
		const clock = performance.now.bind(performance);
		const early = vi.spyOn(performance, "now").mockImplementation(() => clock() - (clock() % 1_000 === 0 ? 0.6 : 0));
		const refused = scripted({ open: async () => Promise.reject(new Error("refused")) });
		const { loop, records } = startLoop(refused, { restarts: { burst: 1, everyMs: 60_000 } });
		await advance(600_000);
		const waits = records.flatMap(({ status }) =>
			status.state === "waiting" && status.why === "restart-limit" ? [status] : [],
		);
		expect(waits.length).toBeGreaterThan(5);
		expect(new Set(waits.map(({ until }) => Math.round(until / 10))).size).toBe(waits.length);
		await loop.stop("keep");
		early.mockRestore();
	});

	it("the option `restarts` allows 30 openings in a row by default, and then one opening a minute", async () => {
		const refused = scripted({ open: async () => Promise.reject(new Error("refused")) });
		const { loop, records } = startLoop(refused);
		await advance(3_600_000);
		const why = records.flatMap(({ status }) => (status.state === "waiting" ? [status.why] : []));
		expect(why.slice(0, 30)).toEqual(Array(30).fill("backoff"));
		expect(why).toContain("restart-limit");
		// The limit allows 30 openings at once and one opening a minute: 90 in an hour.
		expect(refused.calls.length).toBeLessThanOrEqual(90);
		expect(refused.calls.length).toBeGreaterThanOrEqual(88);
		await loop.stop("keep");
	});
});
