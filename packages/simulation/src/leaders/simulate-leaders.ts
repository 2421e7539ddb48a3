import type { DeribitConnection } from "@x/deribit-session";
import { type Keeper, keepalive } from "@x/keepalive";
import { cancelEarlierEpochs, epochLabel } from "@x/keepalive/deribit";
import { leaderSession } from "@x/keepalive/leader";
import { pick, seeded } from "../world/seeded-random.ts";
import { GuardedVenue } from "./cancel-on-disconnect-venue.ts";
import { StoryLog, type Violation } from "./run-log.ts";
import { Cluster } from "./simulated-clocks.ts";
import { type DatabaseMistake, SimulatedDatabase } from "./simulated-database.ts";
import { driftOf, type Node, TwoMachines } from "./two-machines.ts";

/** Options of a simulation of two machines that share one session. */
export interface LeadersOptions {
	readonly seed: number;
	/** How many minutes to simulate. */
	readonly minutes: number;
	/** A mistake that is built into the simulated database, so that a test can check that the simulation detects it. Default: none. */
	readonly mistake?: DatabaseMistake;
	/** Called with each line of the log. */
	readonly onLine?: (line: string) => void;
}

/** The result of a simulation of two machines that share one session. */
export interface LeadersOutcome {
	readonly seed: number;
	/** The rules that were violated, each with the time. */
	readonly violations: readonly Violation[];
	readonly faults: number;
	readonly takeovers: number;
	/** The length of each period in which no machine was armed, in milliseconds. Periods of up to 1 s are left out. */
	readonly gapsMs: readonly number[];
	/** The settings of the two leader sessions in this run. */
	readonly settings: {
		readonly ttlMs: number;
		readonly renewMs: number;
		readonly marginMs: number;
		readonly pollMs: number;
	};
}

/** If the answer to a close is lost on the network, the close is given up after this many milliseconds. */
const closeMs = 12_000;
/**
 * The first part of the labels of all orders. The second part is the leader's epoch, a number that grows each time a machine becomes the
 * leader.
 */
const labelName = "hedge";

/**
 * Simulates two machines that share one session, with faults drawn from a seed. The machines use one simulated database to agree who leads.
 */
export async function simulateLeaders(options: LeadersOptions): Promise<LeadersOutcome> {
	const random = seeded(options.seed);
	const cluster = new Cluster();
	const restore = cluster.install();
	try {
		return await new Story(options, random, cluster).play();
	} finally {
		restore();
	}
}

const epochOf = (label: string): number => Number(label.slice(labelName.length + 1));

class Story {
	readonly #options: LeadersOptions;
	readonly #random: () => number;
	readonly #cluster: Cluster;
	readonly #database: SimulatedDatabase;
	readonly #venue: GuardedVenue;
	readonly #machines: TwoMachines;
	readonly #settings: LeadersOutcome["settings"];
	readonly #log: StoryLog;
	readonly #gapsMs: number[] = [];
	/** When the last fault began or ended, in milliseconds since the start. */
	#disturbedAt = 0;
	#changesWhenSettled: number | undefined;
	#armedAt = 0;
	#highestEpoch = 0;
	/** For each epoch (a number that grows each time a machine becomes the leader), the process that sent orders with it. */
	readonly #owners = new Map<number, string>();

	constructor(options: LeadersOptions, random: () => number, cluster: Cluster) {
		this.#options = options;
		this.#random = random;
		this.#cluster = cluster;
		this.#log = new StoryLog(cluster, options.onLine);
		this.#database = new SimulatedDatabase(cluster, driftOf(random), options.mistake);
		this.#venue = new GuardedVenue(cluster);
		const ttlMs = pick(random, [6_000, 15_000, 60_000]);
		const renewMs = Math.floor(ttlMs / pick(random, [3, 4, 6]));
		const leastMarginMs = 1_000 + ttlMs / 100;
		const marginMs = Math.floor(leastMarginMs + random() * Math.min(2_000, ttlMs - 2 * renewMs - leastMarginMs));
		this.#settings = {
			ttlMs,
			renewMs,
			marginMs: Math.max(leastMarginMs, marginMs),
			pollMs: pick(random, [300, 1_000, 2_000]),
		};
		this.#machines = new TwoMachines({
			cluster,
			random,
			database: this.#database,
			venue: this.#venue,
			log: this.#log,
			spanMs: ttlMs,
			askMs: renewMs,
			start: (node) => this.#start(node),
		});
	}

	async play(): Promise<LeadersOutcome> {
		const { seed, minutes } = this.#options;
		await this.#machines.play(minutes * 60_000, () => this.#look());
		return {
			seed,
			violations: this.#log.violations,
			faults: this.#machines.faults,
			takeovers: this.#database.changes,
			gapsMs: this.#gapsMs,
			settings: this.#settings,
		};
	}

	#start(node: Node): void {
		const { machine, owner } = node;
		const session = this.#venue.session(owner, node.venueLine, {
			onOpening: () => this.#opens(node),
			onOpen: (connection, signal) => {
				// The cast is safe: `cancelEarlierEpochs` uses a connection only to read the open orders and to cancel by label.
				const deribit = connection as unknown as DeribitConnection;
				return cancelEarlierEpochs(deribit, { name: labelName, epoch: leader.epoch, signal });
			},
			onOrder: (label) => this.#checkLabels(label, "has an order"),
		});
		const store = this.#database.storeOf(node.databaseLine, () => machine.wallMs());
		const leader = leaderSession(session, { ...this.#settings, store, holder: owner, random: this.#random });
		const keeper = keepalive([leader], { random: this.#random, openTimeoutMs: 5_000, closeTimeoutMs: 1_000 });
		node.keeper = keeper;
		node.session = leader;
		keeper.onStatus(({ status, epoch }) => {
			const cause = "cause" in status ? `: ${status.cause.message}` : "";
			this.#log.tell(`${owner} ${status.state}${epoch === undefined ? "" : ` #${epoch}`}${cause}`);
		});
		this.#trade(node, keeper);
	}

	/**
	 * Runs a trading program on the machine. Before each order, the program asks the keeper whether the session is armed, as every program
	 * should.
	 */
	#trade(node: Node, keeper: Keeper<"venue">): void {
		const again = (): void => {
			if (node.keeper !== keeper) return;
			if (keeper.isArmed("venue")) this.#order(node, keeper.current("venue").epoch ?? 0);
			setTimeout(again, 200);
		};
		again();
	}

	#order(node: Node, epoch: number): void {
		const owner = this.#owners.get(epoch) ?? node.owner;
		this.#owners.set(epoch, owner);
		if (owner !== node.owner) this.#log.violate("shared-epoch", `${node.owner} and ${owner} have epoch ${epoch}`);
		if (epoch < this.#highestEpoch) {
			const detail = `${node.name} sent an order with epoch ${epoch} after one with ${this.#highestEpoch}`;
			this.#log.violate("old-epoch", detail);
		}
		this.#highestEpoch = Math.max(this.#highestEpoch, epoch);
		node.session?.handle?.order(epochLabel(labelName, epoch));
	}

	/** Checks that no order of an earlier leader is open at the same time as an order of the present leader. */
	#checkLabels(label: string, what: string): void {
		const earlier = [...this.#venue.labels].filter((each) => epochOf(each) < epochOf(label));
		if (earlier.length > 0)
			this.#log.violate("overlap", `${label} ${what} while orders of earlier leaders are open: ${earlier.join(", ")}`);
	}

	#isArmed(node: Node): boolean {
		return this.#machines.ask(node, (keeper) => keeper.isArmed("venue")) ?? false;
	}

	/** To be called when a machine begins to open its session. Checks that the session of the other machine has stopped before. */
	#opens(node: Node): void {
		for (const other of this.#machines.nodes) {
			if (other === node) continue;
			if (this.#isArmed(other)) this.#log.violate("guard-open", `${node.name} opens while ${other.name} is armed`);
			if (this.#cluster.now - other.unableAt > closeMs && this.#venue.openOf(other.owner)) {
				this.#log.violate("left-open", `${node.name} opens while the connection of ${other.name} is open`);
			}
		}
	}

	/** Checks the rules. To be called after each event. */
	#look(): void {
		const { now } = this.#cluster;
		const armed = this.#machines.nodes.filter((node) => this.#isArmed(node));
		if (armed.length > 1) this.#log.violate("two-leaders", "both machines are armed");
		for (const { session } of armed) this.#checkLabels(epochLabel(labelName, session?.epoch ?? 0), "is armed");
		if (!this.#machines.isQuiet) this.#disturbedAt = now;
		const { ttlMs, renewMs, pollMs } = this.#settings;
		// The longest time from the last fault until a machine is armed. It covers the remaining TTL of the previous leader, one poll, the
		// attempts to open, and the wait for a call that gets no answer.
		const settledMs = ttlMs + pollMs + renewMs + 12_000;
		if (armed.length > 0) {
			if (this.#armedAt !== now && now - this.#armedAt > 1_000) this.#gapsMs.push(Math.round(now - this.#armedAt));
			this.#armedAt = now;
		}
		const quietMs = now - this.#disturbedAt;
		if (quietMs <= settledMs) {
			this.#changesWhenSettled = undefined;
			return;
		}
		if (now - this.#armedAt > settledMs) {
			this.#log.violate("gap", `nobody is armed, ${Math.round(quietMs)} ms after the last fault`);
			this.#disturbedAt = now;
		}
		this.#changesWhenSettled ??= this.#database.changes;
		if (this.#database.changes !== this.#changesWhenSettled) {
			this.#log.violate("fight", `the leader changed ${Math.round(quietMs)} ms after the last fault`);
			this.#changesWhenSettled = undefined;
		}
	}
}
