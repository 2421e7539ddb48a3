import { describe, expect, it } from "vitest";
import type { Lease } from "../session.ts";
import { SessionError } from "../session-error.ts";
import { advance, fakeClock, hang, keep, lease, retry, scripted } from "../testing/scripted.ts";
import { sleep } from "../time.ts";

fakeClock();

describe("a session that is kept", () => {
	it("is beaten at a third of its TTL, to the millisecond", async () => {
		const session = scripted();
		const { loop } = keep(session);
		await advance(19_999);
		expect(session.asked).toEqual([{ what: "open", at: 0 }]);
		await advance(1);
		expect(session.asked.at(-1)).toEqual({ what: "beat", at: 20_000 });
		await advance(20_000);
		expect(session.asked.at(-1)).toEqual({ what: "beat", at: 40_000 });
		await loop.stop("keep");
	});

	it("is beaten at the venue's documented pace when that is sooner", async () => {
		const session = scripted({ open: async () => ({ ...lease, paceMs: 5_000 }) });
		const { loop } = keep(session);
		await advance(5_000);
		expect(session.asked.at(-1)).toEqual({ what: "beat", at: 5_000 });
		await loop.stop("keep");
	});

	it("is beaten earlier by jitter, never later", async () => {
		const session = scripted();
		const { loop } = keep(session, { random: () => 0.999 });
		await advance(20_000);
		const at = session.asked.at(-1)?.at ?? 0;
		expect(at).toBeGreaterThanOrEqual(18_000);
		expect(at).toBeLessThan(20_000);
		await loop.stop("keep");
	});

	it("makes one record when it is alive, and none for a beat that changes nothing", async () => {
		const { loop, states } = keep(scripted());
		await advance(200_000);
		expect(states()).toEqual(["opening", "alive"]);
		expect(loop.current().tally.beats).toBe(11);
		await loop.stop("keep");
	});

	it("makes a record when a beat finds the protection gone, and does not show it as armed", async () => {
		const unarmed = { ...lease, protection: { state: "unarmed", reason: "switched off" } } as const;
		const { loop, records } = keep(scripted({ beat: async () => unarmed }));
		await advance(20_000);
		expect(records.at(-1)?.status).toMatchObject({ state: "alive", protection: { state: "unarmed" } });
		await loop.stop("keep");
	});
});

describe("a beat without an answer", () => {
	it("makes the session late after one interval and lost at the deadline of the last acknowledged beat", async () => {
		const { loop, states } = keep(scripted({ beat: hang }));
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

	it("leaves nothing shown as armed until one gets through again", async () => {
		const session = scripted({
			beat: async (_signal, count) => (count === 1 ? Promise.reject(new Error("reset")) : lease),
		});
		const { loop, records } = keep(session);
		await advance(20_000);
		expect(records.at(-1)?.status).toMatchObject({ state: "late", protection: { state: "unknown" } });
		await advance(2_500);
		expect(records.at(-1)?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
		await loop.stop("keep");
	});

	it("makes one record of lateness however often it fails, and shows the latest cause", async () => {
		const session = scripted({ beat: async (_signal, count) => Promise.reject(new Error(`failure ${count}`)) });
		const { loop, states } = keep(session);
		await advance(40_000);
		expect(states()).toEqual(["opening", "alive", "late"]);
		expect(loop.current().status).toMatchObject({ cause: { message: "failure 4" } });
		await loop.stop("keep");
	});

	it("is repeated while the lease runs, and the session is alive again when one gets through", async () => {
		const session = scripted({
			beat: async (_signal, count) => (count === 1 ? Promise.reject(new Error("reset")) : lease),
		});
		const { loop, states, records } = keep(session);
		await advance(22_500);
		expect(states()).toEqual(["opening", "alive", "late", "alive"]);
		expect(session.asked.at(-1)).toEqual({ what: "beat", at: 22_500 });
		expect(records.at(-1)?.tally).toMatchObject({ losses: 0, recoveries: 0 });
		await loop.stop("keep");
	});

	it("counts its lease from when it was sent, because the venue cannot have heard it later than its answer", async () => {
		const slow = async (signal: AbortSignal, count: number): Promise<Lease> => {
			if (count > 1) return hang(signal);
			await sleep(5_000, new AbortController().signal);
			return lease;
		};
		const { loop, states } = keep(scripted({ beat: slow }));
		// Sent at 20 000, answered at 25 000: the lease ends at 80 000.
		await advance(79_999);
		expect(states()).not.toContain("lost");
		await advance(1);
		expect(states()).toContain("lost");
		await loop.stop("keep");
	});

	it("is aborted when it is cut off", async () => {
		const signals: AbortSignal[] = [];
		const { loop } = keep(
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

describe("a session that is lost", () => {
	it("is opened again after a back-off, and the loss and the recovery are counted", async () => {
		const ended = new SessionError("closed", { ...retry, session: "ended" });
		const session = scripted({ beat: async (_signal, count) => (count === 1 ? Promise.reject(ended) : lease) });
		const { loop, states, records } = keep(session);
		await advance(20_500);
		expect(states()).toEqual(["opening", "alive", "lost", "waiting", "opening", "alive"]);
		expect(records.at(-1)?.tally).toMatchObject({ losses: 1, recoveries: 1 });
		await loop.stop("keep");
	});

	it("is noticed at once when it ends between beats, with the reason in the record", async () => {
		const end = new AbortController();
		const { loop, records } = keep(
			scripted({ open: async (_signal, count) => (count === 1 ? { ...lease, ended: end.signal } : lease) }),
		);
		await advance(3_000);
		end.abort(new SessionError("the venue closed with 4000", { ...retry, session: "ended" }));
		await advance(0);
		const lost = records.find((record) => record.status.state === "lost");
		expect(lost?.status).toMatchObject({ cause: { message: "the venue closed with 4000" } });
		await loop.stop("keep");
	});

	it("is never shown as armed: the record says within what time the venue cancels", async () => {
		const ended = new SessionError("closed", { ...retry, session: "ended" });
		const { loop, records } = keep(scripted({ beat: async () => Promise.reject(ended) }));
		await advance(20_000);
		const lost = records.find((record) => record.status.state === "lost");
		expect(lost?.status).toMatchObject({
			protection: { state: "unknown", reason: expect.stringContaining("60000 ms") },
		});
		await loop.stop("keep");
	});

	it("of a venue without protection goes on saying so: late, lost, and in no other words", async () => {
		const protection = { state: "unsupported", reason: "orders keep working" } as const;
		const session = scripted({
			open: async () => ({ ...lease, protection }),
			beat: async () => Promise.reject("no line"),
		});
		const { loop, records } = keep(session);
		await advance(60_000);
		const shown = records.flatMap(({ status }) => ("protection" in status ? [[status.state, status.protection]] : []));
		expect(shown).toEqual([
			["alive", protection],
			["late", protection],
			["lost", protection],
		]);
		await loop.stop("keep");
	});

	it("that dies at once each time waits longer each time", async () => {
		const ended = new SessionError("closed", { ...retry, session: "ended" });
		const session = scripted({ open: async () => ({ ...lease, ended: AbortSignal.abort(ended) }) });
		const { loop } = keep(session);
		await advance(120_000);
		// 0.3 s twice, 3 s, 6 s, 12 s, then 15 s each.
		expect(session.asked.map(({ at }) => at)).toEqual([
			0, 300, 600, 3_600, 9_600, 21_600, 36_600, 51_600, 66_600, 81_600, 96_600, 111_600,
		]);
		await loop.stop("keep");
	});

	it("starts again from the shortest wait after a stable time alive", async () => {
		const ended = new SessionError("closed", { ...retry, session: "ended" });
		const session = scripted({
			open: async (_signal, count) => (count <= 4 ? Promise.reject(new Error("refused")) : lease),
			beat: async (_signal, count) => (count === 2 ? Promise.reject(ended) : lease),
		});
		const { loop, records } = keep(session);
		await advance(9_600 + 40_000);
		const waits = records.flatMap(({ status, at }) => (status.state === "waiting" ? [status.until - at] : []));
		expect(waits).toEqual([300, 300, 3_000, 6_000, 300]);
		await loop.stop("keep");
	});
});
