import type { StatusRecord } from "@x/keepalive";
import { describe, expect, it } from "vitest";
import { Journal } from "../journal.ts";
import { World } from "../world/world.ts";
import { WorkerViewInvariant } from "./worker-view-invariant.ts";

const epoch = 1_000_000_000;
const opening = (attempt: number): StatusRecord => ({
	type: "status",
	at: epoch,
	session: "deribit",
	status: { state: "opening", attempt },
	tally: { beats: 0, losses: 0, recoveries: 0 },
});
const alive: StatusRecord = {
	...opening(1),
	status: { state: "alive", ttlMs: 60_000, protection: { state: "unknown", reason: "the venue does not say" } },
};
const waiting: StatusRecord = {
	...opening(1),
	status: { state: "waiting", why: "backoff", until: epoch, cause: new Error("refused") },
};

/** A WorkerViewInvariant for what a program sees of its worker, and a list of the rules that were violated so far. */
function programView() {
	const world = new World(epoch);
	const journal = new Journal(() => world.now);
	const threads = { lagMs: 0, isKnown: true };
	const invariant = new WorkerViewInvariant("deribit", world, journal, threads);
	/** Compares the status record that the program sees (`shown`) with that of the worker (`is`), at `atMs` milliseconds since the start. */
	const compare = async (atMs: number, shown: StatusRecord, is: StatusRecord, isArmed = false): Promise<void> => {
		await world.run(atMs);
		const view = { isArmed: false, record: shown, isAllowed: false };
		invariant.check(view, { isArmed, record: is });
	};
	return { world, invariant, threads, compare, rules: () => journal.violations.map(({ rule }) => rule) };
}

describe("WorkerViewInvariant", () => {
	it("WorkerViewInvariant allows the program to learn the state of its worker at most 1.5 s late", async () => {
		const { compare, rules } = programView();
		await compare(0, opening(1), alive);
		await compare(1_500, opening(1), alive);
		expect(rules()).toEqual([]);
		await compare(1_501, opening(1), alive);
		expect(rules()).toEqual(["n-shown-other"]);
	});

	it("WorkerViewInvariant lets the program see a session as armed for 500 ms after the worker last said that it is armed", async () => {
		const { world, invariant, rules } = programView();
		const seesArmed = { isArmed: true, record: undefined, isAllowed: undefined };
		await world.run(38_000);
		invariant.recordWorker(true);
		await world.run(38_500);
		invariant.check(seesArmed, undefined);
		expect(rules()).toEqual([]);
		await world.run(38_501);
		invariant.check(seesArmed, undefined);
		expect(rules()).toEqual(["n-armed-too-long"]);
	});

	it("WorkerViewInvariant lets a program that has just learned of a new worker see an armed session as not armed for 300 ms", async () => {
		const { threads, compare, rules } = programView();
		threads.isKnown = false;
		for (const atMs of [0, 350]) await compare(atMs, alive, alive, true);
		threads.isKnown = true;
		for (const atMs of [1_000, 1_300]) await compare(atMs, alive, alive, true);
		expect(rules()).toEqual([]);
		await compare(1_301, alive, alive, true);
		expect(rules()).toEqual(["n-not-armed"]);
	});

	it("WorkerViewInvariant allows the program to learn the worker's state later if messages between the threads are delayed", async () => {
		const { threads, compare, rules } = programView();
		await compare(0, opening(1), alive);
		threads.lagMs = 2_000;
		await compare(1_000, opening(1), alive);
		threads.lagMs = 0;
		await compare(3_500, opening(1), alive);
		expect(rules()).toEqual([]);
		await compare(3_501, opening(1), alive);
		expect(rules()).toEqual(["n-shown-other"]);
	});

	it("WorkerViewInvariant restarts the time that the program has to learn a status when the status changes, but only while messages are slow", async () => {
		for (const lagMs of [2_000, 0]) {
			const { threads, compare, rules } = programView();
			threads.lagMs = lagMs;
			await compare(0, opening(1), alive);
			await compare(1_400, opening(1), waiting);
			await compare(3_501, opening(1), waiting);
			expect(rules()).toEqual(lagMs === 0 ? ["n-shown-other"] : []);
		}
	});
});
