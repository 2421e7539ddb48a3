import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { SteadyClock } from "./steady-clock.ts";

let monotonic: number;
let wall: number;

beforeEach(() => {
	[monotonic, wall] = [1_000, 1_800_000_000_000];
	vi.spyOn(performance, "now").mockImplementation(() => monotonic);
});
afterEach(() => vi.restoreAllMocks());

/** Creates a clock. The returned function returns how many milliseconds the clock has counted since its creation. */
function start() {
	const clock = new SteadyClock(() => wall);
	const from = clock.now();
	return () => clock.now() - from;
}

function pass(ms: number): void {
	monotonic += ms;
	wall += ms;
}

it("SteadyClock counts the time for which the machine was suspended", () => {
	const passedMs = start();
	pass(5_000);
	wall += 33_000;
	expect(passedMs()).toBe(38_000);
});

it("SteadyClock counts a suspension even if the wall clock was set back before the suspension", () => {
	const passedMs = start();
	pass(5_000);
	wall -= 60_000;
	expect(passedMs()).toBe(5_000);
	wall += 33_000;
	expect(passedMs()).toBe(38_000);
});

it("SteadyClock advances when the wall clock is set forward, and does not go back when the wall clock is set back", () => {
	const passedMs = start();
	wall += 10_000;
	expect(passedMs()).toBe(10_000);
	wall -= 10_000;
	expect(passedMs()).toBe(10_000);
});

it("SteadyClock does not accumulate the rounding errors of the wall clock over many readings", () => {
	const passedMs = start();
	for (let reading = 0; reading < 100_000; reading += 1) {
		monotonic += 0.01;
		wall = 1_800_000_000_000 + Math.round(monotonic - 1_000);
		passedMs();
	}
	expect(passedMs()).toBeCloseTo(1_000, 3);
});

it("SteadyClock follows a wall clock that runs faster than the monotonic clock", () => {
	const passedMs = start();
	for (let reading = 0; reading < 1_000; reading += 1) {
		monotonic += 1_000;
		wall += 1_000.5;
		passedMs();
	}
	expect(passedMs()).toBe(1_000_500);
});
