import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { maxSilenceMs, SharedArmedState } from "./shared-armed-state.ts";

/** The unit of the times in shared memory, in milliseconds: times are rounded down to a multiple of it. */
const tickMs = 32;
const origin = { monotonicMs: 0, wallMs: 0 };
let monotonic = 0;
let wall = 0;

beforeEach(() => {
	monotonic = 0;
	wall = 0;
	vi.spyOn(performance, "now").mockImplementation(() => monotonic);
	vi.spyOn(Date, "now").mockImplementation(() => wall);
});
afterEach(() => vi.restoreAllMocks());

function advance(ms: number): void {
	monotonic += ms;
	wall += ms;
}

/** Two SharedArmedStates over the same memory: one for a worker and one for its program. */
function pair(sessions = 1): { worker: SharedArmedState; program: SharedArmedState } {
	const worker = new SharedArmedState(sessions, origin);
	return { worker, program: new SharedArmedState(worker.buffer, origin) };
}

describe("SharedArmedState", () => {
	it("SharedArmedState reports no session as armed before the worker has written anything", () => {
		const { program } = pair(2);
		expect([program.isArmed(0), program.isArmed(1)]).toEqual([false, false]);
	});

	it("SharedArmedState reports a session as armed for at most half a second after the worker last wrote", () => {
		const { worker, program } = pair();
		worker.write(0, monotonic, Number.POSITIVE_INFINITY, 60_000);
		expect(program.isArmed(0)).toBe(true);
		advance(maxSilenceMs - tickMs - 1);
		expect(program.isArmed(0)).toBe(true);
		advance(tickMs + 1);
		expect(program.isArmed(0)).toBe(false);
	});

	it("SharedArmedState never reports a session as armed after the armedUntil that the worker has written", () => {
		for (let ms = 0; ms < 200; ms += 1) {
			const { worker, program } = pair();
			worker.write(0, monotonic, monotonic + ms, 60_000);
			advance(ms);
			expect(program.isArmed(0), `${ms} ms`).toBe(false);
			advance(7);
		}
	});

	it("SharedArmedState returns what is left of a wait that the venue asked for, or up to 64 ms (two ticks) more, but never less", () => {
		const { worker, program } = pair(2);
		expect(program.venueWaitMs(0)).toBe(0);
		for (let ms = 0; ms < 200; ms += 1) {
			worker.writeVenueWait(0, monotonic, 60_000 + ms);
			advance(59_000);
			expect(program.venueWaitMs(0)).toBeGreaterThanOrEqual(1_000 + ms);
			expect(program.venueWaitMs(0)).toBeLessThanOrEqual(1_000 + ms + 2 * tickMs);
			advance(1_000 + ms + 2 * tickMs);
			expect([program.venueWaitMs(0), program.venueWaitMs(1)]).toEqual([0, 0]);
			advance(7);
		}
	});

	it("SharedArmedState returns 0 for the wait that the venue asked for as soon as the worker writes that there is no wait", () => {
		const { worker, program } = pair();
		worker.writeVenueWait(0, monotonic, 60_000);
		advance(100);
		worker.writeVenueWait(0, monotonic, 0);
		expect(program.venueWaitMs(0)).toBe(0);
	});

	it("SharedArmedState reports a session as not armed as soon as the worker writes so, and still reports the other session as armed", () => {
		const { worker, program } = pair(2);
		worker.write(0, monotonic, 10_000, 60_000);
		worker.write(1, monotonic, 10_000, 60_000);
		worker.write(1, monotonic, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY);
		expect([program.isArmed(0), program.isArmed(1)]).toEqual([true, false]);
	});

	it("SharedArmedState reports no session as armed after the machine was suspended, although the monotonic clock did not count that time", () => {
		const { worker, program } = pair();
		worker.write(0, monotonic, Number.POSITIVE_INFINITY, 60_000);
		wall += maxSilenceMs;
		expect(program.isArmed(0)).toBe(false);
	});

	it.each([
		["three years of running", 3 * 365 * 86_400_000, 0],
		["a wall clock that is set from 1970 to 2026", 0, 56 * 365 * 86_400_000],
		["a wall clock that is set back by a year", 0, -365 * 86_400_000],
	])("SharedArmedState still says correctly whether a session is armed after %s", (_, runningMs, stepMs) => {
		const { worker, program } = pair();
		for (let ran = 0; ran < runningMs; ran += 100 * 86_400_000) {
			advance(100 * 86_400_000);
			worker.write(0, monotonic, monotonic + 1_000, 60_000);
		}
		wall += stepMs;
		worker.write(0, monotonic, monotonic + 1_000, 60_000);
		expect(program.isArmed(0)).toBe(true);
		advance(maxSilenceMs);
		expect(program.isArmed(0)).toBe(false);
		worker.write(0, monotonic, Number.NEGATIVE_INFINITY, 0);
		expect(program.isArmed(0)).toBe(false);
	});

	it("SharedArmedState reports, exact to 32 ms, how long the worker has been silent and for how much longer the last beat proves a session alive", () => {
		const { worker, program } = pair();
		worker.recordTurn(monotonic);
		worker.write(0, monotonic, 0, monotonic + 20_000);
		advance(1_000);
		expect(program.silentMs).toBeGreaterThanOrEqual(1_000 - tickMs);
		expect(program.silentMs).toBeLessThanOrEqual(1_000 + tickMs);
		expect(Math.abs(program.provenForMs(0) - 19_000)).toBeLessThanOrEqual(tickMs);
		advance(60_000);
		expect(program.provenForMs(0)).toBe(0);
	});

	it("SharedArmedState passes on the age of a pulse(), exact to the millisecond even after 25 days, and whether that pulse() was late", () => {
		const { worker, program } = pair();
		advance(30 * 86_400_000);
		program.recordPulse(monotonic, false);
		expect(worker.latePulses).toBe(0);
		advance(123);
		expect(worker.pulseAgeMs(worker.pulse, monotonic)).toBe(123);
		program.recordPulse(monotonic, true);
		expect(worker.pulseAgeMs(worker.pulse, monotonic)).toBe(0);
		expect(worker.latePulses).toBe(1);
	});
});
