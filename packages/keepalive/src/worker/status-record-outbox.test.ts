import { describe, expect, it } from "vitest";
import type { StatusRecord } from "../status/status.ts";
import { SharedArmedState } from "./shared-armed-state.ts";
import { RecordOutbox } from "./status-record-outbox.ts";
import type { FromWorker } from "./thread-messages.ts";

const record = (at: number): StatusRecord => ({
	type: "status",
	at,
	session: "venue",
	status: { state: "opening", attempt: at },
	tally: { beats: 0, losses: 0, recoveries: 0 },
});

/** A RecordOutbox, the records that it has sent, and the shared memory in which the program counts the records that it has received. */
function outbox() {
	const words = new SharedArmedState(1, { monotonicMs: 0, wallMs: 0 });
	const sent: StatusRecord[] = [];
	const post = (message: FromWorker): void => {
		if (message.type === "record") sent.push(message.record);
	};
	return { words, sent, outbox: new RecordOutbox(words, post) };
}

describe("RecordOutbox", () => {
	it("RecordOutbox sends each record at once, with its error in packed form", () => {
		const messages: FromWorker[] = [];
		const words = new SharedArmedState(1, { monotonicMs: 0, wallMs: 0 });
		new RecordOutbox(words, (message) => messages.push(message)).push(record(1), new RangeError("why"));
		expect(messages).toEqual([
			{ type: "record", record: record(1), error: { name: "RangeError", message: "why", fields: {} } },
		]);
	});

	it("RecordOutbox keeps further records back while 1 000 are on their way, then drops the oldest, and the next record says how many were dropped", () => {
		const { words, sent, outbox: box } = outbox();
		for (let at = 1; at <= 2_010; at += 1) box.push(record(at), undefined);
		expect(sent).toHaveLength(1_000);
		words.countReceived("records");
		words.countReceived("records");
		box.flush();
		expect(sent.slice(1_000).map(({ at, dropped }) => [at, dropped])).toEqual([
			[1_011, 10],
			[1_012, undefined],
		]);
		for (let received = 0; received < 2_000; received += 1) words.countReceived("records");
		box.flush();
		expect(sent.at(-1)?.at).toBe(2_010);
		expect(sent).toHaveLength(2_000);
	});
});
