import { expect, it } from "vitest";
import { expectation, quietTime, regionOf, resetHoldMs } from "./calendar.ts";

const at = (instant: string): number => Date.parse(instant);
const iso = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString());

it.each([
	["america", "summer", "2026-07-15T04:00:00.000Z", "2026-07-15T05:30:00.000Z"],
	["america", "winter", "2026-01-14T05:00:00.000Z", "2026-01-14T06:30:00.000Z"],
	["europe", "summer", "2026-07-15T22:00:00.000Z", "2026-07-15T23:30:00.000Z"],
	["europe", "winter", "2026-01-14T23:00:00.000Z", "2026-01-15T00:30:00.000Z"],
	["asia", "summer", "2026-07-15T16:00:00.000Z", "2026-07-15T17:30:00.000Z"],
	["asia", "winter", "2026-01-14T16:00:00.000Z", "2026-01-14T17:30:00.000Z"],
] as const)("the nightly reset of %s in %s begins at %s and is over at %s", (region, _, begin, end) => {
	expect(quietTime(at(begin) - 1, region)).toBeUndefined();
	expect(quietTime(at(begin), region)).toMatchObject({ what: "the nightly reset", until: at(end) });
	expect(quietTime(at(end) - 1, region)?.until).toBe(at(end));
	expect(quietTime(at(end), region)).toBeUndefined();
});

it("moves by an hour of UTC in the night after a zone changes its clock", () => {
	// New York changes on 2026-03-08, Zurich on 2026-03-29.
	expect(iso(quietTime(at("2026-03-08T05:10:00Z"), "america")?.until)).toBe("2026-03-08T06:30:00.000Z");
	expect(quietTime(at("2026-03-09T05:40:00Z"), "america")).toBeUndefined();
	expect(iso(quietTime(at("2026-03-09T04:10:00Z"), "america")?.until)).toBe("2026-03-09T05:30:00.000Z");
	expect(quietTime(at("2026-03-29T22:10:00Z"), "europe")).toBeDefined();
	expect(quietTime(at("2026-03-27T22:10:00Z"), "europe")).toBeUndefined();
});

it("has the maintenance of Saturday evening, which runs into the reset of Sunday", () => {
	expect(quietTime(at("2026-11-21T22:59:59Z"), "america")).toBeUndefined();
	const quiet = quietTime(at("2026-11-21T23:00:00Z"), "america");
	expect(quiet).toMatchObject({ what: "the weekend's maintenance", until: at("2026-11-22T06:30:00Z") });
	expect(quietTime(at("2026-11-20T23:00:00Z"), "america")).toBeUndefined();
});

it("calls a loss inside it expected, and any other one an alarm", () => {
	expect(expectation(at("2026-01-14T05:30:00Z"), "america")).toEqual({
		expected: true,
		words: expect.stringMatching(/^expected: the nightly reset in America\/New_York, over by 2026-01-14T06:30/),
	});
	expect(expectation(at("2026-01-14T15:30:00Z"), "america")).toEqual({
		expected: false,
		words: expect.stringMatching(/^ALARM/),
	});
});

it.each([
	["america", "2026-01-14T05:00:00Z"],
	["america", "2026-01-14T06:00:00Z"],
	["america", "2026-07-14T04:00:00Z"],
	["europe", "2026-01-14T23:00:00Z"],
	["europe", "2026-07-14T23:00:00Z"],
	["asia", "2026-07-14T16:00:00Z"],
	["asia", "2026-07-14T17:00:00Z"],
] as const)("an init is held for 90 seconds from each of the two times at which %s resets: %s", (region, instant) => {
	expect(resetHoldMs(at(instant) - 1, region)).toBe(0);
	expect(resetHoldMs(at(instant), region)).toBe(90_000);
	expect(resetHoldMs(at(instant) + 89_999, region)).toBe(1);
	expect(resetHoldMs(at(instant) + 90_000, region)).toBe(0);
});

it("an init is held through the nights in which a zone changes its clock", () => {
	for (const instant of [
		"2026-03-08T05:00:00Z",
		"2026-03-09T04:00:00Z",
		"2026-11-01T04:00:00Z",
		"2026-11-02T05:00:00Z",
	]) {
		expect(resetHoldMs(at(instant), "america")).toBe(90_000);
	}
	for (const instant of [
		"2026-03-28T23:00:00Z",
		"2026-03-29T22:00:00Z",
		"2026-10-24T22:00:00Z",
		"2026-10-25T23:00:00Z",
	]) {
		expect(resetHoldMs(at(instant), "europe")).toBe(90_000);
	}
});

it("knows the two words for a region that have been seen, and guesses at no other", () => {
	expect([regionOf("NJ"), regionOf("EU"), regionOf("XX"), regionOf(undefined)]).toEqual([
		"america",
		"europe",
		undefined,
		undefined,
	]);
});
