import { expect, it } from "vitest";
import { initHoldMs, lossExpectation, maintenanceAt, regionOf } from "./reset-times.ts";

const at = (instant: string): number => Date.parse(instant);
const iso = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString());

it.each([
	// IBKR's documentation has resets at midnight or 01:00. Two versions of its status page say 23:45–00:45 and 00:15–01:45.
	["america", "summer", "2026-07-15T03:45:00.000Z", "2026-07-15T05:45:00.000Z"],
	["america", "winter", "2026-01-14T04:45:00.000Z", "2026-01-14T06:45:00.000Z"],
	["europe", "summer", "2026-07-15T22:00:00.000Z", "2026-07-15T23:30:00.000Z"],
	["europe", "winter", "2026-01-14T23:00:00.000Z", "2026-01-15T00:30:00.000Z"],
	// Two versions of IBKR's status page give Europe a second reset, at 05:45–06:45 and at 06:25–07:45.
	["europe", "summer", "2026-07-15T03:45:00.000Z", "2026-07-15T05:45:00.000Z"],
	["europe", "winter", "2026-01-14T04:45:00.000Z", "2026-01-14T06:45:00.000Z"],
	["asia", "summer", "2026-07-15T16:00:00.000Z", "2026-07-15T17:30:00.000Z"],
	["asia", "winter", "2026-01-14T16:00:00.000Z", "2026-01-14T17:30:00.000Z"],
	["asia", "summer", "2026-07-14T20:45:00.000Z", "2026-07-14T22:05:00.000Z"],
	["asia", "winter", "2026-01-14T12:15:00.000Z", "2026-01-14T13:15:00.000Z"],
] as const)("maintenanceAt() finds the nightly reset of %s in %s from %s until %s", (region, _, begin, end) => {
	expect(maintenanceAt(at(begin) - 1, region)).toBeUndefined();
	expect(maintenanceAt(at(begin), region)).toMatchObject({ what: "the nightly reset", until: at(end) });
	expect(maintenanceAt(at(end) - 1, region)?.until).toBe(at(end));
	expect(maintenanceAt(at(end), region)).toBeUndefined();
});

it("maintenanceAt() moves the reset by one hour in UTC when daylight saving time begins or ends in the region", () => {
	// Daylight saving time begins on 2026-03-08 in New York, and on 2026-03-29 in Zurich.
	expect(iso(maintenanceAt(at("2026-03-08T05:10:00Z"), "america")?.until)).toBe("2026-03-08T06:45:00.000Z");
	expect(maintenanceAt(at("2026-03-09T05:50:00Z"), "america")).toBeUndefined();
	expect(iso(maintenanceAt(at("2026-03-09T04:10:00Z"), "america")?.until)).toBe("2026-03-09T05:45:00.000Z");
	expect(maintenanceAt(at("2026-03-29T22:10:00Z"), "europe")).toBeDefined();
	expect(maintenanceAt(at("2026-03-27T22:10:00Z"), "europe")).toBeUndefined();
});

it.each(["america", "europe", "asia"] as const)(
	"maintenanceAt() finds the weekend maintenance in New York time for %s: Friday 23:00 to Saturday 03:00, and Saturday evening",
	(region) => {
		const what = "the weekend maintenance";
		// At this time it is still Friday in New York, but already Saturday in Zurich and Hong Kong.
		expect(maintenanceAt(at("2026-11-21T03:59:59Z"), region)).toBeUndefined();
		const friday = maintenanceAt(at("2026-11-21T04:00:00Z"), region);
		expect(friday).toMatchObject({ what, zone: "America/New_York", until: at("2026-11-21T08:00:00Z") });
		expect(maintenanceAt(at("2026-11-21T07:59:59Z"), region)?.until).toBe(at("2026-11-21T08:00:00Z"));
		expect(maintenanceAt(at("2026-11-21T08:00:00Z"), region)).toBeUndefined();
		expect(maintenanceAt(at("2026-11-21T23:00:00Z"), region)).toMatchObject({ what });
		// In New York, this day is neither a Friday nor a Saturday, so there is no weekend maintenance.
		expect(maintenanceAt(at("2026-11-19T04:00:00Z"), region)?.what).not.toBe(what);
	},
);

it("maintenanceAt() joins periods that follow each other: Saturday evening and Sunday's reset, and the resets before and after midnight", () => {
	expect(maintenanceAt(at("2026-11-21T22:59:59Z"), "america")).toBeUndefined();
	expect(iso(maintenanceAt(at("2026-11-21T23:00:00Z"), "america")?.until)).toBe("2026-11-22T06:45:00.000Z");
	expect(iso(maintenanceAt(at("2026-11-18T04:50:00Z"), "america")?.until)).toBe("2026-11-18T06:45:00.000Z");
});

it("lossExpectation() returns `expected: true` for a loss during maintenance only if a reset can be the cause", () => {
	expect(lossExpectation(at("2026-01-14T05:30:00Z"), "america", true)).toEqual({
		expected: true,
		text: expect.stringMatching(/^expected: the nightly reset in America\/New_York, over by 2026-01-14T06:45/),
	});
	expect(lossExpectation(at("2026-01-14T05:30:00Z"), "america", false)).toEqual({
		expected: false,
		text: expect.stringMatching(
			/^ALARM: unexpected loss: the nightly reset in America\/New_York, over by .*, cannot be its cause/,
		),
	});
	for (const mayBeReset of [true, false]) {
		expect(lossExpectation(at("2026-01-14T15:30:00Z"), "america", mayBeReset)).toEqual({
			expected: false,
			text: expect.stringMatching(/^ALARM: unexpected loss: IBKR resets no sessions at this time/),
		});
	}
});

it.each([
	["america", "2026-01-14T05:00:00Z"],
	["america", "2026-01-14T06:00:00Z"],
	["america", "2026-07-14T04:00:00Z"],
	["europe", "2026-01-14T23:00:00Z"],
	["europe", "2026-07-14T23:00:00Z"],
	["asia", "2026-07-14T16:00:00Z"],
	["asia", "2026-07-14T17:00:00Z"],
] as const)("initHoldMs() delays inits for 90 seconds after a reset of %s at %s", (region, instant) => {
	expect(initHoldMs(at(instant) - 1, region)).toBe(0);
	expect(initHoldMs(at(instant), region)).toBe(90_000);
	expect(initHoldMs(at(instant) + 89_999, region)).toBe(1);
	expect(initHoldMs(at(instant) + 90_000, region)).toBe(0);
});

it("initHoldMs() delays inits for 90 seconds after a reset also in the nights in which daylight saving time begins or ends", () => {
	for (const instant of [
		"2026-03-08T05:00:00Z",
		"2026-03-09T04:00:00Z",
		"2026-11-01T04:00:00Z",
		"2026-11-02T05:00:00Z",
	]) {
		expect(initHoldMs(at(instant), "america")).toBe(90_000);
	}
	for (const instant of [
		"2026-03-28T23:00:00Z",
		"2026-03-29T22:00:00Z",
		"2026-10-24T22:00:00Z",
		"2026-10-25T23:00:00Z",
	]) {
		expect(initHoldMs(at(instant), "europe")).toBe(90_000);
	}
});

it("regionOf() knows the two region codes that IBKR has sent, and no others", () => {
	expect([regionOf("NJ"), regionOf("EU"), regionOf("XX"), regionOf(undefined)]).toEqual([
		"america",
		"europe",
		undefined,
		undefined,
	]);
});
