import { describe, expect, it } from "vitest";
import { makeClock } from "../../page/clock-and-sleep.js";
import { freshnessOf, staleAfterMs } from "../../page/data-freshness.js";
import { makeEventParser } from "../../page/event-stream-parser.js";
import { share, upTo } from "../../page/status-text.js";

const contact = { isHidden: false, needsToken: false, askedAt: 1_000, streamDownSince: undefined };

describe("freshnessOf", () => {
	it('freshnessOf returns "fresh" until exactly staleAfterMs after the latest answer was requested', () => {
		expect(freshnessOf(contact, 1_000 + staleAfterMs)).toEqual({ kind: "fresh" });
		expect(freshnessOf(contact, 1_001 + staleAfterMs)).toEqual({ kind: "silent", since: 1_000 });
	});

	it('freshnessOf returns "fresh" until exactly staleAfterMs after the event stream has ended', () => {
		const without = { ...contact, askedAt: 9_000, streamDownSince: 5_000 };
		expect(freshnessOf(without, 5_000 + staleAfterMs)).toEqual({ kind: "fresh" });
		expect(freshnessOf(without, 5_001 + staleAfterMs)).toEqual({ kind: "no-stream", since: 5_000 });
	});

	it.each([
		[{ askedAt: undefined }, "starting"],
		[{ isHidden: true }, "paused"],
		[{ isHidden: true, needsToken: true }, "token"],
	])('freshnessOf does not return "fresh" with %j', (change, kind) => {
		expect(freshnessOf({ ...contact, ...change }, 1_000)).toEqual({ kind });
	});
});

it("a clock of makeClock counts the time of a suspension, and does not go back when the wall clock is set back", () => {
	let [monotonic, wall] = [0, 0];
	const now = makeClock(
		() => monotonic,
		() => wall,
	);
	[monotonic, wall] = [10, 60_000];
	expect(now()).toBe(60_000);
	[monotonic, wall] = [20, 0];
	expect(now()).toBe(60_010);
});

it("makeEventParser joins an event that arrives in several chunks, and throws if an event is too long", () => {
	const parse = makeEventParser();
	expect(parse('id: 1-1\nevent: status\ndata: {"a":')).toEqual([]);
	expect(parse("1}\n\n: still here\n\nevent: gap\ndata: {}\n\n")).toEqual([
		{ id: "1-1", event: "status", data: '{"a":1}' },
		{ id: undefined, event: "gap", data: "{}" },
	]);
	expect(() => parse("x".repeat(1_000_001))).toThrow("has more than 1,000,000 characters");
});

it("`upTo` rounds an exposure up and `share` a percentage down, so that neither looks better than it is", () => {
	expect([upTo(22_001), upTo(23_000), upTo(0)]).toEqual(["23 s", "23 s", "0 s"]);
	expect([share(9_999, 10_000), share(1, 1), share(1, 100_000)]).toEqual(["99.9 %", "100 %", "under 0.1 %"]);
});
