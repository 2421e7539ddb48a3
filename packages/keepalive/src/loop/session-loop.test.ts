import { longestTimerMs, sleep } from "@x/base/clock";
import { describe, expect, it } from "vitest";
import type { Lease, Session } from "../session.ts";
import { SessionError } from "../session-error.ts";
import { advance, hang, lease, retry, scripted, startLoop, useFakeClock } from "../testing/scripted-session.ts";

useFakeClock();

describe("SessionLoop", () => {
	it("SessionLoop sends a beat every third of the lease's ttlMs, exact to the millisecond", async () => {
		const session = scripted();
		const { loop } = startLoop(session);
		await advance(19_999);
		expect(session.calls).toEqual([{ what: "open", at: 0 }]);
		await advance(1);
		expect(session.calls.at(-1)).toEqual({ what: "beat", at: 20_000 });
		await advance(20_000);
		expect(session.calls.at(-1)).toEqual({ what: "beat", at: 40_000 });
		await loop.stop("keep");
	});

	it("SessionLoop sends a beat at the venue's interval when that is shorter than a third of ttlMs", async () => {
		const session = scripted({ open: async () => ({ ...lease, paceMs: 5_000 }) });
		const { loop } = startLoop(session);
		await advance(5_000);
		expect(session.calls.at(-1)).toEqual({ what: "beat", at: 5_000 });
		await loop.stop("keep");
	});

	it("jitter makes beats earlier, never later", async () => {
		const session = scripted();
		const { loop } = startLoop(session, { random: () => 0.999 });
		await advance(20_000);
		const at = session.calls.at(-1)?.at ?? 0;
		expect(at).toBeGreaterThanOrEqual(18_000);
		expect(at).toBeLessThan(20_000);
		await loop.stop("keep");
	});

	it("SessionLoop calls becomeLeader() again if it is still pending after the maximum delay of setTimeout, and publishes nothing new", async () => {
		const leader = { holder: "b", epoch: 1, since: 0 };
		let asked = 0;
		const becomeLeader: Session["becomeLeader"] = (signal, onStandby) => {
			asked += 1;
			onStandby({ leader, error: new Error("another process leads") });
			return hang(signal);
		};
		const { loop, records } = startLoop({ ...scripted(), becomeLeader });
		await advance(longestTimerMs - 1);
		expect(asked).toBe(1);
		await advance(1);
		expect(asked).toBe(2);
		await advance(longestTimerMs);
		expect(asked).toBe(3);
		expect(records.map(({ status }) => status)).toMatchObject([{ state: "standby", leader }]);
		await loop.stop("keep");
	});

	it("SessionLoop publishes the status `alive` once when a session opens, and no record for a beat that changes nothing", async () => {
		const { loop, states } = startLoop(scripted());
		await advance(200_000);
		expect(states()).toEqual(["opening", "alive"]);
		expect(loop.current().tally.beats).toBe(11);
		await loop.stop("keep");
	});

	it("SessionLoop publishes a status record when a beat finds that the protection is off, and shows the session as not armed", async () => {
		const unarmed = { ...lease, protection: { state: "unarmed", reason: "switched off" } } as const;
		const { loop, records } = startLoop(scripted({ beat: async () => unarmed }));
		await advance(20_000);
		expect(records.at(-1)?.status).toMatchObject({ state: "alive", protection: { state: "unarmed" } });
		await loop.stop("keep");
	});
});

describe("SessionLoop after a beat without an answer", () => {
	it("a session whose beat is not answered is late after one interval, and lost when the lease expires", async () => {
		const { loop, states } = startLoop(scripted({ beat: hang }));
		await advance(39_999);
		expect(states()).toEqual(["opening", "alive"]);
		await advance(1);
		expect(states()).toEqual(["opening", "alive", "late"]);
		await advance(19_999);
		expect(states()).not.toContain("lost");
		await advance(1);
		expect(states()).toContain("lost");
		await loop.stop("keep");
	});

	it("after a failed beat, SessionLoop shows a session as armed again only when another beat is acknowledged", async () => {
		const session = scripted({
			beat: async (_signal, count) => (count === 1 ? Promise.reject(new Error("reset")) : lease),
		});
		const { loop, records } = startLoop(session);
		await advance(20_000);
		expect(records.at(-1)?.status).toMatchObject({ state: "late", protection: { state: "unknown" } });
		await advance(2_500);
		expect(records.at(-1)?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		await loop.stop("keep");
	});

	it("SessionLoop publishes the status `late` only once, but shows the cause of the latest failure", async () => {
		const session = scripted({ beat: async (_signal, count) => Promise.reject(new Error(`failure ${count}`)) });
		const { loop, states } = startLoop(session);
		await advance(40_000);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(loop.current().status).toMatchObject({ cause: { message: "failure 4" } });
		await loop.stop("keep");
	});

	it("SessionLoop repeats a failed beat while the lease runs, and shows the session as alive when a beat is acknowledged", async () => {
		const session = scripted({
			beat: async (_signal, count) => (count === 1 ? Promise.reject(new Error("reset")) : lease),
		});
		const { loop, states, records } = startLoop(session);
		await advance(22_500);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(session.calls.at(-1)).toEqual({ what: "beat", at: 22_500 });
		expect(records.at(-1)?.tally).toMatchObject({ losses: 0, recoveries: 0 });
		await loop.stop("keep");
	});

	it("SessionLoop counts the lease from when the last acknowledged beat was sent, not from when that beat was answered", async () => {
		const slow = async (signal: AbortSignal, count: number): Promise<Lease> => {
			if (count > 1) return hang(signal);
			await sleep(5_000, new AbortController().signal);
			return lease;
		};
		const { loop, states } = startLoop(scripted({ beat: slow }));
		// The beat is sent at 20 000 ms and answered at 25 000 ms, so the lease of 60 000 ms ends at 80 000 ms.
		await advance(79_999);
		expect(states()).not.toContain("lost");
		await advance(1);
		expect(states()).toContain("lost");
		await loop.stop("keep");
	});

	it("SessionLoop aborts the signal of a beat that times out", async () => {
		const signals: AbortSignal[] = [];
		const { loop } = startLoop(
			scripted({
				beat: (signal) => {
					signals.push(signal);
					return hang(signal);
				},
			}),
		);
		await advance(40_000);
		expect(signals[0]?.aborted).toBe(true);
		await loop.stop("keep");
	});
});

describe("SessionLoop after a loss", () => {
	it("SessionLoop opens a lost session again after a back-off, and counts the loss and the recovery", async () => {
		const ended = new SessionError("closed", { ...retry, session: "ended" });
		const session = scripted({ beat: async (_signal, count) => (count === 1 ? Promise.reject(ended) : lease) });
		const { loop, states, records } = startLoop(session);
		await advance(20_500);
		expect(states()).toEqual(["opening", "alive", "lost", "waiting", "opening", "alive"]);
		expect(records.at(-1)?.tally).toMatchObject({ losses: 1, recoveries: 1 });
		await loop.stop("keep");
	});

	it("SessionLoop notices at once that the session ended between two beats, and publishes the reason", async () => {
		const end = new AbortController();
		const { loop, records } = startLoop(
			scripted({ open: async (_signal, count) => (count === 1 ? { ...lease, ended: end.signal } : lease) }),
		);
		await advance(3_000);
		end.abort(new SessionError("the venue closed with 4000", { ...retry, session: "ended" }));
		await advance(0);
		const lost = records.find((record) => record.status.state === "lost");
		expect(lost?.status).toMatchObject({ cause: { message: "the venue closed with 4000." } });
		await loop.stop("keep");
	});

	it("SessionLoop shows a lost session as not armed, and publishes how soon the venue cancels the orders", async () => {
		const ended = new SessionError("closed", { ...retry, session: "ended" });
		const { loop, records } = startLoop(scripted({ beat: async () => Promise.reject(ended) }));
		await advance(20_000);
		const lost = records.find((record) => record.status.state === "lost");
		expect(lost?.status).toMatchObject({
			protection: { state: "unknown", reason: expect.stringContaining("60000 ms") },
		});
		await loop.stop("keep");
	});

	it("SessionLoop publishes the protection `unsupported` in every status of a session whose venue has no protection", async () => {
		const protection = { state: "unsupported", reason: "orders keep working" } as const;
		const session = scripted({
			open: async () => ({ ...lease, protection }),
			beat: async () => Promise.reject("no network"),
		});
		const { loop, records } = startLoop(session);
		await advance(60_000);
		const shown = records.flatMap(({ status }) => ("protection" in status ? [[status.state, status.protection]] : []));
		expect(shown).toEqual([
			["alive", protection],
			["late", protection],
			["lost", protection],
		]);
		await loop.stop("keep");
	});

	it("SessionLoop waits longer before each open when the session is lost right after every open", async () => {
		const ended = new SessionError("closed", { ...retry, session: "ended" });
		const session = scripted({ open: async () => ({ ...lease, ended: AbortSignal.abort(ended) }) });
		const { loop } = startLoop(session);
		await advance(120_000);
		// The waits are 0.3 s twice, then 3 s, 6 s and 12 s, and then 15 s each.
		expect(session.calls.map(({ at }) => at)).toEqual([
			0, 300, 600, 3_600, 9_600, 21_600, 36_600, 51_600, 66_600, 81_600, 96_600, 111_600,
		]);
		await loop.stop("keep");
	});

	it("SessionLoop uses the shortest wait again after the session was alive for stableMs", async () => {
		const ended = new SessionError("closed", { ...retry, session: "ended" });
		const session = scripted({
			open: async (_signal, count) => (count <= 4 ? Promise.reject(new Error("refused")) : lease),
			beat: async (_signal, count) => (count === 2 ? Promise.reject(ended) : lease),
		});
		const { loop, records } = startLoop(session);
		await advance(9_600 + 40_000);
		const waits = records.flatMap(({ status, at }) => (status.state === "waiting" ? [status.until - at] : []));
		expect(waits).toEqual([300, 300, 3_000, 6_000, 50]);
		await loop.stop("keep");
	});
});
