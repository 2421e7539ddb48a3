import { vi } from "vitest";
import { farewells, leave } from "./farewell.ts";
import { type Fault, networkFaults } from "./faults.ts";
import { Journal, type Violation } from "./journal.ts";
import { drain, Machine } from "./machine.ts";
import { pick, seeded } from "./seeded.ts";
import type { Stage } from "./stage.ts";
import { Storm } from "./storm.ts";
import { bybitFaults, bybitStage } from "./venue-bybit.ts";
import { deribitFaults, deribitStage } from "./venue-deribit.ts";
import { ibkrFaults, ibkrStage } from "./venue-ibkr.ts";

export type VenueName = "deribit" | "bybit" | "ibkr";

/** What to simulate. The same options give the same run. */
export interface SimulateOptions {
	readonly venue: VenueName;
	readonly seed: number;
	/** How long the faults go on, without what the machine sleeps or stands still. Default 1. */
	readonly hours?: number;
	/** The widest steps of the machine's wall clock, one of which is drawn each time. Default 2 000 and 8 000. */
	readonly clockMs?: readonly number[];
	/** How far Bybit's clock may be off. Default 4 000. */
	readonly skewMs?: number;
	/** Which loss starts Bybit's countdown. Default `last`. */
	readonly countdownStartsWith?: "last" | "first";
	/** How many events a failure's report shows. Default 25. */
	readonly reportEvents?: number;
}

/** What came of it. */
export interface Outcome {
	readonly violations: readonly Violation[];
	/** For people: every violation with the seed, the rule and the events before it. Empty when nothing was broken. */
	readonly report: string;
	/** The share of the steps at which the session was alive. */
	readonly aliveShare: number;
	readonly simulatedMs: number;
	readonly stats: Readonly<Record<string, number>>;
}

const startedAt = 1_794_182_400_000;

/** A stage, what goes wrong on it, and within how long it has to be fine again once nothing does. */
interface Plan {
	readonly stage: Stage;
	readonly faults: readonly Fault[];
	readonly recoverMs: number;
}

function plan(machine: Machine, random: () => number, latencyMs: number, options: SimulateOptions): Plan {
	const { clockMs = [2_000, 8_000], skewMs = 4_000, countdownStartsWith = "last" } = options;
	switch (options.venue) {
		case "deribit": {
			const stage = deribitStage(machine, random, latencyMs);
			const faults = [...networkFaults(stage, machine, clockMs), ...deribitFaults(stage, random() < 0.1)];
			return { stage, faults, recoverMs: 240_000 };
		}
		case "bybit": {
			const stage = bybitStage(machine, random, latencyMs, countdownStartsWith);
			const faults = [...networkFaults(stage, machine, clockMs), ...bybitFaults(stage, stage.products, skewMs)];
			// A ban lasts ten minutes at most, and one that is met at its end is waited out for ten more.
			return { stage, faults, recoverMs: 1_800_000 };
		}
		case "ibkr": {
			const stage = ibkrStage(machine, random, latencyMs);
			const faults = [...networkFaults(stage, machine, clockMs), ...ibkrFaults(stage)];
			return { stage, faults, recoverMs: 3_600_000 };
		}
	}
}

/**
 * Hours of trouble in seconds: a real client, a real session and a real keeper against a simulated venue, with faults
 * drawn from a seed, judged at every step against what the venue would really do. The rules stand at `Invariants` and
 * `leave`; beside them, c: fine again after the faults, and f: no timer and no unhandled rejection left behind.
 *
 * Fakes the clock meanwhile: one run at a time.
 */
export async function simulate(options: SimulateOptions): Promise<Outcome> {
	const rejections: unknown[] = [];
	const onRejection = (reason: unknown): void => void rejections.push(reason);
	vi.useFakeTimers({ now: startedAt });
	const machine = new Machine();
	process.on("unhandledRejection", onRejection);
	try {
		return await run(machine, rejections, options);
	} finally {
		process.off("unhandledRejection", onRejection);
		machine.restore();
		vi.useRealTimers();
	}
}

async function run(machine: Machine, rejections: readonly unknown[], options: SimulateOptions): Promise<Outcome> {
	const { venue, seed, hours = 1, reportEvents = 25 } = options;
	const random = seeded(seed * 7_919 + venue.length);
	const meanGapMs = pick(random, [10_000, 40_000, 120_000, 400_000]);
	const latencyMs = pick(random, [0, 20, 300]);
	const farewell = pick(random, farewells);
	const journal = new Journal(machine);
	const { stage, faults, recoverMs } = plan(machine, random, latencyMs, options);
	const storm = new Storm({ stage, machine, journal, random, faults, meanGapMs });
	await storm.rage(hours * 3_600_000);
	if (farewell !== "mid-storm") await storm.calm(recoverMs);
	await leave(storm, stage, journal, farewell, random);
	const simulatedMs = journal.now();
	stage.link.close();
	await drain(1);
	const timers = vi.getTimerCount();
	if (timers !== 0) journal.violate("f-timers-left", `${timers}`);
	if (rejections.length > 0) journal.violate("f-unhandled", String(rejections[0]));
	const { violations, stats } = journal;
	const settings = JSON.stringify({ farewell, meanGapMs, ...stage.settings });
	const report = violations
		.map(({ rule, at, detail }) => {
			const events = journal.last(reportEvents, at);
			return `${venue} seed ${seed}, rule ${rule} at ${at}: ${detail}\n${settings}\n${events}`;
		})
		.join("\n\n");
	const { all, alive } = storm.invariants.steps;
	return { violations, report, aliveShare: alive / all, simulatedMs, stats };
}
