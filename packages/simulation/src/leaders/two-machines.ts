import type { Keeper, Session } from "@x/keepalive";
import { between, chance, gap, pick } from "../world/seeded-random.ts";
import type { GuardedVenue, VenueConnection } from "./cancel-on-disconnect-venue.ts";
import { Line } from "./network-line.ts";
import type { StoryLog } from "./run-log.ts";
import { type Cluster, SimMachine } from "./simulated-clocks.ts";
import type { SimulatedDatabase } from "./simulated-database.ts";

/** The largest error of a clock's speed, as a share: clocks run up to this much too fast or too slow. */
const mostDrift = 500e-6;
/** The mean time between two faults, in milliseconds. It mostly gives the machines enough time to recover from a fault. */
const meanGapMs = 60_000;

/** Draws the speed of a clock that runs a little too fast or too slow. */
export const driftOf = (random: () => number): number => 1 + (random() * 2 - 1) * mostDrift;

/** A machine that may run the session, together with the process on it. */
export class Node {
	readonly name: string;
	machine: SimMachine;
	keeper: Keeper<"venue"> | undefined;
	session: Session<VenueConnection, "venue"> | undefined;
	databaseLine: Line;
	venueLine: Line;
	/** How many times the process of this machine has been started. */
	starts = 0;
	/** The names of the faults that currently affect this machine. */
	readonly faults = new Set<string>();
	/** When a fault last kept this machine from closing its connection to the venue. */
	unableAt = Number.NEGATIVE_INFINITY;

	constructor(name: string, machine: SimMachine, databaseLine: Line, venueLine: Line) {
		this.name = name;
		this.machine = machine;
		this.databaseLine = databaseLine;
		this.venueLine = venueLine;
	}

	/** The name of the current process of this machine, which differs for each start. */
	get owner(): string {
		return `${this.name}${this.starts}`;
	}
}

/** What the constructor of `TwoMachines` needs. */
interface TwoMachinesParts {
	readonly cluster: Cluster;
	readonly random: () => number;
	readonly database: SimulatedDatabase;
	readonly venue: GuardedVenue;
	readonly log: StoryLog;
	/** Faults last up to three times as long as this, in milliseconds. */
	readonly spanMs: number;
	/** How many milliseconds the machines wait for an answer of the simulated database. */
	readonly askMs: number;
	/** Starts the process of a machine. It is called on that machine. */
	start(node: Node): void;
}

/** Two simulated machines with a database and a venue, and faults drawn from a seed. */
export class TwoMachines {
	readonly nodes: readonly Node[];
	faults = 0;
	readonly #cluster: Cluster;
	readonly #random: () => number;
	readonly #database: SimulatedDatabase;
	readonly #venue: GuardedVenue;
	readonly #log: StoryLog;
	readonly #spanMs: number;
	readonly #askMs: number;
	readonly #startProcess: (node: Node) => void;

	constructor({ cluster, random, database, venue, log, spanMs, askMs, start }: TwoMachinesParts) {
		this.#cluster = cluster;
		this.#random = random;
		this.#database = database;
		this.#venue = venue;
		this.#log = log;
		this.#spanMs = spanMs;
		this.#askMs = askMs;
		this.#startProcess = start;
		this.nodes = ["A", "B"].map((name) => {
			const machine = new SimMachine(cluster, driftOf(random), between(random, -3_600_000, 3_600_000));
			return new Node(name, machine, new Line(cluster, machine, random), new Line(cluster, machine, random));
		});
	}

	/** Whether no fault is in effect now. */
	get isQuiet(): boolean {
		return this.#database.fault === undefined && this.nodes.every(({ faults }) => faults.size === 0);
	}

	/** Runs both machines for `ms`. @param look - called after each event. */
	async play(ms: number, look: () => void): Promise<void> {
		for (const node of this.nodes) this.#start(node);
		this.#drawNext(ms);
		await this.#cluster.run(ms, () => {
			for (const node of this.nodes) {
				if (!node.machine.isRunning || node.venueLine.isCut) node.unableAt = this.#cluster.now;
			}
			look();
		});
		for (const { machine } of this.nodes) machine.kill();
	}

	/** Asks the keeper of a machine a question. Returns undefined while the process of the machine does not run. */
	ask<T>({ machine, keeper }: Node, question: (keeper: Keeper<"venue">) => T): T | undefined {
		if (!keeper || !machine.isRunning) return undefined;
		return this.#cluster.on(machine, () => question(keeper));
	}

	#start(node: Node): void {
		node.starts += 1;
		this.#cluster.on(node.machine, () => this.#startProcess(node));
	}

	#drawNext(until: number): void {
		const ms = chance(this.#random, 0.3) ? gap(this.#random, 3_000) : gap(this.#random, meanGapMs);
		if (this.#cluster.now + ms > until) return;
		this.#cluster.after(ms, () => {
			this.#fault();
			this.#drawNext(until);
		});
	}

	#fault(): void {
		const random = this.#random;
		const spanMs = this.#spanMs;
		const node = pick(random, this.nodes);
		const ms = pick(random, [
			between(random, 100, 3_000),
			between(random, 1_000, spanMs),
			between(random, spanMs, 3 * spanMs),
		]);
		pick(random, [
			() =>
				this.#on(
					node,
					"frozen",
					ms,
					() => node.machine.freeze(),
					() => node.machine.resume(),
				),
			() =>
				this.#on(
					node,
					"suspended",
					ms,
					() => node.machine.suspend(),
					() => node.machine.resume(),
				),
			() => this.#kill(node, ms),
			() =>
				this.#on(
					node,
					"cut from the database",
					ms,
					() => {
						node.databaseLine.isCut = true;
					},
					() => {
						node.databaseLine.isCut = false;
					},
				),
			() =>
				this.#on(
					node,
					"cut from the venue",
					ms,
					() => {
						node.venueLine.isCut = true;
					},
					() => {
						node.venueLine.isCut = false;
					},
				),
			() => {
				const delayMs = between(random, 100, spanMs / 3);
				this.#on(
					node,
					`connected to the database with a delay of ${delayMs} ms`,
					ms,
					() => {
						node.databaseLine.delayMs = delayMs;
					},
					() => {
						node.databaseLine.delayMs = 0;
					},
				);
			},
			() => this.#slowThenCut(node, ms),
			() => this.#databaseDown(ms),
			() =>
				this.#on(
					node,
					"clock set",
					0,
					() => node.machine.setWallClock(between(random, -2 * spanMs, 2 * spanMs)),
					() => undefined,
				),
		])();
	}

	#on(node: Node, what: string, ms: number, begin: () => void, end: () => void): void {
		if (node.faults.has(what) || !node.machine.isRunning) return;
		this.faults += 1;
		const { machine } = node;
		this.#log.tell(`FAULT ${node.name} ${what} for ${ms} ms`);
		node.faults.add(what);
		begin();
		this.#cluster.after(ms, () => {
			node.faults.delete(what);
			this.#log.tell(`${node.name} no longer ${what}`);
			if (node.machine === machine) end();
		});
	}

	/** Injects a fault: answers of the database first arrive late, and then not at all. */
	#slowThenCut(node: Node, ms: number): void {
		const askMs = this.#askMs;
		const delayMs = between(this.#random, askMs / 10, askMs * 0.4);
		const set = (delay: number, isCut: boolean): void => {
			node.databaseLine.delayMs = delay;
			node.databaseLine.isCut = isCut;
		};
		const slowMs = 2 * askMs + ms;
		this.#on(
			node,
			`connected to the database with a delay of ${delayMs} ms, then cut`,
			slowMs + 2 * this.#spanMs,
			() => {
				set(delayMs, false);
				this.#cluster.after(slowMs, () => set(0, true));
			},
			() => set(0, false),
		);
	}

	#databaseDown(ms: number): void {
		if (this.#database.fault !== undefined) return;
		this.faults += 1;
		const fault = pick(this.#random, ["hangs", "refuses"] as const);
		this.#log.tell(`FAULT database ${fault} for ${ms} ms`);
		this.#database.fault = fault;
		this.#cluster.after(ms, () => {
			this.#log.tell("database works again");
			this.#database.fault = undefined;
		});
	}

	/** Kills the machine, and starts its process again after `ms` on a new machine that replaces it. */
	#kill(node: Node, ms: number): void {
		if (!node.machine.isRunning || node.faults.size > 0) return;
		this.faults += 1;
		this.#log.tell(`FAULT ${node.name} killed, started again after ${ms} ms`);
		const { owner } = node;
		node.faults.add("killed");
		node.keeper = undefined;
		const { machine } = node;
		machine.kill();
		this.#venue.died(owner);
		this.#cluster.after(ms, () => {
			node.faults.delete("killed");
			node.machine = new SimMachine(this.#cluster, 1, between(this.#random, -3_600_000, 3_600_000));
			node.databaseLine = new Line(this.#cluster, node.machine, this.#random);
			node.venueLine = new Line(this.#cluster, node.machine, this.#random);
			this.#start(node);
		});
	}
}
