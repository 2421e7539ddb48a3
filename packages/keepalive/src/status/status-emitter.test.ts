import { describe, expect, it, vi } from "vitest";
import type { StatusRecord } from "./status.ts";
import { StatusEmitter } from "./status-emitter.ts";

const record = (session: string, attempt = 1): StatusRecord => ({
	type: "status",
	at: 0,
	session,
	status: { state: "opening", attempt },
	tally: { beats: 0, losses: 0, recoveries: 0 },
});
const both = [record("a"), record("b")];
const createEmitter = (): StatusEmitter =>
	new StatusEmitter((session) => both.filter((each) => session === undefined || each.session === session));

async function all(records: AsyncIterable<StatusRecord>): Promise<StatusRecord[]> {
	const read: StatusRecord[] = [];
	for await (const each of records) read.push(each);
	return read;
}

describe("StatusEmitter.listen", () => {
	it("listen() calls a listener for one session only with the records of that session, and with its current record first", () => {
		const emitter = createEmitter();
		const received: StatusRecord[] = [];
		emitter.listen((each) => received.push(each), "b");
		emitter.publish(record("a", 2));
		emitter.publish(record("b", 2));
		expect(received).toEqual([record("b"), record("b", 2)]);
	});

	it("publish() passes the records to every listener in the same order, even if a listener causes another record during the delivery", () => {
		const emitter = createEmitter();
		const attempts: number[] = [];
		const iterator = emitter.iterate();
		emitter.listen(({ session, status }) => {
			if (session === "a" && status.state === "opening" && status.attempt === 2) emitter.publish(record("a", 3));
		});
		const late: number[] = [];
		const attemptOf = ({ status }: StatusRecord): number => (status.state === "opening" ? status.attempt : 0);
		emitter.listen((each) => attempts.push(attemptOf(each)), "a");
		emitter.publish(record("a", 2));
		emitter.listen((each) => late.push(attemptOf(each)), "a");
		expect(attempts).toEqual([1, 2, 3]);
		expect(late).toEqual([1]);
		emitter.end();
		return all(iterator).then((records) => expect(records.slice(2)).toEqual([record("a", 2), record("a", 3)]));
	});

	it("publish() does not call a listener that another listener has just removed", () => {
		const emitter = createEmitter();
		const listener = vi.fn();
		const stops: (() => void)[] = [];
		emitter.listen(() => {
			for (const stop of stops) stop();
		});
		stops.push(emitter.listen(listener));
		listener.mockClear();
		emitter.publish(record("a", 2));
		emitter.publish(record("a", 3));
		expect(listener).not.toHaveBeenCalled();
	});

	it("publish() does not pass a record twice to a listener that is added while the record is being published", () => {
		const emitter = createEmitter();
		const listener = vi.fn();
		let isAdded = false;
		emitter.listen(({ status }) => {
			if (status.state !== "opening" || status.attempt !== 2 || isAdded) return;
			isAdded = true;
			emitter.listen(listener);
		});
		emitter.publish(record("a", 2));
		expect(listener).toHaveBeenCalledTimes(2);
	});

	it("a listener that was passed to listen() twice is called twice for each record, and once after one of the two was removed", () => {
		const emitter = createEmitter();
		const listener = vi.fn();
		const stop = emitter.listen(listener, "a");
		emitter.listen(listener, "a");
		listener.mockClear();
		emitter.publish(record("a", 2));
		expect(listener).toHaveBeenCalledTimes(2);
		stop();
		stop();
		emitter.publish(record("a", 3));
		expect(listener).toHaveBeenCalledTimes(3);
	});

	it("listenerFaults counts each call of a listener that throws or rejects, including the first call with the current record", async () => {
		const emitter = createEmitter();
		emitter.listen(() => {
			throw new Error("listener");
		}, "a");
		emitter.listen(async () => Promise.reject(new Error("listener")), "b");
		emitter.publish(record("a", 2));
		await new Promise((resolve) => setImmediate(resolve));
		expect(emitter.listenerFaults).toBe(3);
	});

	it("a listener that is added after the emitter has ended receives the current records and nothing else", () => {
		const emitter = createEmitter();
		emitter.end();
		const listener = vi.fn();
		const stop = emitter.listen(listener);
		emitter.publish(record("a", 2));
		expect(listener).toHaveBeenCalledTimes(2);
		stop();
	});
});

describe("StatusIterator", () => {
	it("StatusIterator resolves several pending calls of next() in the order of the records", async () => {
		const emitter = createEmitter();
		const reader = emitter.iterate();
		await reader.next();
		await reader.next();
		const waits = Promise.all([reader.next(), reader.next()]);
		emitter.publish(record("a", 2));
		emitter.publish(record("a", 3));
		expect(await waits).toEqual([
			{ done: false, value: record("a", 2) },
			{ done: false, value: record("a", 3) },
		]);
	});

	it("StatusIterator yields the records that the consumer has not read yet when the emitter has ended", async () => {
		const emitter = createEmitter();
		const reader = emitter.iterate();
		emitter.publish(record("a", 2));
		emitter.end();
		expect(await all(reader)).toEqual([...both, record("a", 2)]);
		expect(await reader.next()).toEqual({ done: true, value: undefined });
	});

	it("StatusIterator yields only the current records when it was made after the emitter has ended", async () => {
		const emitter = createEmitter();
		emitter.end();
		expect(await all(emitter.iterate())).toEqual(both);
	});

	it("StatusIterator ends when its consumer leaves the for await loop", async () => {
		const emitter = createEmitter();
		const reader = emitter.iterate();
		for await (const { session } of reader) if (session === "b") break;
		expect(await reader.next()).toEqual({ done: true, value: undefined });
	});

	it("StatusIterator gives the number of dropped records once, in the first record after the gap", async () => {
		const emitter = createEmitter();
		const reader = emitter.iterate();
		for (let attempt = 1; attempt <= 1_005; attempt += 1) emitter.publish(record("a", attempt));
		// The two current records and 1 005 changes are waiting to be read. 1 002 of them are kept, so the first five are dropped.
		expect((await reader.next()).value).toEqual({ ...record("a", 4), dropped: 5 });
		expect((await reader.next()).value).toEqual(record("a", 5));
		emitter.publish(record("a", 1_006));
		emitter.publish(record("a", 1_007));
		expect((await reader.next()).value.dropped).toBeUndefined();
		emitter.publish(record("a", 1_008));
		emitter.publish(record("a", 1_009));
		expect((await reader.next()).value.dropped).toBe(1);
		emitter.end();
	});
});
