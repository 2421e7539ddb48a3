import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LocalHeartbeat } from "./local-heartbeat.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

function start(seconds: number) {
	const sent: string[] = [];
	let timeouts = 0;
	const heartbeat = new LocalHeartbeat({
		send: (text) => void sent.push(JSON.parse(text).params.type),
		onTimeout: () => {
			timeouts += 1;
		},
	});
	heartbeat.set(seconds);
	return { heartbeat, sent, timeouts: () => timeouts };
}

describe("LocalHeartbeat with an interval of 10 s", () => {
	it("LocalHeartbeat sends a test_request to a bot that was silent for 1.2 intervals (12 s), and gives the bot one interval (10 s) to answer", () => {
		const { heartbeat, sent, timeouts } = start(10);
		vi.advanceTimersByTime(11_990);
		expect(sent).toEqual([]);
		vi.advanceTimersByTime(10);
		expect(sent).toEqual(["heartbeat", "test_request"]);
		vi.advanceTimersByTime(9_990);
		expect(timeouts()).toBe(0);
		vi.advanceTimersByTime(10);
		expect(timeouts()).toBe(1);
		heartbeat.stop();
	});

	it("LocalHeartbeat sends another test_request to a bot that has answered, and times out if the bot then sends only other frames", () => {
		const { heartbeat, sent, timeouts } = start(10);
		vi.advanceTimersByTime(12_000);
		heartbeat.onFrame(true);
		vi.advanceTimersByTime(12_000);
		expect(sent).toEqual(["heartbeat", "test_request", "heartbeat", "test_request"]);
		heartbeat.onFrame(false);
		vi.advanceTimersByTime(10_000);
		expect(timeouts()).toBe(1);
		heartbeat.stop();
	});

	it("LocalHeartbeat sends no test_request to a bot that sends frames, and none at all once heartbeats are switched off", () => {
		const { heartbeat, sent, timeouts } = start(10);
		for (let second = 0; second < 60; second += 5) {
			vi.advanceTimersByTime(5_000);
			heartbeat.onFrame(false);
		}
		heartbeat.set(0);
		vi.advanceTimersByTime(60_000);
		expect([sent, timeouts()]).toEqual([[], 0]);
	});
});
