import { describe, expect, it, vi } from "vitest";
import type { StatusRecord } from "./status.ts";
import { StatusFeed } from "./status-emitter.ts";

const record = (session: string, attempt = 1): StatusRecord => ({
	type: "status",
	at: 0,
	session,
	status: { state: "opening", attempt },
	tally: { beats: 0, losses: 0, recoveries: 0 },
});
const both = [record("a"), record("b")];
const feedOf = (): StatusFeed =>
	new StatusFeed((session) => both.filter((each) => session === undefined || each.session === session));

async function all(records: AsyncIterable<StatusRecord>): Promise<StatusRecord[]> {
	const read: StatusRecord[] = [];
	for await (const each of records) read.push(each);
	return read;
}

describe("a listener", () => {
	it("of one session hears that one alone, from where it stands", () => {
		const feed = feedOf();
		const heard: StatusRecord[] = [];
		feed.listen((each) => heard.push(each), "b");
		feed.publish(record("a", 2));
		feed.publish(record("b", 2));
		expect(heard).toEqual([record("b"), record("b", 2)]);
	});

	it("that was taken away hears nothing more, even when another takes it away during the telling", () => {
		const feed = feedOf();
		const heard = vi.fn();
		const stops: (() => void)[] = [];
		feed.listen(() => {
			for (const stop of stops) stop();
		});
		stops.push(feed.listen(heard));
		heard.mockClear();
		feed.publish(record("a", 2));
		feed.publish(record("a", 3));
		expect(heard).not.toHaveBeenCalled();
	});

	it("that is added during the telling is not told the same record twice", () => {
		const feed = feedOf();
		const heard = vi.fn();
		let isAdded = false;
		feed.listen(({ status }) => {
			if (status.state !== "opening" || status.attempt !== 2 || isAdded) return;
			isAdded = true;
			feed.listen(heard);
		});
		feed.publish(record("a", 2));
		expect(heard).toHaveBeenCalledTimes(2);
	});

	it("that is the same function twice is told twice, and stopping one leaves the other", () => {
		const feed = feedOf();
		const heard = vi.fn();
		const stop = feed.listen(heard, "a");
		feed.listen(heard, "a");
		heard.mockClear();
		feed.publish(record("a", 2));
		expect(heard).toHaveBeenCalledTimes(2);
		stop();
		stop();
		feed.publish(record("a", 3));
		expect(heard).toHaveBeenCalledTimes(3);
	});

	it("that throws or rejects is counted, in its replay as well", async () => {
		const feed = feedOf();
		feed.listen(() => {
			throw new Error("listener");
		}, "a");
		feed.listen(async () => Promise.reject(new Error("listener")), "b");
		feed.publish(record("a", 2));
		await new Promise((resolve) => setImmediate(resolve));
		expect(feed.listenerFaults).toBe(3);
	});

	it("that comes after the end is told where things stood, and nothing more", () => {
		const feed = feedOf();
		feed.end();
		const heard = vi.fn();
		const stop = feed.listen(heard);
		feed.publish(record("a", 2));
		expect(heard).toHaveBeenCalledTimes(2);
		stop();
	});
});

describe("a reader", () => {
	it("that waits gets each record as it comes, several waits in their order", async () => {
		const feed = feedOf();
		const reader = feed.read();
		await reader.next();
		await reader.next();
		const waits = Promise.all([reader.next(), reader.next()]);
		feed.publish(record("a", 2));
		feed.publish(record("a", 3));
		expect(await waits).toEqual([
			{ done: false, value: record("a", 2) },
			{ done: false, value: record("a", 3) },
		]);
	});

	it("gets what it has not read after the end too, and then the end", async () => {
		const feed = feedOf();
		const reader = feed.read();
		feed.publish(record("a", 2));
		feed.end();
		expect(await all(reader)).toEqual([...both, record("a", 2)]);
		expect(await reader.next()).toEqual({ done: true, value: undefined });
	});

	it("that comes after the end gets where things stood", async () => {
		const feed = feedOf();
		feed.end();
		expect(await all(feed.read())).toEqual(both);
	});

	it("that leaves its loop is forgotten, with its waits ended", async () => {
		const feed = feedOf();
		const reader = feed.read();
		for await (const { session } of reader) if (session === "b") break;
		expect(await reader.next()).toEqual({ done: true, value: undefined });
	});

	it("that does not keep up is told of each gap once, at the record after it", async () => {
		const feed = feedOf();
		const reader = feed.read();
		for (let attempt = 1; attempt <= 1_005; attempt += 1) feed.publish(record("a", attempt));
		// Two to begin with and a thousand changes: five are too many.
		expect((await reader.next()).value).toEqual({ ...record("a", 4), dropped: 5 });
		expect((await reader.next()).value).toEqual(record("a", 5));
		feed.publish(record("a", 1_006));
		feed.publish(record("a", 1_007));
		expect((await reader.next()).value.dropped).toBeUndefined();
		feed.publish(record("a", 1_008));
		feed.publish(record("a", 1_009));
		expect((await reader.next()).value.dropped).toBe(1);
		feed.end();
	});
});
