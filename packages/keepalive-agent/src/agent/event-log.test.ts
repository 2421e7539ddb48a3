import type { StatusRecord } from "@x/keepalive";
import { describe, expect, it } from "vitest";
import { EventLog } from "./event-log.ts";

const record = (attempt: number): StatusRecord => ({
	type: "status",
	session: "hedge",
	at: attempt,
	status: { state: "opening", attempt },
	tally: { beats: 0, losses: 0, recoveries: 0 },
});

const attempts = (log: EventLog, id: string) => log.after(id).events.map((event) => event.record.at);

describe("EventLog", () => {
	it("EventLog replays, in order, the records after the given id, and none if that id is the latest", () => {
		const log = new EventLog(10, "7");
		for (const at of [1, 2, 3]) log.add(record(at));
		expect(attempts(log, "7-0")).toEqual([1, 2, 3]);
		expect(attempts(log, "7-2")).toEqual([3]);
		expect(log.after("7-3")).toEqual({ hasGap: false, events: [] });
		expect(log.lastId).toBe("7-3");
	});

	it("EventLog keeps the configured number of events, and reports a gap only if a requested event has been dropped", () => {
		const log = new EventLog(2, "7");
		for (const at of [1, 2, 3]) log.add(record(at));
		expect(log.after("7-1")).toMatchObject({ hasGap: false, events: [{ id: "7-2" }, { id: "7-3" }] });
		expect(log.after("7-0")).toEqual({ hasGap: true, events: [] });
	});

	it.each(["", "7", "7-", "7-x", "7-4", "7--1", "6-1", "7-1e3"])(
		"EventLog reports a gap for the id %j, which it never assigned",
		(id) => {
			const log = new EventLog(10, "7");
			for (const at of [1, 2, 3]) log.add(record(at));
			expect(log.after(id).hasGap).toBe(true);
		},
	);

	it("EventLog passes events to listeners until they are removed", () => {
		const log = new EventLog(10, "7");
		const seen: string[] = [];
		const leave = log.listen(({ id }) => seen.push(id));
		log.add(record(1));
		leave();
		log.add(record(2));
		expect(seen).toEqual(["7-1"]);
	});
});
