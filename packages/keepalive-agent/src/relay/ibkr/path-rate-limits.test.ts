import type { UsedLimits } from "@x/keepalive";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { paceOf, paces } from "./call-kind.ts";
import { PathLimits } from "./path-rate-limits.ts";

beforeEach(() => {
	vi.useFakeTimers({ now: 1_800_000_000_000 });
});
afterEach(() => {
	vi.useRealTimers();
});

function pace(path: string) {
	const found = paceOf(path);
	if (!found) throw new Error(`${path} has no limit`);
	return found;
}

const performance = pace("/pa/performance");
const summary = pace("/pa/summary");
const orders = pace("/iserver/account/orders");

/** Makes the limits of a session that is about to be opened. @param earlier - the rate limits that an earlier agent has used. */
function start(earlier?: UsedLimits | "all", wasKilled = false) {
	const limits = new PathLimits();
	if (earlier !== undefined) limits.inherit(earlier, wasKilled);
	const onUsed = vi.fn<() => void>();
	limits.attach(onUsed);
	return { limits, onUsed };
}

it("PathLimits calls onUsed before and after each call of a path with a limit of a minute or more, and never for another path", () => {
	const { limits, onUsed } = start();
	expect(limits.freeInMs(performance)).toBe(0);
	limits.begin(performance);
	expect(onUsed).toHaveBeenCalledTimes(1);
	expect(limits.used).toEqual({ "path /pa/performance": { made: [], pausedUntil: Date.now() + 909_000 } });
	expect(limits.freeInMs(performance)).toBe(Number.POSITIVE_INFINITY);
	vi.advanceTimersByTime(10_000);
	limits.end(performance);
	expect(onUsed).toHaveBeenCalledTimes(2);
	expect(limits.freeInMs(performance)).toBe(909_000);
	limits.begin(orders);
	limits.end(orders);
	expect(onUsed).toHaveBeenCalledTimes(2);
	expect(Object.keys(limits.used)).toEqual(["path /pa/performance"]);
	vi.advanceTimersByTime(908_999);
	expect(limits.freeInMs(performance)).toBe(1);
	vi.advanceTimersByTime(1);
	expect(limits.freeInMs(performance)).toBe(0);
	expect(limits.used).toEqual({});
});

it("PathLimits takes over the remaining time of a limit of minutes, and counts each limit of seconds as just used up", () => {
	const { limits } = start();
	limits.begin(performance);
	vi.advanceTimersByTime(400_000);
	const later = start(limits.used);
	expect(later.limits.freeInMs(performance)).toBeCloseTo(509_000 * 1.01, 0);
	expect(later.limits.freeInMs(summary)).toBe(0);
	expect(later.limits.freeInMs(orders)).toBe(5_050);
	expect(Object.keys(start(later.limits.used).limits.used)).toEqual(["path /pa/performance"]);
	vi.advanceTimersByTime(5_050);
	expect(later.limits.freeInMs(orders)).toBe(0);
});

it.each([
	["nothing is known of the previous agent", "all", false],
	["the previous agent was killed, and may have made calls that it did not report", {}, true],
] as const)("PathLimits counts every limit as used up, for the next agent too, if %s", (_, used, wasKilled) => {
	const { limits } = start(used, wasKilled);
	for (const [key, everyMs] of paces) expect(limits.freeInMs({ key, everyMs })).toBe(everyMs * 1.01);
	const later = start(limits.used);
	for (const path of ["/pa/performance", "/pa/summary", "/pa/transactions", "/iserver/scanner/params"]) {
		expect(later.limits.freeInMs(pace(path))).toBeGreaterThan(900_000);
	}
});

it("PathLimits counts every limit as used up until attach() is called, because earlier calls are unknown until then", () => {
	const limits = new PathLimits();
	expect(limits.freeInMs(performance)).toBe(909_000);
	expect(limits.freeInMs(orders)).toBe(5_050);
	limits.attach(() => undefined);
	expect(limits.freeInMs(performance)).toBe(0);
	expect(limits.freeInMs(orders)).toBe(0);
});

it("PathLimits never makes a call wait longer than the documented limit of its path, even if a clock is wrong", () => {
	const { limits } = start({ "path /pa/performance": { made: [], pausedUntil: Date.now() + 86_400_000 } });
	expect(limits.freeInMs(performance)).toBe(909_000);
});
