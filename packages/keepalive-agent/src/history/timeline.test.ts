import { describe, expect, it } from "vitest";
import type { HistoryRecord } from "./history-store.ts";
import { agentEvent, alertRecord, armed, lost, opening, rowsOf, statusRecord } from "./testing/sample-records.ts";
import { TimelineBuilder } from "./timeline.ts";
import { fewerSegments, type Segment } from "./timeline-segments.ts";

/** Builds the timeline of one session from 1,000 to 2,000 ms, from records in the order of writing. */
function timelineOf(records: readonly HistoryRecord[]) {
	const builder = new TimelineBuilder(1_000, 2_000, new Map([["hedge", "deribit"]]));
	for (const row of rowsOf(records)) builder.add(row);
	const { sessions, ...timeline } = builder.build();
	const [session] = sessions;
	if (!session) throw new Error("there is no session");
	const spans = session.spans.map(({ from, to, state }) => `${from} ${to} ${state}`);
	return { ...timeline, ...session, spans, reasons: session.spans.map(({ reason }) => reason) };
}

describe("a timeline", () => {
	it("a timeline without records shows the state no-agent", () => {
		expect(timelineOf([])).toMatchObject({
			spans: ["1000 2000 no-agent"],
			reasons: ["there is no earlier record"],
			stateMs: { "no-agent": 1_000 },
			losses: [],
			exposure: [{ at: 1_000, exposureMs: null }],
			gaps: [],
		});
	});

	it("a timeline begins with the state from before the window, and changes exactly at the time of a record", () => {
		const { spans, exposure } = timelineOf([
			statusRecord(10, "hedge", opening),
			statusRecord(500, "hedge", armed),
			statusRecord(1_500, "hedge", lost, 1),
			statusRecord(1_501, "hedge", opening, 1),
			statusRecord(1_999, "hedge", armed, 1),
		]);
		expect(spans).toEqual(["1000 1500 armed", "1500 1501 lost", "1501 1999 opening", "1999 2000 armed"]);
		expect(exposure).toEqual([
			{ at: 1_000, exposureMs: 69_000 },
			{ at: 1_500, exposureMs: null },
			{ at: 1_999, exposureMs: 69_000 },
		]);
	});

	it("a timeline shows and counts a loss that happened exactly at the beginning of its window", () => {
		const { spans, lossCount } = timelineOf([statusRecord(1, "hedge", armed), statusRecord(1_000, "hedge", lost, 1)]);
		expect(spans).toEqual(["1000 2000 lost"]);
		expect(lossCount).toBe(1);
	});

	it("a timeline merges neighbouring spans of one state, and shows a session without protection as alive, not as armed", () => {
		const unarmed = { ...armed, protection: { state: "unarmed", reason: "switched off" } } as const;
		const { spans, reasons, stateMs } = timelineOf([
			statusRecord(1_100, "hedge", armed),
			statusRecord(1_200, "hedge", armed),
			statusRecord(1_300, "hedge", unarmed),
		]);
		expect(spans).toEqual(["1000 1100 no-agent", "1100 1300 armed", "1300 2000 alive"]);
		expect(reasons.at(-1)).toBe("unarmed: switched off");
		expect(stateMs).toEqual({ "no-agent": 100, armed: 200, alive: 700 });
	});

	it("a timeline shows the state no-agent from the agent's stop until the first status of its next run", () => {
		const { spans, reasons, exposure } = timelineOf([
			agentEvent(1, "started"),
			statusRecord(2, "hedge", armed),
			agentEvent(1_200, "stopped", "SIGTERM" as "stopped"),
			agentEvent(1_600, "started"),
			statusRecord(1_650, "hedge", armed),
		]);
		expect(spans).toEqual(["1000 1200 armed", "1200 1650 no-agent", "1650 2000 armed"]);
		expect(reasons[1]).toBe("SIGTERM");
		expect(exposure.map(({ at }) => at)).toEqual([1_000, 1_200, 1_650]);
	});

	it("a timeline shows the state no-agent from the last sign of life of an agent that was found dead by its next run", () => {
		const records = [agentEvent(1, "started"), statusRecord(2, "hedge", armed)];
		const restarted = [agentEvent(1_600, "started"), statusRecord(1_600, "hedge", armed)];
		const dead = timelineOf([...records, agentEvent(1_300, "found-dead"), ...restarted]);
		expect(dead.spans).toEqual(["1000 1300 armed", "1300 1600 no-agent", "1600 2000 armed"]);
		expect(dead.reasons[1]).toBe("found-dead");
		// One record is later than the time that the event found-dead gives, so the agent was still alive at the later time.
		const later = [...records, alertRecord(1_400, "hedge"), agentEvent(1_300, "found-dead"), ...restarted];
		expect(timelineOf(later).spans).toEqual(["1000 1400 armed", "1400 1600 no-agent", "1600 2000 armed"]);
	});

	it("a timeline shows a session as not armed after the last record of a run whose end is unknown", () => {
		const { spans } = timelineOf([
			agentEvent(1, "started"),
			statusRecord(2, "hedge", armed),
			alertRecord(1_100),
			agentEvent(1_600, "started"),
			statusRecord(1_700, "hedge", armed),
		]);
		expect(spans).toEqual(["1000 1100 armed", "1100 1700 no-agent", "1700 2000 armed"]);
	});

	it("a timeline shows the state no-agent from the beginning of the window if the agent had stopped before the window", () => {
		const { spans } = timelineOf([
			statusRecord(2, "hedge", armed),
			agentEvent(900, "stopped"),
			agentEvent(1_600, "started"),
			statusRecord(1_600, "hedge", armed),
		]);
		expect(spans).toEqual(["1000 1600 no-agent", "1600 2000 armed"]);
	});

	it("a timeline shows the record that was written last, even if its time is earlier because the clock was set back", () => {
		const { spans } = timelineOf([statusRecord(1_500, "hedge", armed), statusRecord(1_400, "hedge", lost, 1)]);
		expect(spans).toEqual(["1000 1500 no-agent", "1500 2000 lost"]);
	});

	it("a timeline shows each loss of a session with its cause, its end, whether it was expected, and what should happen to the orders", () => {
		const expected = {
			...lost,
			cause: { name: "SessionError", message: "the nightly reset", isExpected: true },
		} as const;
		const { losses, lossCount } = timelineOf([
			statusRecord(500, "hedge", armed, 3),
			statusRecord(1_100, "hedge", lost, 4),
			statusRecord(1_101, "hedge", { state: "waiting", why: "backoff", until: 0, cause: lost.cause }, 4),
			statusRecord(1_200, "hedge", armed, 4),
			statusRecord(1_300, "hedge", expected, 5),
		]);
		expect(lossCount).toBe(2);
		expect(losses).toEqual([
			{
				at: 1_100,
				endedAt: 1_200,
				cause: "the connection is closed",
				expected: false,
				orders: "the venue cancels working orders within 69000 ms",
			},
			{
				at: 1_300,
				cause: "the nightly reset",
				expected: true,
				orders: "the venue cancels working orders within 69000 ms",
			},
		]);
	});

	it.each([
		[
			"is 1 for a session's first record with a loss, because no earlier total is known",
			[statusRecord(1_100, "hedge", lost, 7)],
			1,
		],
		[
			"is the difference between two totals if the records of the losses are missing",
			[statusRecord(1, "hedge", armed, 1), statusRecord(1_100, "hedge", armed, 4)],
			3,
		],
		[
			"is the total itself after a new start of the agent, because each run counts from 0",
			[statusRecord(1, "hedge", armed, 5), agentEvent(1_050, "started"), statusRecord(1_100, "hedge", lost, 1)],
			1,
		],
		[
			"does not include losses from before the window",
			[statusRecord(999, "hedge", lost, 1), statusRecord(1_100, "hedge", armed, 1)],
			0,
		],
	])("the number of losses in a timeline %s", (_, records, count) => {
		expect(timelineOf(records).lossCount).toBe(count);
	});

	it("a timeline keeps the latest 500 losses of a session, and counts all of them", () => {
		const records = Array.from({ length: 1_000 }, (_, at) => [
			statusRecord(1_000 + at, "hedge", lost, at + 1),
			statusRecord(1_000 + at, "hedge", armed, at + 1),
		]);
		const { losses, lossCount, spans, exposure } = timelineOf(records.flat());
		expect([lossCount, losses.length, losses[0]?.at]).toEqual([1_000, 500, 1_500]);
		expect(spans.length).toBeLessThanOrEqual(500);
		expect(exposure.length).toBeLessThanOrEqual(500);
	});

	it("a timeline shows the times for which records are missing", () => {
		expect(timelineOf([{ type: "gap", at: 1_100, to: 1_200, lostRecords: 7 }]).gaps).toEqual([
			{ from: 1_100, to: 1_200, lostRecords: 7 },
		]);
	});
});

describe("fewerSegments", () => {
	const segment = (from: number, to: number, value: number): Segment<number> => ({ from, to, value });
	const isSame = (a: number, b: number): boolean => a === b;

	it("fewerSegments returns the same segments when there are no more than the limit", () => {
		const segments = [segment(0, 1, 0), segment(1, 2, 1), segment(2, 3, 0)];
		expect(fewerSegments(segments, 3, Math.max, isSame)).toBe(segments);
	});

	it("fewerSegments keeps the longest segments, and merges the shorter segments between two of them into one with the worst value", () => {
		const segments = [
			segment(0, 100, 0),
			segment(100, 101, 1),
			segment(101, 103, 0),
			segment(103, 104, 2),
			segment(104, 300, 0),
			segment(300, 301, 1),
		];
		expect(fewerSegments(segments, 5, Math.max, isSame)).toEqual([
			segment(0, 100, 0),
			segment(100, 104, 2),
			segment(104, 300, 0),
			segment(300, 301, 1),
		]);
	});

	it("fewerSegments leaves no gap between segments of any lengths, and gives neighbouring segments different values", () => {
		let from = 0;
		const segments = Array.from({ length: 2_001 }, (_, index) => {
			const to = from + 1 + ((index * 7_919) % 101);
			const made = segment(from, to, index % 5);
			from = to;
			return made;
		});
		const fewer = fewerSegments(segments, 500, Math.max, isSame);
		expect(fewer.length).toBeLessThanOrEqual(500);
		expect([fewer[0]?.from, fewer.at(-1)?.to]).toEqual([0, from]);
		for (const [index, { to, value }] of fewer.slice(0, -1).entries()) {
			expect(fewer[index + 1]?.from).toBe(to);
			expect(fewer[index + 1]?.value).not.toBe(value);
		}
	});
});
