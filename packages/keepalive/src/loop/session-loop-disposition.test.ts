import { describe, expect, it } from "vitest";
import { type Disposition, SessionError } from "../session-error.ts";
import { advance, hang, lease, retry, scripted, startLoop, useFakeClock } from "../testing/scripted-session.ts";

useFakeClock();

describe("SessionLoop after an error that says what to do next", () => {
	it("SessionLoop waits before the next open as long as the venue asked, and publishes the time at which the wait will end", async () => {
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const session = scripted({ open: async (_signal, count) => (count === 1 ? Promise.reject(rateLimited) : lease) });
		const { loop, records } = startLoop(session);
		await advance(899_999);
		expect(session.calls).toHaveLength(1);
		expect(records.at(-1)?.status).toMatchObject({ state: "waiting", why: "venue", until: Date.now() + 1 });
		await advance(1);
		expect(session.calls).toHaveLength(2);
		await loop.stop("keep");
	});

	it("SessionLoop opens the session only after a wait that the venue asked for in reply to a beat, even if the lease expires first", async () => {
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const session = scripted({ beat: async () => Promise.reject(rateLimited) });
		const { loop, states } = startLoop(session);
		await advance(60_000);
		expect(states()).toEqual(["opening", "alive", "late", "lost", "waiting"]);
		// The wait counts from the refused beat at 20 000 ms, and is not counted again from when the lease expires.
		await advance(859_999);
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat"]);
		await advance(1);
		expect(session.calls.at(-1)).toEqual({ what: "open", at: 920_000 });
		await loop.stop("keep");
	});

	it("SessionLoop calls the callback limitsUsed when the venue asks for a wait, even if the status does not change", async () => {
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const failed = new SessionError("no reply", retry);
		const session = scripted({ beat: async (_signal, count) => Promise.reject(count === 1 ? failed : rateLimited) });
		const waitsMs: number[] = [];
		const { loop, states } = startLoop(session, {}, () => {
			waitsMs.push((loop.limits.venueWait?.until ?? 0) - Date.now());
		});
		await advance(20_000);
		expect(session.calls).toHaveLength(2);
		expect(waitsMs).toEqual([]);
		await advance(9_999);
		expect(session.calls).toHaveLength(3);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(waitsMs).toEqual([900_000]);
		expect(loop.limits.venueWait?.cause.message).toBe("429.");
		await loop.stop("keep");
	});

	it("SessionLoop opens the session only after a wait that the venue asked for, even if the session ended for another reason", async () => {
		const end = new AbortController();
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 900_000 } });
		const session = scripted({
			open: async (_signal, count) => (count === 1 ? { ...lease, ended: end.signal } : lease),
			beat: async () => Promise.reject(rateLimited),
		});
		const { loop, records } = startLoop(session);
		await advance(30_000);
		end.abort(new SessionError("closed", { ...retry, session: "ended" }));
		await advance(0);
		expect(records.at(-1)?.status).toMatchObject({ state: "waiting", why: "venue", until: Date.now() + 890_000 });
		await advance(889_999);
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat"]);
		await advance(1);
		expect(session.calls.at(-1)).toEqual({ what: "open", at: 920_000 });
		await loop.stop("keep");
	});

	it("SessionLoop does not open the session before a wait that the venue asked for is over, even if the session also waits for a person", async () => {
		const end = new AbortController();
		const rateLimited = new SessionError("429", { disposition: { action: "wait", forMs: 600_000 } });
		const session = scripted({
			open: async () => ({ ...lease, ended: end.signal }),
			beat: async () => Promise.reject(rateLimited),
		});
		const { loop, records } = startLoop(session);
		await advance(20_000);
		end.abort(new SessionError("no login", { disposition: { action: "human", todo: "log in" } }));
		await advance(0);
		expect(records.at(-1)?.status).toMatchObject({ state: "blocked", nextTryAt: Date.now() + 600_000 });
		await loop.stop("keep");
	});

	it.each([
		[30_000, 600_000, 625_000],
		[600_000, 1_000, 620_000],
	])(
		"SessionLoop opens the session once %d ms since a failed beat and %d ms since the session's end have both passed",
		async (beatMs, endMs, at) => {
			const end = new AbortController();
			const wait = (forMs: number) => new SessionError(`${forMs}`, { disposition: { action: "wait", forMs } });
			const session = scripted({
				open: async (_signal, count) => (count === 1 ? { ...lease, ended: end.signal } : lease),
				beat: async () => Promise.reject(wait(beatMs)),
			});
			const { loop } = startLoop(session);
			await advance(25_000);
			end.abort(wait(endMs));
			await advance(at - 25_001);
			expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat"]);
			await advance(1);
			expect(session.calls.at(-1)).toEqual({ what: "open", at });
			await loop.stop("keep");
		},
	);

	it.each([Number.NaN, -1])("SessionError throws for a wait of %d ms, because that would mean no pause", (forMs) => {
		expect(() => new SessionError("429", { disposition: { action: "wait", forMs } })).toThrow("forMs");
	});

	it("SessionLoop gives the error of a failed beat as the cause of the loss, even if the next beat times out", async () => {
		const login = new SessionError("no login", { disposition: { action: "human", todo: "log in" } });
		const session = scripted({ beat: (signal, count) => (count === 1 ? Promise.reject(login) : hang(signal)) });
		const { loop, records } = startLoop(session);
		await advance(60_000);
		const lost = records.find((record) => record.status.state === "lost");
		expect(lost?.status).toMatchObject({ cause: { message: "no login." } });
		expect(records.at(-1)?.status).toMatchObject({ state: "blocked", todo: "log in" });
		await loop.stop("keep");
	});

	it("SessionLoop tries to open a blocked session once a minute, so that it is alive again soon after a person has acted", async () => {
		const login = new SessionError("no login", { disposition: { action: "human", todo: "log in" } });
		const session = scripted({ open: async (_signal, count) => (count < 3 ? Promise.reject(login) : lease) });
		const { loop, states, records } = startLoop(session);
		await advance(120_000);
		expect(states()).toEqual(["opening", "blocked", "opening", "blocked", "opening", "alive"]);
		expect(records[1]?.status).toMatchObject({ todo: "log in", cause: { message: "no login." } });
		await loop.stop("keep");
	});

	it("SessionLoop closes the session and stops for good after a fatal error", async () => {
		const fatal = new SessionError("13004", { disposition: { action: "fatal" } });
		const session = scripted({ beat: async () => Promise.reject(fatal) });
		const { records, loop } = startLoop(session);
		await advance(10_000_000);
		expect(session.calls.map(({ what }) => what)).toEqual(["open", "beat", "close cancel"]);
		expect(records.at(-1)?.status).toMatchObject({ state: "stopped", why: "fatal", cause: { message: "13004." } });
		await loop.stop("keep");
		expect(session.calls).toHaveLength(3);
	});

	it("SessionLoop opens the session again after an error that does not say what to do", async () => {
		const { loop, states } = startLoop(scripted({ open: async () => Promise.reject("text") }));
		await advance(500);
		expect(states()).toEqual(["opening", "waiting", "opening", "waiting"]);
		await loop.stop("keep");
	});

	it("SessionLoop makes its first attempts at shorter intervals when the venue is unreachable than when the venue refuses them", async () => {
		const opened = async (disposition: Disposition): Promise<number> => {
			const failed = new SessionError("refused", { disposition });
			const session = scripted({ open: async () => Promise.reject(failed) });
			const { loop } = startLoop(session, { random: () => 0.999, restarts: { burst: 1_000 } });
			await advance(60_000);
			const soon = session.calls.length;
			await advance(540_000);
			await loop.stop("keep");
			expect(session.calls.length - soon).toBeLessThan(24);
			return soon;
		};
		// While the venue is unreachable, the waits are 3 s four times and then 5 s each. While it refuses, they are 3 s twice,
		// then 6, 12, 24 and 30 s.
		expect(await opened({ action: "retry", unreachable: true })).toBe(13);
		expect(await opened({ action: "retry" })).toBe(6);
		expect(await opened({ action: "retry", unreachable: "no" } as unknown as Disposition)).toBe(6);
	});
});
