import { describe, expect, it } from "vitest";
import type { Lease, Protection } from "../session.ts";
import { copyClosed, copyLease } from "./validate-and-copy-lease.ts";

const protection: Protection = { state: "unsupported", reason: "" };
const armed = { state: "armed", scope: "connection", exposureMs: 20_000, verifiedAt: 1 } as const;

describe("copyLease", () => {
	it.each([
		{ ttlMs: 60_000, protection },
		{ ttlMs: 0.5, paceMs: 0.5, ageMs: 0, protection: armed },
		{ ttlMs: 60_000, ageMs: 5, protection: { ...armed, exposureMs: 0 }, ended: new AbortController().signal },
	])("copyLease copies a valid lease", (lease) => {
		expect(copyLease("venue", lease)).toEqual(lease);
	});

	it.each([
		["an armed protection", armed],
		["another protection", { state: "unknown", reason: "not read back" } as const],
	])("copyLease copies no member of %s that its type does not have", (_what, given) => {
		const extended = { ...given, renew: () => undefined };
		expect(copyLease("venue", { ttlMs: 60_000, protection: extended }).protection).toEqual(given);
	});

	it("copyLease returns a copy that does not change when the session changes its own object later", () => {
		const mine = { ...armed, exposureMs: 20_000 };
		const lease = copyLease("venue", { ttlMs: 60_000, protection: mine });
		mine.exposureMs = 1;
		expect(lease.protection).toEqual(armed);
	});

	it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "60"])("copyLease throws for a ttlMs of %s", (ttlMs) => {
		const lease = { ttlMs, protection } as Lease;
		expect(() => copyLease("venue", lease)).toThrow(
			"@x/keepalive: session venue returned an invalid lease: ttlMs must be above 0",
		);
	});

	it.each([
		[{ paceMs: 0 }, "paceMs"],
		[{ paceMs: Number.POSITIVE_INFINITY }, "paceMs"],
		[{ ageMs: -1 }, "ageMs"],
		[{ ageMs: Number.NaN }, "ageMs"],
		[{ ended: { aborted: false } as AbortSignal }, "ended"],
	])("copyLease throws an error that names the wrong member: %o", (wrong, member) => {
		expect(() => copyLease("venue", { ttlMs: 60_000, protection, ...wrong })).toThrow(member);
	});

	it.each([
		undefined,
		null,
		{},
		{ state: "safe" },
		{ state: "armed", scope: "connection" },
		{ ...armed, exposureMs: Number.NaN },
		{ ...armed, exposureMs: -1 },
		{ ...armed, verifiedAt: Number.NaN },
	])("copyLease throws for the protection %o", (wrong) => {
		const lease = { ttlMs: 60_000, protection: wrong } as Lease;
		expect(() => copyLease("venue", lease)).toThrow("returned an invalid protection");
	});

	it.each([undefined, null])("copyLease throws if the session returned %s", (lease) => {
		// The cast is needed because a session in plain JavaScript can return any value.
		expect(() => copyLease("venue", lease as unknown as Lease)).toThrow(TypeError);
	});
});

describe("copyClosed", () => {
	it.each([
		{ orders: "kept", detail: "left" },
		{ orders: "cancelled", withinMs: 0, detail: "left" },
		{ orders: "refused", detail: "no such call" },
		{ orders: "unknown", detail: "no answer" },
	] as const)("copyClosed copies only the members of the type: %o", (closed) => {
		const extended = { ...closed, undo: () => undefined };
		expect(copyClosed(extended)).toEqual(closed);
	});
});
