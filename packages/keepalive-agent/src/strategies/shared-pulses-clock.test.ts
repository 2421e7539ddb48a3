import type { PostgresPulseStore, SharedPulse } from "@x/keepalive-postgres";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Agent } from "../agent/start-agent.ts";
import { SharedPulses } from "./shared-pulses.ts";
import { Strategies } from "./strategies.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

const toleranceMs = 4_000;
const strategies = { bot: { key: "bot/1", toleranceMs } };
/** The clock of the database, which is one hour ahead. */
const databaseNow = (): number => Date.now() + 3_600_000;

/** A store that keeps pulses (health signals) in memory instead of in a database. */
class MemoryPulseStore implements PostgresPulseStore {
	readonly rows = new Map<string, number>();
	readonly written: number[] = [];
	/** Is called before each answer to a read. */
	onRead: () => void = () => undefined;
	/** Is called before each write. */
	onWrite: () => void = () => undefined;

	async createTable(): Promise<void> {}

	async write(_name: string, holder: string, at: number): Promise<void> {
		this.onWrite();
		this.written.push(at);
		this.rows.set(holder, Math.max(at, this.rows.get(holder) ?? 0));
	}

	async read(_name: string, holder: string) {
		const now = databaseNow();
		const others = [...this.rows].filter(([name]) => name !== holder).sort(([, a], [, b]) => b - a);
		this.onRead();
		return { now, others: others.map(([name, at]): SharedPulse => ({ holder: name, at })) };
	}

	async deleteOld(): Promise<void> {}

	async close(): Promise<void> {}
}

function start(store: MemoryPulseStore, holder: string) {
	const log: string[] = [];
	const tell = (message: string): void => void log.push(message);
	const pulses = new SharedPulses(store, holder, strategies, { debug: tell, info: tell, warn: tell, error: tell });
	const ages: number[] = [];
	pulses.follow("bot", (ageMs) => ages.push(ageMs));
	return { pulses, ages, log };
}

describe("SharedPulses", () => {
	it("SharedPulses reports each pulse of another machine once, with its age, even if the database clock is an hour ahead", async () => {
		const store = new MemoryPulseStore();
		const [a, b] = [start(store, "a"), start(store, "b")];
		await vi.advanceTimersByTimeAsync(100);
		a.pulses.record("bot");
		await vi.advanceTimersByTimeAsync(3_000);
		// Machine a saw the pulse 100 ms after a read of the database, and wrote it 400 ms later, after the next read. Machine b read
		// the pulse right after that write, so for machine b the pulse is 400 ms old.
		expect([a.ages, b.ages]).toEqual([[], [400]]);
		for (const { pulses } of [a, b]) await pulses.close();
	});

	it("SharedPulses ignores a pulse if this machine was suspended for ten minutes while it read the pulse", async () => {
		const store = new MemoryPulseStore();
		store.rows.set("a", databaseNow() - 10);
		// On a suspended machine the wall clock advances, but the monotonic clock does not.
		store.onRead = () => vi.setSystemTime(Date.now() + 600_000);
		const b = start(store, "b");
		await vi.advanceTimersByTimeAsync(10);
		expect(b.ages).toEqual([]);
		await b.pulses.close();
	});

	it("SharedPulses never writes a pulse as younger than it is, even if this machine was suspended between the pulse and the write", async () => {
		const store = new MemoryPulseStore();
		const a = start(store, "a");
		await vi.advanceTimersByTimeAsync(100);
		a.pulses.record("bot");
		const givenAt = databaseNow();
		vi.setSystemTime(Date.now() + 600_000);
		await vi.advanceTimersByTimeAsync(1_000);
		expect(store.written).toHaveLength(1);
		expect(store.written[0]).toBeLessThanOrEqual(givenAt);
		await a.pulses.close();
	});

	it("SharedPulses counts the first pulse that it reads only if the pulse is younger than the strategy's tolerance and not in the future", async () => {
		for (const [ageMs, told] of [
			[toleranceMs - 1, [toleranceMs - 1]],
			[toleranceMs, []],
			[-1, []],
		] as const) {
			const store = new MemoryPulseStore();
			store.rows.set("a", databaseNow() - ageMs);
			const b = start(store, "b");
			await vi.advanceTimersByTimeAsync(2_000);
			expect(b.ages).toEqual(told);
			await b.pulses.close();
		}
	});

	it("SharedPulses retries a write that has failed, and logs one warning for all failures in a row", async () => {
		const store = new MemoryPulseStore();
		let left = 3;
		store.onWrite = () => {
			left -= 1;
			if (left >= 0) throw new Error("permission denied");
		};
		const a = start(store, "a");
		a.pulses.record("bot");
		await vi.advanceTimersByTimeAsync(3_000);
		expect(store.written).toHaveLength(1);
		expect(a.log).toEqual([
			"the shared pulses of strategy bot: pulses on this machine are not known to the others: permission denied",
			"the shared pulses of strategy bot: write works again",
		]);
		await a.pulses.close();
	});

	it("SharedPulses counts the pulses of a live machine even if a dead machine has left a pulse whose time is in the future", async () => {
		const store = new MemoryPulseStore();
		store.rows.set("dead", databaseNow() + 5_000);
		const [a, b] = [start(store, "a"), start(store, "b")];
		await vi.advanceTimersByTimeAsync(100);
		a.pulses.record("bot");
		// Waits until the database's clock has passed the time of the dead machine's pulse. That pulse still does not count, because it was
		// first read when its time was in the future.
		await vi.advanceTimersByTimeAsync(8_000);
		expect(b.ages).toEqual([400]);
		for (const { pulses } of [a, b]) await pulses.close();
	});

	it("SharedPulses reads only once in 30 s while the database refuses to answer, and at the normal rate once it answers", async () => {
		const store = new MemoryPulseStore();
		let reads = 0;
		let isRefusing = true;
		store.onRead = () => {
			reads += 1;
			if (isRefusing) throw new Error("password authentication failed");
		};
		const b = start(store, "b");
		await vi.advanceTimersByTimeAsync(600_000);
		expect(reads).toBeLessThan(30);
		isRefusing = false;
		await vi.advanceTimersByTimeAsync(30_000);
		reads = 0;
		await vi.advanceTimersByTimeAsync(5_000);
		expect(reads).toBe(10);
		await b.pulses.close();
	});

	it("SharedPulses goes on reading pulses when the database never answers one of the reads", async () => {
		const store = new MemoryPulseStore();
		const read = store.read.bind(store);
		store.read = () => new Promise(() => undefined);
		const b = start(store, "b");
		await vi.advanceTimersByTimeAsync(2_000);
		store.read = read;
		store.rows.set("a", databaseNow());
		await vi.advanceTimersByTimeAsync(2_000);
		expect(b.ages).toHaveLength(1);
		await b.pulses.close();
	});
});

it("Strategies passes only the youngest pulse on to the keeper if several arrive while an earlier pulse is being passed on", async () => {
	const handed: number[] = [];
	const call = async (_name: string, { ageMs }: { ageMs: number }): Promise<void> => {
		handed.push(ageMs);
		await new Promise((resolve) => setTimeout(resolve, 300));
	};
	const store = new MemoryPulseStore();
	store.rows.set("a", databaseNow() - 3_900);
	const { pulses: shared } = start(store, "b");
	const config = { bot: { sessions: ["maker"], toleranceMs, pulse: { kind: "http" }, isShared: true } } as const;
	// The cast is safe: Strategies uses only this part of an agent here.
	const made = new Strategies(config, { keeper: { call } } as unknown as Agent, { warn: () => undefined }, shared);
	await vi.advanceTimersByTimeAsync(100);
	void made.pulse("bot");
	await vi.advanceTimersByTimeAsync(1_000);
	expect(handed).toEqual([3_900, 200]);
	made.close();
	await shared.close();
});
