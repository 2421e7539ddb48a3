import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CutOff, sleep, within } from "./time.ts";

const never = new AbortController().signal;

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

describe("sleep", () => {
	it("ends after its time, not before", async () => {
		const done = vi.fn();
		void sleep(1_000, never).then(done);
		await vi.advanceTimersByTimeAsync(999);
		expect(done).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		expect(done).toHaveBeenCalledOnce();
	});

	it("ends when its signal aborts, without throwing and without leaving a timer", async () => {
		const controller = new AbortController();
		const slept = sleep(1_000, controller.signal);
		controller.abort();
		await slept;
		await sleep(1_000, controller.signal);
	});

	it("longer than a timer can count lasts as long as a timer can, rather than ending at once", async () => {
		const done = vi.fn();
		const controller = new AbortController();
		void sleep(31_536_000_000, controller.signal).then(done);
		await vi.advanceTimersByTimeAsync(86_400_000);
		expect(done).not.toHaveBeenCalled();
		controller.abort();
	});
});

describe("within", () => {
	it("gives what the work gives", async () => {
		expect(await within(1_000, never, "work", async () => 7)).toBe(7);
		await expect(within(1_000, never, "work", async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
	});

	it("ends the wait at its deadline even if the work ignores its signal, and what comes later harms nobody", async () => {
		let fail: (error: Error) => void = () => undefined;
		const work = within(1_000, never, "the work", () => new Promise((_, reject) => (fail = reject)));
		const expected = expect(work).rejects.toThrow(CutOff);
		await vi.advanceTimersByTimeAsync(1_000);
		await expected;
		fail(new Error("too late"));
		await vi.advanceTimersByTimeAsync(0);
	});

	it("does not end at once when its deadline is longer than a timer can count", async () => {
		const controller = new AbortController();
		const work = within(31_536_000_000, controller.signal, "the work", () => new Promise(() => undefined));
		const ended = vi.fn();
		work.catch(ended);
		await vi.advanceTimersByTimeAsync(86_400_000);
		expect(ended).not.toHaveBeenCalled();
		controller.abort(new Error("over"));
		await vi.advanceTimersByTimeAsync(0);
		expect(ended).toHaveBeenCalledOnce();
	});

	it("ends with the reason of the signal it was given", async () => {
		const controller = new AbortController();
		const work = within(1_000, controller.signal, "the work", () => new Promise(() => undefined));
		controller.abort(new Error("stopped"));
		await expect(work).rejects.toThrow("stopped");
	});

	it("and sleep leave no listener on a signal that lives longer", async () => {
		const signal = new AbortController().signal;
		const on = vi.spyOn(signal, "addEventListener");
		const off = vi.spyOn(signal, "removeEventListener");
		await within(1_000, signal, "the work", async () => 7);
		await within(1_000, signal, "the work", async () => Promise.reject(new Error("no"))).catch(() => undefined);
		await Promise.all([sleep(10, signal), vi.advanceTimersByTimeAsync(10)]);
		expect(on).toHaveBeenCalledTimes(3);
		expect(off.mock.calls.map(([, listener]) => listener)).toEqual(on.mock.calls.map(([, listener]) => listener));
	});

	it("does not start the work when the signal has aborted already", async () => {
		const start = vi.fn();
		await expect(within(1_000, AbortSignal.abort(new Error("over")), "the work", start)).rejects.toThrow("over");
		expect(start).not.toHaveBeenCalled();
	});
});
