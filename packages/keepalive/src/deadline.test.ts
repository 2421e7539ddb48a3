import { neverAborted, sleep } from "@x/base/clock";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isTimeoutError, TimeoutError, withTimeout } from "./deadline.ts";

const never = (): Promise<never> => new Promise(() => undefined);

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("withTimeout", () => {
	it("withTimeout resolves with the result of its work function, or rejects with the error of that function", async () => {
		expect(await withTimeout(1_000, neverAborted, "work", async () => 7)).toBe(7);
		const failing = withTimeout(1_000, neverAborted, "work", async () => Promise.reject(new Error("no")));
		await expect(failing).rejects.toThrow("no");
	});

	it("withTimeout rejects at its deadline even if its work function ignores the abort signal, and ignores a later rejection of that function", async () => {
		let fail: (error: Error) => void = () => undefined;
		const work = withTimeout(1_000, neverAborted, "the work", () => new Promise((_, reject) => (fail = reject)));
		const expected = expect(work).rejects.toThrow(new TimeoutError("@x/keepalive: the work timed out after 1000 ms."));
		await vi.advanceTimersByTimeAsync(1_000);
		await expected;
		fail(new Error("too late"));
		await vi.advanceTimersByTimeAsync(0);
	});

	it("withTimeout does not time out at once when its timeout exceeds the maximum delay of setTimeout", async () => {
		const controller = new AbortController();
		const work = withTimeout(31_536_000_000, controller.signal, "the work", never);
		const ended = vi.fn();
		work.catch(ended);
		await vi.advanceTimersByTimeAsync(86_400_000);
		expect(ended).not.toHaveBeenCalled();
		controller.abort(new Error("over"));
		await vi.advanceTimersByTimeAsync(0);
		expect(ended).toHaveBeenCalledOnce();
	});

	it("withTimeout rejects with the reason of its signal when that signal aborts", async () => {
		const controller = new AbortController();
		const work = withTimeout(1_000, controller.signal, "the work", never);
		controller.abort(new Error("stopped"));
		await expect(work).rejects.toThrow("stopped");
	});

	it("withTimeout and sleep() leave no listener on their abort signals", async () => {
		const signal = new AbortController().signal;
		const on = vi.spyOn(signal, "addEventListener");
		const off = vi.spyOn(signal, "removeEventListener");
		await withTimeout(1_000, signal, "the work", async () => 7);
		await withTimeout(1_000, signal, "the work", async () => Promise.reject(new Error("no"))).catch(() => undefined);
		await Promise.all([sleep(10, signal), vi.advanceTimersByTimeAsync(10)]);
		expect(on).toHaveBeenCalledTimes(3);
		expect(off.mock.calls.map(([, listener]) => listener)).toEqual(on.mock.calls.map(([, listener]) => listener));
	});

	it("withTimeout does not call its work function when the signal has aborted already", async () => {
		const start = vi.fn();
		const work = withTimeout(1_000, AbortSignal.abort(new Error("over")), "the work", start);
		await expect(work).rejects.toThrow("over");
		expect(start).not.toHaveBeenCalled();
	});
});

describe("sleep", () => {
	it("sleep() ends when its time has passed, not earlier", async () => {
		const done = vi.fn();
		void sleep(1_000, neverAborted).then(done);
		await vi.advanceTimersByTimeAsync(999);
		expect(done).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		expect(done).toHaveBeenCalledOnce();
	});

	it("sleep() ends when its signal aborts, without an error and without leaving a timer", async () => {
		const controller = new AbortController();
		const slept = sleep(1_000, controller.signal);
		controller.abort();
		await slept;
		await sleep(1_000, controller.signal);
	});

	it("sleep() does not end at once when its time exceeds the maximum delay of setTimeout", async () => {
		const done = vi.fn();
		const controller = new AbortController();
		void sleep(31_536_000_000, controller.signal).then(done);
		await vi.advanceTimersByTimeAsync(86_400_000);
		expect(done).not.toHaveBeenCalled();
		controller.abort();
	});
});

it("isTimeoutError is false for a revoked proxy, which throws at every access", () => {
	const { proxy, revoke } = Proxy.revocable({}, {});
	revoke();
	expect([isTimeoutError(proxy), isTimeoutError(new TimeoutError("late"))]).toEqual([false, true]);
});
