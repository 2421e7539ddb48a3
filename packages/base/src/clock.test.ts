import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { after, longestTimerMs, neverAborted, sleep, sleepOrReject, withDeadline } from "./clock.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

const onTimeout = (): Error => new Error("late");
const pending = (): Promise<never> => new Promise(() => {});

describe("sleep", () => {
	it("sleep resolves when its time has passed, or at once when one of its two signals aborts", async () => {
		const [first, second] = [new AbortController(), new AbortController()];
		const onDone = vi.fn();
		void sleep(10, neverAborted).then(onDone);
		await vi.advanceTimersByTimeAsync(9);
		expect(onDone).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		expect(onDone).toHaveBeenCalledOnce();
		const sleeps = Promise.all([sleep(10, first.signal), sleep(10, neverAborted, second.signal)]);
		first.abort();
		second.abort();
		await sleeps;
		await sleep(10, first.signal);
	});

	it("sleep does not resolve at once when its time is longer than the longest delay that a timer accepts", async () => {
		const controller = new AbortController();
		const onDone = vi.fn();
		const done = sleep(Number.POSITIVE_INFINITY, controller.signal).then(onDone);
		await vi.advanceTimersByTimeAsync(longestTimerMs - 1);
		expect(onDone).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		await done;
	});
});

it("sleepOrReject rejects with the reason of its signal when that signal aborts", async () => {
	const controller = new AbortController();
	const rejected = expect(sleepOrReject(10, controller.signal)).rejects.toBe("reason");
	controller.abort("reason");
	await rejected;
	await expect(sleepOrReject(10, controller.signal)).rejects.toBe("reason");
	const done = sleepOrReject(10, neverAborted);
	await vi.advanceTimersByTimeAsync(10);
	await done;
});

it("after() does not run a cancelled action", async () => {
	const action = vi.fn();
	after(5, action)();
	after(5, action);
	await vi.advanceTimersByTimeAsync(5);
	expect(action).toHaveBeenCalledOnce();
});

describe("withDeadline", () => {
	it("withDeadline resolves with the result of the work and rejects with its error, even if the work throws synchronously", async () => {
		expect(await withDeadline({ ms: 5, onTimeout }, async () => 1)).toBe(1);
		await expect(withDeadline({ ms: 5, onTimeout }, () => Promise.reject(new Error("own")))).rejects.toThrow("own");
		const throwing = (): never => {
			throw new Error("sync");
		};
		await expect(withDeadline({ ms: 5, onTimeout }, throwing)).rejects.toThrow("sync");
	});

	it("withDeadline rejects with its own timeout error at the deadline, not with the error of the work that it then aborts", async () => {
		const work = (signal: AbortSignal): Promise<never> =>
			new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("hidden"))));
		const rejected = expect(withDeadline({ ms: 5, onTimeout }, work)).rejects.toThrow("late");
		await vi.advanceTimersByTimeAsync(5);
		await rejected;
	});

	it("withDeadline rejects with the reason of the aborted signal, or with the error that onAbort creates from that reason", async () => {
		const controller = new AbortController();
		const { signal } = controller;
		const plain = expect(withDeadline({ ms: 5, signal, onTimeout }, pending)).rejects.toBe("why");
		const other = expect(withDeadline({ ms: 5, other: signal, onTimeout }, pending)).rejects.toBe("why");
		const onAbort = (reason: unknown): string => `made of ${reason}`;
		const made = expect(withDeadline({ ms: 5, signal, onTimeout, onAbort }, pending)).rejects.toBe("made of why");
		controller.abort("why");
		await Promise.all([plain, other, made]);
		const work = vi.fn(pending);
		await expect(withDeadline({ ms: 5, signal, onTimeout }, work)).rejects.toBe("why");
		expect(work).not.toHaveBeenCalled();
	});
});
