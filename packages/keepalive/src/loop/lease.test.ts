import { describe, expect, it } from "vitest";
import type { Lease, Protection } from "../session.ts";
import { plainLease } from "./lease.ts";

const protection: Protection = { state: "unsupported", reason: "" };
const armed = { state: "armed", scope: "connection", exposureMs: 20_000, verifiedAt: 1 } as const;

describe("a lease", () => {
	it.each([
		{ ttlMs: 60_000, protection },
		{ ttlMs: 0.5, paceMs: 0.5, ageMs: 0, protection: armed },
		{ ttlMs: 60_000, ageMs: 5, protection: { ...armed, exposureMs: 0 }, ended: new AbortController().signal },
	])("with all that a clock needs is taken as it is", (lease) => {
		expect(plainLease("venue", lease)).toEqual(lease);
	});

	it("is read once: what a session changes in it later does not reach the records", () => {
		const mine = { ...armed, exposureMs: 20_000 };
		const lease = plainLease("venue", { ttlMs: 60_000, protection: mine });
		mine.exposureMs = 1;
		expect(lease.protection).toEqual(armed);
	});

	it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, "60"])("of %s ms is refused", (ttlMs) => {
		const lease = { ttlMs, protection } as Lease;
		expect(() => plainLease("venue", lease)).toThrow("@x/keepalive: session venue gave a lease whose ttlMs");
	});

	it.each([
		[{ paceMs: 0 }, "paceMs"],
		[{ paceMs: Number.POSITIVE_INFINITY }, "paceMs"],
		[{ ageMs: -1 }, "ageMs"],
		[{ ageMs: Number.NaN }, "ageMs"],
		[{ ended: { aborted: false } as AbortSignal }, "ended"],
	])("with %o is refused and the member is named", (wrong, member) => {
		expect(() => plainLease("venue", { ttlMs: 60_000, protection, ...wrong })).toThrow(member);
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
	])("is refused when its protection is %o: it would be shown as one", (wrong) => {
		const lease = { ttlMs: 60_000, protection: wrong } as Lease;
		expect(() => plainLease("venue", lease)).toThrow("a protection that is none");
	});

	it.each([undefined, null])("is not %s", (lease) => {
		// What plain JavaScript may return.
		expect(() => plainLease("venue", lease as unknown as Lease)).toThrow(TypeError);
	});
});
