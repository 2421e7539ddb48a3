import { describe, expect, it } from "vitest";
import { type Disposition, SessionError } from "./session-error.ts";
import { advance, fakeClock, hang, keep, lease, retry, scripted } from "./testing/scripted.ts";

fakeClock();

describe("an error that says what to do", () => {
	it("wait: nothing is tried before the instant, and the record names it", async () => {
		const boxed = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const session = scripted({ open: async (_signal, count) => (count === 1 ? Promise.reject(boxed) : lease) });
		const { loop, records } = keep(session);
		await advance(899_999);
		expect(session.asked).toHaveLength(1);
		expect(records.at(-1)?.status).toMatchObject({ state: "waiting", why: "venue", until: Date.now() + 1 });
		await advance(1);
		expect(session.asked).toHaveLength(2);
		await loop.stop("keep");
	});

	it("wait, from a beat: the venue is left alone even if the lease runs out meanwhile", async () => {
		const boxed = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const session = scripted({ beat: async () => Promise.reject(boxed) });
		const { loop, states } = keep(session);
		await advance(60_000);
		expect(states()).toEqual(["opening", "alive", "late", "lost", "waiting"]);
		// The wait began with the refused beat at 20 000, so its end does not move when the lease runs out.
		await advance(859_999);
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat"]);
		await advance(1);
		expect(session.asked.at(-1)).toEqual({ what: "open", at: 920_000 });
		await loop.stop("keep");
	});

	it("wait, from a beat: the silence is kept too when the session then ends for another reason", async () => {
		const end = new AbortController();
		const boxed = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const session = scripted({
			open: async (_signal, count) => (count === 1 ? { ...lease, ended: end.signal } : lease),
			beat: async () => Promise.reject(boxed),
		});
		const { loop, records } = keep(session);
		await advance(30_000);
		end.abort(new SessionError("closed", { ...retry, session: "ended" }));
		await advance(0);
		expect(records.at(-1)?.status).toMatchObject({ state: "waiting", why: "venue", until: Date.now() + 890_000 });
		await advance(889_999);
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat"]);
		await advance(1);
		expect(session.asked.at(-1)).toEqual({ what: "open", at: 920_000 });
		await loop.stop("keep");
	});

	it("human, after a beat that was told to wait: nobody is asked before the end of the silence either", async () => {
		const end = new AbortController();
		const boxed = new SessionError("429", { disposition: { action: "wait", forMs: 600_000 } });
		const session = scripted({
			open: async () => ({ ...lease, ended: end.signal }),
			beat: async () => Promise.reject(boxed),
		});
		const { loop, records } = keep(session);
		await advance(20_000);
		end.abort(new SessionError("no login", { disposition: { action: "human", todo: "log in" } }));
		await advance(0);
		expect(records.at(-1)?.status).toMatchObject({ state: "blocked", nextTryAt: Date.now() + 600_000 });
		await loop.stop("keep");
	});

	it.each([
		[30_000, 600_000, 625_000],
		[600_000, 1_000, 620_000],
	])("wait, %d ms from a beat and then %d from the end: the longer of them is kept", async (beatMs, endMs, at) => {
		const end = new AbortController();
		const wait = (forMs: number) => new SessionError(`${forMs}`, { disposition: { action: "wait", forMs } });
		const session = scripted({
			open: async (_signal, count) => (count === 1 ? { ...lease, ended: end.signal } : lease),
			beat: async () => Promise.reject(wait(beatMs)),
		});
		const { loop } = keep(session);
		await advance(25_000);
		end.abort(wait(endMs));
		await advance(at - 25_001);
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat"]);
		await advance(1);
		expect(session.asked.at(-1)).toEqual({ what: "open", at });
		await loop.stop("keep");
	});

	it.each([Number.NaN, -1])(
		"wait, for %d ms: is refused where it is made, because it would become a hot loop",
		(forMs) => {
			expect(() => new SessionError("429", { disposition: { action: "wait", forMs } })).toThrow("forMs");
		},
	);

	it("from a beat is not replaced by our own cut-off of the next one", async () => {
		const login = new SessionError("no login", { disposition: { action: "human", todo: "log in" } });
		const session = scripted({ beat: (signal, count) => (count === 1 ? Promise.reject(login) : hang(signal)) });
		const { loop, records } = keep(session);
		await advance(60_000);
		const lost = records.find((record) => record.status.state === "lost");
		expect(lost?.status).toMatchObject({ cause: { message: "no login" } });
		expect(records.at(-1)?.status).toMatchObject({ state: "blocked", todo: "log in" });
		await loop.stop("keep");
	});

	it("human: the session is blocked, asked again slowly, and goes on by itself", async () => {
		const login = new SessionError("no login", { disposition: { action: "human", todo: "log in" } });
		const session = scripted({ open: async (_signal, count) => (count < 3 ? Promise.reject(login) : lease) });
		const { loop, states, records } = keep(session);
		await advance(120_000);
		expect(states()).toEqual(["opening", "blocked", "opening", "blocked", "opening", "alive"]);
		expect(records[1]?.status).toMatchObject({ todo: "log in", cause: { message: "no login" } });
		await loop.stop("keep");
	});

	it("fatal: the session stops for good, is left as if we had died, and says so", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const session = scripted({ beat: async () => Promise.reject(fatal) });
		const { records, loop } = keep(session);
		await advance(10_000_000);
		expect(session.asked.map(({ what }) => what)).toEqual(["open", "beat", "close cancel"]);
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", why: "fatal", cause: { message: "13004" } });
		await loop.stop("keep");
		expect(session.asked).toHaveLength(3);
	});

	it("nothing: an error of unknown kind is retried, never ignored", async () => {
		const { loop, states } = keep(scripted({ open: async () => Promise.reject("text") }));
		await advance(500);
		expect(states()).toEqual(["opening", "waiting", "opening", "waiting"]);
		await loop.stop("keep");
	});

	it("retry where nobody was reached: attempts follow each other sooner, then as slowly as any", async () => {
		const opened = async (disposition: Disposition): Promise<number> => {
			const failed = new SessionError("refused", { disposition });
			const session = scripted({ open: async () => Promise.reject(failed) });
			const { loop } = keep(session, { random: () => 0.999, restarts: { burst: 1_000 } });
			await advance(60_000);
			const soon = session.asked.length;
			await advance(540_000);
			await loop.stop("keep");
			expect(session.asked.length - soon).toBeLessThan(24);
			return soon;
		};
		// 3 s four times, then 5 s each; or 3 s twice, then 6, 12, 24 and 30 s.
		expect(await opened({ action: "retry", unreached: true })).toBe(13);
		expect(await opened({ action: "retry" })).toBe(6);
		expect(await opened({ action: "retry", unreached: "no" } as unknown as Disposition)).toBe(6);
	});
});
