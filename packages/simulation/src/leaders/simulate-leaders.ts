import { type Keeper, keepalive } from "@x/keepalive";
import { leaderSession } from "@x/keepalive/leader";
import { between, chance, gap, pick, seeded } from "../world/seeded.ts";
import { Cluster, SimMachine } from "./cluster.ts";
import { Engine, type EngineMistake } from "./engine.ts";
import { GuardedVenue } from "./guarded-venue.ts";
import { Line } from "./network.ts";

/** What to play. */
export interface LeadersOptions {
	readonly seed: number;
	/** Simulated minutes. */
	readonly minutes: number;
	/** A mistake of the engine, to see that it is caught. */
	readonly mistake?: EngineMistake;
	/** Called with each event of the story. */
	readonly onLine?: (line: string) => void;
}

/** What was seen. */
export interface LeadersOutcome {
	readonly seed: number;
	/** What must not happen and did, with when. */
	readonly violations: readonly { readonly rule: string; readonly at: number; readonly detail: string }[];
	readonly faults: number;
	readonly takeovers: number;
	/** For how long nobody was armed after each change of the leader that a death caused, in milliseconds. */
	readonly gapsMs: readonly number[];
	/** The settings of the leaders. */
	readonly settings: {
		readonly ttlMs: number;
		readonly renewMs: number;
		readonly marginMs: number;
		readonly pollMs: number;
	};
}

/** Clocks run up to this much too fast or too slow. */
const mostDrift = 500e-6;
/** A close that was lost on the way is given up after this long, in milliseconds. */
const closeMs = 12_000;
/** Between two faults the machines mostly have time to settle. */
const meanGapMs = 60_000;

/** A machine that could run the session, and the process on it. */
class Node {
	readonly name: string;
	machine: SimMachine;
	keeper: Keeper<"venue"> | undefined;
	engineLine: Line;
	venueLine: Line;
	/** How often its process has started. */
	starts = 0;
	/** The faults that are under way. */
	readonly faults = new Set<string>();
	/** When a fault last kept it from closing its connection. */
	unableAt = Number.NEGATIVE_INFINITY;

	constructor(name: string, machine: SimMachine, engineLine: Line, venueLine: Line) {
		this.name = name;
		this.machine = machine;
		this.engineLine = engineLine;
		this.venueLine = venueLine;
	}
}

/** Plays two machines that share one session, one engine, and faults drawn from a seed. */
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

class Story {
	readonly #options: LeadersOptions;
	readonly #random: () => number;
	readonly #cluster: Cluster;
	readonly #engine: Engine;
	readonly #venue: GuardedVenue;
	readonly #nodes: Node[];
	readonly #settings: LeadersOutcome["settings"];
	readonly #violations: { rule: string; at: number; detail: string }[] = [];
	readonly #gapsMs: number[] = [];
	#faults = 0;
	/** When the last fault began or ended. */
	#disturbedAt = 0;
	#isEngineFaulty = false;
	#changesWhenSettled: number | undefined;
	#armedAt = 0;
	#highestEpoch = 0;
	/** Which process sent orders with which epoch. */
	readonly #owners = new Map<number, string>();

	constructor(options: LeadersOptions, random: () => number, cluster: Cluster) {
		this.#options = options;
		this.#random = random;
		this.#cluster = cluster;
		const rate = (): number => 1 + (random() * 2 - 1) * mostDrift;
		this.#engine = new Engine(cluster, rate(), options.mistake);
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
		this.#nodes = ["A", "B"].map((name) => {
			const machine = new SimMachine(cluster, rate(), between(random, -3_600_000, 3_600_000));
			return new Node(name, machine, new Line(cluster, machine, random), new Line(cluster, machine, random));
		});
	}

	async play(): Promise<LeadersOutcome> {
		const until = this.#options.minutes * 60_000;
		for (const node of this.#nodes) this.#start(node);
		this.#drawNext(until);
		await this.#cluster.run(until, () => this.#look());
		const { seed } = this.#options;
		for (const { machine } of this.#nodes) machine.kill();
		return {
			seed,
			violations: this.#violations,
			faults: this.#faults,
			takeovers: this.#engine.changes,
			gapsMs: this.#gapsMs,
			settings: this.#settings,
		};
	}

	#tell(line: string): void {
		this.#options.onLine?.(`${(this.#cluster.now / 1_000).toFixed(3).padStart(10)}  ${line}`);
	}

	#violate(rule: string, detail: string): void {
		this.#tell(`BROKEN ${rule}: ${detail}`);
		if (this.#violations.length < 20) this.#violations.push({ rule, at: this.#cluster.now, detail });
	}

	#start(node: Node): void {
		node.starts += 1;
		const { machine } = node;
		const owner = `${node.name}${node.starts}`;
		this.#cluster.on(machine, () => {
			const session = this.#venue.session(owner, node.venueLine, () => this.#opens(node));
			const store = this.#engine.storeOf(node.engineLine, () => machine.wallMs());
			const leader = leaderSession(session, { ...this.#settings, store, holder: owner, random: this.#random });
			const keeper = keepalive([leader], { random: this.#random, openTimeoutMs: 5_000, closeTimeoutMs: 1_000 });
			node.keeper = keeper;
			keeper.onStatus(({ status, epoch }) => {
				const cause = "cause" in status ? `: ${status.cause.message}` : "";
				this.#tell(`${owner} ${status.state}${epoch === undefined ? "" : ` #${epoch}`}${cause}`);
			});
			this.#trade(node, keeper);
		});
	}

	/** A program that asks before each order, as every program should. */
	#trade(node: Node, keeper: Keeper<"venue">): void {
		const again = (): void => {
			if (node.keeper !== keeper) return;
			if (keeper.isArmed("venue")) this.#order(keeper.current("venue").epoch ?? 0, node);
			setTimeout(again, 200);
		};
		again();
	}

	#order(epoch: number, { name, starts }: Node): void {
		const owner = this.#owners.get(epoch) ?? `${name}${starts}`;
		this.#owners.set(epoch, owner);
		if (owner !== `${name}${starts}`)
			this.#violate("shared-epoch", `${name}${starts} and ${owner} have epoch ${epoch}`);
		if (epoch < this.#highestEpoch) {
			this.#violate("old-epoch", `${name} sent an order with epoch ${epoch} after one with ${this.#highestEpoch}`);
		}
		this.#highestEpoch = Math.max(this.#highestEpoch, epoch);
	}

	#isArmed({ machine, keeper }: Node): boolean {
		if (!keeper || !machine.isRunning) return false;
		return this.#cluster.on(machine, () => keeper.isArmed("venue"));
	}

	/** A session begins to open: the other one must have stopped before. */
	#opens(node: Node): void {
		for (const other of this.#nodes) {
			if (other === node) continue;
			if (this.#isArmed(other)) this.#violate("guard-open", `${node.name} opens while ${other.name} is armed`);
			const owner = `${other.name}${other.starts}`;
			if (this.#cluster.now - other.unableAt > closeMs && this.#venue.openOf(owner)) {
				this.#violate("left-open", `${node.name} opens while the connection of ${other.name} is open`);
			}
		}
	}

	/** After each event. */
	#look(): void {
		const { now } = this.#cluster;
		const armed = this.#nodes.filter((node) => this.#isArmed(node));
		if (armed.length > 1) this.#violate("two-leaders", "both machines are armed");
		for (const node of this.#nodes) {
			if (!node.machine.isRunning || node.venueLine.isCut) node.unableAt = now;
		}
		const isQuiet = !this.#isEngineFaulty && this.#nodes.every(({ faults }) => faults.size === 0);
		if (!isQuiet) this.#disturbedAt = now;
		const { ttlMs, renewMs, pollMs } = this.#settings;
		// The rest of the time, a poll, the open with its attempts, and what an unanswered call may still wait for.
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
			this.#violate("gap", `nobody is armed, ${Math.round(quietMs)} ms after the last fault`);
			this.#disturbedAt = now;
		}
		this.#changesWhenSettled ??= this.#engine.changes;
		if (this.#engine.changes !== this.#changesWhenSettled) {
			this.#violate("fight", `the leader changed ${Math.round(quietMs)} ms after the last fault`);
			this.#changesWhenSettled = undefined;
		}
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
		const { ttlMs } = this.#settings;
		const node = pick(random, this.#nodes);
		const ms = pick(random, [
			between(random, 100, 3_000),
			between(random, 1_000, ttlMs),
			between(random, ttlMs, 3 * ttlMs),
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
					"cut from the engine",
					ms,
					() => {
						node.engineLine.isCut = true;
					},
					() => {
						node.engineLine.isCut = false;
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
				const delayMs = between(random, 100, ttlMs / 3);
				this.#on(
					node,
					`slow to the engine by ${delayMs} ms`,
					ms,
					() => {
						node.engineLine.delayMs = delayMs;
					},
					() => {
						node.engineLine.delayMs = 0;
					},
				);
			},
			() => this.#slowThenCut(node, ms),
			() => this.#engineDown(ms),
			() =>
				this.#on(
					node,
					"clock set",
					0,
					() => node.machine.setWallClock(between(random, -2 * ttlMs, 2 * ttlMs)),
					() => undefined,
				),
		])();
	}

	#on(node: Node, what: string, ms: number, begin: () => void, end: () => void): void {
		if (node.faults.has(what) || !node.machine.isRunning) return;
		this.#faults += 1;
		const { machine } = node;
		this.#tell(`FAULT ${node.name} ${what} for ${ms} ms`);
		node.faults.add(what);
		begin();
		this.#cluster.after(ms, () => {
			node.faults.delete(what);
			this.#tell(`${node.name} no longer ${what}`);
			if (node.machine === machine) end();
		});
	}

	/** Answers of the engine come late, and then none. */
	#slowThenCut(node: Node, ms: number): void {
		const { renewMs, ttlMs } = this.#settings;
		const delayMs = between(this.#random, renewMs / 10, renewMs * 0.4);
		const set = (delay: number, isCut: boolean): void => {
			node.engineLine.delayMs = delay;
			node.engineLine.isCut = isCut;
		};
		const slowMs = 2 * renewMs + ms;
		this.#on(
			node,
			`slow to the engine by ${delayMs} ms, then cut`,
			slowMs + 2 * ttlMs,
			() => {
				set(delayMs, false);
				this.#cluster.after(slowMs, () => set(0, true));
			},
			() => set(0, false),
		);
	}

	#engineDown(ms: number): void {
		if (this.#isEngineFaulty) return;
		this.#faults += 1;
		this.#tell(`FAULT engine down for ${ms} ms`);
		this.#isEngineFaulty = true;
		this.#engine.isDown = true;
		this.#cluster.after(ms, () => {
			this.#tell("engine up");
			this.#isEngineFaulty = false;
			this.#engine.isDown = false;
		});
	}

	/** The process is killed and started again after `ms`, on the same machine. */
	#kill(node: Node, ms: number): void {
		if (!node.machine.isRunning || node.faults.size > 0) return;
		this.#faults += 1;
		this.#tell(`FAULT ${node.name} killed, started again after ${ms} ms`);
		const owner = `${node.name}${node.starts}`;
		node.faults.add("killed");
		node.keeper = undefined;
		const { machine } = node;
		machine.kill();
		this.#venue.died(owner);
		this.#cluster.after(ms, () => {
			node.faults.delete("killed");
			node.machine = new SimMachine(this.#cluster, 1, between(this.#random, -3_600_000, 3_600_000));
			node.engineLine = new Line(this.#cluster, node.machine, this.#random);
			node.venueLine = new Line(this.#cluster, node.machine, this.#random);
			this.#start(node);
		});
	}
}
