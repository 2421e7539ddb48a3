import { expect, it } from "vitest";
import { initHoldMs, lossExpectation, maintenanceAt, regionOf } from "./calendar.ts";

const at = (instant: string): number => Date.parse(instant);
const iso = (instant: number | undefined) => (instant === undefined ? undefined : new Date(instant).toISOString());

it.each([
	["america", "summer", "2026-07-15T04:00:00.000Z", "2026-07-15T05:30:00.000Z"],
	["america", "winter", "2026-01-14T05:00:00.000Z", "2026-01-14T06:30:00.000Z"],
	["europe", "summer", "2026-07-15T22:00:00.000Z", "2026-07-15T23:30:00.000Z"],
	["europe", "winter", "2026-01-14T23:00:00.000Z", "2026-01-15T00:30:00.000Z"],
	["asia", "summer", "2026-07-15T16:00:00.000Z", "2026-07-15T17:30:00.000Z"],
	["asia", "winter", "2026-01-14T16:00:00.000Z", "2026-01-14T17:30:00.000Z"],
] as const)("maintenanceAt() finds the nightly reset of %s in %s from %s until %s", (region, _, begin, end) => {
	expect(maintenanceAt(at(begin) - 1, region)).toBeUndefined();
	expect(maintenanceAt(at(begin), region)).toMatchObject({ what: "the nightly reset", until: at(end) });
	expect(maintenanceAt(at(end) - 1, region)?.until).toBe(at(end));
	expect(maintenanceAt(at(end), region)).toBeUndefined();
});

it("maintenanceAt() moves the reset by an hour of UTC after a zone changes its clock", () => {
	// Daylight saving time begins in New York on 2026-03-08, in Zurich on 2026-03-29.
	expect(iso(maintenanceAt(at("2026-03-08T05:10:00Z"), "america")?.until)).toBe("2026-03-08T06:30:00.000Z");
	expect(maintenanceAt(at("2026-03-09T05:40:00Z"), "america")).toBeUndefined();
	expect(iso(maintenanceAt(at("2026-03-09T04:10:00Z"), "america")?.until)).toBe("2026-03-09T05:30:00.000Z");
	expect(maintenanceAt(at("2026-03-29T22:10:00Z"), "europe")).toBeDefined();
	expect(maintenanceAt(at("2026-03-27T22:10:00Z"), "europe")).toBeUndefined();
});

it("maintenanceAt() finds the weekend maintenance from Saturday evening until the end of Sunday's reset", () => {
	expect(maintenanceAt(at("2026-11-21T22:59:59Z"), "america")).toBeUndefined();
	const maintenance = maintenanceAt(at("2026-11-21T23:00:00Z"), "america");
	expect(maintenance).toMatchObject({ what: "the weekend maintenance", until: at("2026-11-22T06:30:00Z") });
	expect(maintenanceAt(at("2026-11-20T23:00:00Z"), "america")).toBeUndefined();
});

it("lossExpectation() expects a loss during maintenance and raises an alarm at any other time", () => {
	expect(lossExpectation(at("2026-01-14T05:30:00Z"), "america")).toEqual({
		expected: true,
		text: expect.stringMatching(/^expected: the nightly reset in America\/New_York, over by 2026-01-14T06:30/),
	});
	expect(lossExpectation(at("2026-01-14T15:30:00Z"), "america")).toEqual({
		expected: false,
		text: expect.stringMatching(/^ALARM/),
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
] as const)("initHoldMs() holds inits for 90 seconds after a reset of %s at %s", (region, instant) => {
	expect(initHoldMs(at(instant) - 1, region)).toBe(0);
	expect(initHoldMs(at(instant), region)).toBe(90_000);
	expect(initHoldMs(at(instant) + 89_999, region)).toBe(1);
	expect(initHoldMs(at(instant) + 90_000, region)).toBe(0);
});

it("initHoldMs() holds inits in the nights in which a zone changes its clock", () => {
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

it("regionOf() knows the two words that have been seen, and no other", () => {
	expect([regionOf("NJ"), regionOf("EU"), regionOf("XX"), regionOf(undefined)]).toEqual([
		"america",
		"europe",
		undefined,
		undefined,
	]);
});
