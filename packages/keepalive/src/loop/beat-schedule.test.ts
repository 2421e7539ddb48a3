import { describe, expect, it } from "vitest";
import { beatTimeoutMs, firstBeatMs, intervalMs, nextBeatMs, nextDueAt, retryBeatMs } from "./beat-schedule.ts";

const protection = { state: "unsupported", reason: "" } as const;
const lease = { ttlMs: 60_000, protection };

describe("the schedule of a session's beats", () => {
	it("the beat schedule sends a beat every third of the lease's ttlMs, or at the venue's interval if that is shorter", () => {
		expect(intervalMs(lease)).toBe(20_000);
		expect(intervalMs({ ...lease, paceMs: 60_000 })).toBe(20_000);
		expect(intervalMs({ ...lease, paceMs: 10_000 })).toBe(10_000);
	});

	it("the beat schedule sends a beat earlier by a random time of up to a tenth of the interval", () => {
		expect(nextBeatMs(lease, 0)).toBe(20_000);
		expect(nextBeatMs(lease, 0.999)).toBeGreaterThanOrEqual(18_000);
	});

	it("the beat schedule sends the first beat earlier by up to half an interval, depending on the parameter phase", () => {
		expect([0, 0.5, 0.999_999].map((phase) => Math.round(firstBeatMs(lease, 0, phase)))).toEqual([
			20_000, 15_000, 10_000,
		]);
	});

	it("the next beat is due one interval after the last beat was due, so that delays do not add up", () => {
		expect(nextDueAt(100, { dueAt: 1_000, sentAt: 1_079, now: 1_080 })).toBe(1_100);
		expect(nextDueAt(100, { dueAt: 1_000, sentAt: 1_079, now: 1_099 })).toBe(1_100);
	});

	it("the next beat is due one interval after the last beat was sent if the last beat was sent early", () => {
		expect(nextDueAt(100, { dueAt: 1_000, sentAt: 920, now: 921 })).toBe(1_020);
	});

	it("the beat schedule does not catch up on missed beats", () => {
		expect(nextDueAt(100, { dueAt: 1_000, sentAt: 1_099, now: 1_100 })).toBe(1_199);
		expect(nextDueAt(100, { dueAt: 1_000, sentAt: 9_000, now: 9_001 })).toBe(9_100);
	});

	it("the next beat is due at once when the reply to the last beat took longer than the interval", () => {
		expect(nextDueAt(100, { dueAt: 1_000, sentAt: 1_050, now: 1_200 })).toBe(1_200);
	});

	it("the beat schedule lets a beat time out after one interval, or when the lease expires if that is sooner", () => {
		expect(beatTimeoutMs(lease, 40_000)).toBe(20_000);
		expect(beatTimeoutMs(lease, 5_000)).toBe(5_000);
	});

	it("the beat schedule repeats a failed beat after an eighth of the interval; each further failure makes the wait longer, up to half the interval", () => {
		expect([1, 2, 3, 4, 5, 99].map((failures) => retryBeatMs(lease, failures))).toEqual([
			2_500, 5_000, 7_500, 10_000, 10_000, 10_000,
		]);
	});
});
