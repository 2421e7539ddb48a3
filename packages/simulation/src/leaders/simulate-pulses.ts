import { keepalive } from "@x/keepalive";
// The classes of the agent are imported from its source files, because its package does not export them.
import type { Agent } from "../../../keepalive-agent/src/agent/start-agent.ts";
import { SharedPulses } from "../../../keepalive-agent/src/strategies/shared-pulses.ts";
import { Strategies } from "../../../keepalive-agent/src/strategies/strategies.ts";
import { chance, gap, pick, seeded } from "../world/seeded-random.ts";
import { GuardedVenue, idleMs } from "./cancel-on-disconnect-venue.ts";
import { StoryLog, type Violation } from "./run-log.ts";
import type { LeadersOptions } from "./simulate-leaders.ts";
import { Cluster } from "./simulated-clocks.ts";
import { SimulatedDatabase } from "./simulated-database.ts";
import { driftOf, type Node, TwoMachines } from "./two-machines.ts";

/** The result of a simulation of two machines that share the pulses of a bot. */
export interface PulsesOutcome {
	readonly seed: number;
	/** The rules that were violated, each with the time. */
	readonly violations: readonly Violation[];
	readonly faults: number;
	/** How many times the last open connection ended, so that the venue began its countdown to the cancel of the orders. */
	readonly ends: number;
	readonly settings: { readonly toleranceMs: number };
}

const strategy = "bot";
/** After `toleranceMs` without a pulse of the bot, a machine that no fault affects closes its connection within this many milliseconds. */
const closeMs = 1_500;
/**
 * A machine that no fault affects opens its connection within this many milliseconds. That covers an attempt that has been hanging since
 * before the last fault ended (5 s), the longest wait between attempts (30 s), and the opening itself.
 */
const openMs = 36_000;
/**
 * Each machine receives the pulses of the other machine through the database, at most this many milliseconds after the database is
 * reachable again. It does not matter how long the database was unreachable.
 */
const shareMs = 40_000;
const meanLifeMs = 90_000;
const meanDeathMs = 30_000;

/**
 * Simulates two machines that keep the orders of one account open while the bot sends pulses (signs of life) on either machine. As at
 * Bybit, the venue cancels only when the last connection is gone. The machines share the pulses through one simulated database.
 */
export async function simulatePulses(options: Omit<LeadersOptions, "mistake">): Promise<PulsesOutcome> {
	const random = seeded(options.seed);
	const cluster = new Cluster();
	const restore = cluster.install();
	try {
		return await new Story(options, random, cluster).play();
	} finally {
		restore();
	}
}

class Story {
	readonly #options: Omit<LeadersOptions, "mistake">;
	readonly #random: () => number;
	readonly #cluster: Cluster;
	readonly #database: SimulatedDatabase;
	readonly #venue: GuardedVenue;
	readonly #machines: TwoMachines;
	readonly #log: StoryLog;
	readonly #toleranceMs: number;
	/** The machine on which the bot runs; undefined while the bot is dead. */
	#bot: Node | undefined;
	#pulsedAt = Number.NEGATIVE_INFINITY;
	/** When a fault last began or ended, or the bot last died or moved to another machine. */
	#disturbedAt = 0;
	#ends = 0;
	#isConnected = false;

	constructor(options: Omit<LeadersOptions, "mistake">, random: () => number, cluster: Cluster) {
		this.#options = options;
		this.#random = random;
		this.#cluster = cluster;
		this.#log = new StoryLog(cluster, options.onLine);
		this.#database = new SimulatedDatabase(cluster, driftOf(random));
		this.#venue = new GuardedVenue(cluster);
		this.#toleranceMs = pick(random, [2_000, 4_000, 10_000]);
		this.#machines = new TwoMachines({
			cluster,
			random,
			database: this.#database,
			venue: this.#venue,
			log: this.#log,
			spanMs: idleMs,
			askMs: 5_000,
			start: (node) => this.#start(node),
		});
	}

	async play(): Promise<PulsesOutcome> {
		const { seed, minutes } = this.#options;
		this.#drawLife();
		await this.#machines.play(minutes * 60_000, () => this.#look());
		return {
			seed,
			violations: this.#log.violations,
			faults: this.#machines.faults,
			ends: this.#ends,
			settings: { toleranceMs: this.#toleranceMs },
		};
	}

	#start(node: Node): void {
		const { owner } = node;
		const toleranceMs = this.#toleranceMs;
		const session = this.#venue.session(owner, node.venueLine, {
			onOpening: () => undefined,
		});
		const gate = { name: strategy, sessions: ["venue"], toleranceMs, startsHealthy: false };
		const keeper = keepalive([session], {
			random: this.#random,
			openTimeoutMs: 5_000,
			closeTimeoutMs: 1_000,
			gates: [gate],
		});
		node.keeper = keeper;
		keeper.onStatus(({ status }) => {
			const cause = "cause" in status ? `: ${status.cause.message}` : "";
			this.#log.tell(`${owner} ${status.state}${cause}`);
		});
		const tell = (line: string): void => this.#log.tell(`${owner} ${line}`);
		const logger = { debug: tell, info: tell, warn: tell, error: tell };
		const store = this.#database.pulsesOf(node.databaseLine);
		const shared = new SharedPulses(store, owner, { [strategy]: { key: strategy, toleranceMs } }, logger);
		const pulse = async (_call: string, { ageMs }: { readonly ageMs: number }): Promise<void> =>
			keeper.pulse(strategy, ageMs);
		// The cast is safe: to pass a pulse to the keeper, `Strategies` uses only `keeper.call` of the agent.
		const agent = { keeper: { call: pulse } } as unknown as Agent;
		const config = { sessions: ["venue"], toleranceMs, pulse: { kind: "http" }, isShared: true } as const;
		const strategies = new Strategies({ [strategy]: config }, agent, logger, shared);
		const again = (): void => {
			if (this.#bot === node) {
				this.#pulsedAt = this.#cluster.now;
				void strategies.pulse(strategy);
			}
			setTimeout(again, toleranceMs / 5);
		};
		again();
	}

	/** Schedules the next event: the bot starts on a machine, moves to a machine, or dies. */
	#drawLife(): void {
		const random = this.#random;
		const ms = gap(random, this.#bot ? meanLifeMs : meanDeathMs);
		this.#cluster.after(ms, () => {
			const moves = this.#bot === undefined || chance(random, 0.3);
			this.#bot = moves ? pick(random, this.#machines.nodes) : undefined;
			this.#disturbedAt = this.#cluster.now;
			this.#log.tell(this.#bot ? `the bot lives on ${this.#bot.name}` : "the bot is dead");
			this.#drawLife();
		});
	}

	/** Checks the rules. To be called after each event. */
	#look(): void {
		const { now } = this.#cluster;
		const connected = this.#machines.nodes.filter(({ owner }) => this.#venue.openOf(owner));
		if (this.#isConnected && connected.length === 0) this.#ends += 1;
		this.#isConnected = connected.length > 0;
		const silentMs = now - this.#pulsedAt;
		for (const { name, unableAt } of connected) {
			// A machine that cannot close its connection cannot send beats either, so the venue drops the connection after `idleMs`.
			const allowedMs = this.#toleranceMs + closeMs + (now - unableAt > idleMs ? 0 : idleMs);
			if (silentMs <= allowedMs) continue;
			this.#log.violate("masked", `${name} has a connection ${Math.round(silentMs)} ms after the last pulse`);
		}
		if (!this.#machines.isQuiet || !this.#bot) this.#disturbedAt = now;
		this.#checkOpen();
	}

	/**
	 * Checks that the sessions are open while the bot lives and no fault is in effect: first on the bot's machine, and later on the other
	 * one.
	 */
	#checkOpen(): void {
		const quietMs = this.#cluster.now - this.#disturbedAt;
		for (const node of this.#machines.nodes) {
			const settledMs = this.#toleranceMs + openMs + (node === this.#bot ? 0 : shareMs);
			if (quietMs <= settledMs || this.#machines.ask(node, (keeper) => keeper.isArmed("venue"))) continue;
			this.#log.violate("closed", `${node.name} is not armed ${Math.round(quietMs)} ms after the last fault`);
			this.#disturbedAt = this.#cluster.now;
		}
	}
}
