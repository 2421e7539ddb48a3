import { monotonicMs, sleep } from "@x/base/clock";
import type { Logger } from "@x/keepalive";
import { type PostgresPulseStore, postgresPulseStore } from "@x/keepalive-postgres";
import type { Config } from "../config/config.ts";
import { newHolder, storeOptions } from "../leader/leader-config.ts";

/** So many steps fit into the tolerance of a strategy, each of them a write or a read. */
const stepsPerTolerance = 8;

/** Shares the pulses of the strategies that say so, over the database of the leader. @returns undefined when none does. */
export function sharedPulses({ strategies, leader }: Config, logger: Logger): SharedPulses | undefined {
	const shared = Object.entries(strategies).filter(([, { isShared }]) => isShared);
	if (!leader || shared.length === 0) return undefined;
	const table = `${leader.table ?? "keepalive_leader"}_pulse`;
	const store = postgresPulseStore(storeOptions({ ...leader, table }));
	const stepMs = Object.fromEntries(shared.map(([name, { toleranceMs }]) => [name, toleranceMs / stepsPerTolerance]));
	return new SharedPulses(store, newHolder(), stepMs, logger);
}

/**
 * Pulses of strategies between the agents of several machines. Those of another machine are not written again: two agents would keep a
 * dead strategy alive for each other.
 *
 * While the database is away, each agent knows only what its own machine sees.
 */
export class SharedPulses {
	readonly #store: PostgresPulseStore;
	readonly #holder: string;
	readonly #stepMs: Readonly<Record<string, number>>;
	readonly #logger: Logger;
	/** When the latest pulse was given that is not written yet, by strategy; on the monotonic clock. */
	readonly #unwritten = new Map<string, number>();
	readonly #writing = new Set<string>();
	readonly #ended = new AbortController();
	#hasTable = false;
	/** Whether the last step failed. */
	#isFailing = false;

	/** @param stepMs - milliseconds between two writes, and between two reads, of each strategy. */
	constructor(store: PostgresPulseStore, holder: string, stepMs: Readonly<Record<string, number>>, logger: Logger) {
		this.#store = store;
		this.#holder = holder;
		this.#stepMs = stepMs;
		this.#logger = logger;
	}

	/** This machine sees a pulse. Never waits and never throws. */
	write(strategy: string): void {
		this.#unwritten.set(strategy, monotonicMs());
		if (!this.#writing.has(strategy)) void this.#writeAll(strategy);
	}

	/** Calls back with the age of each pulse that another machine sees, and that is younger than the tolerance. */
	follow(strategy: string, toleranceMs: number, signal: AbortSignal, onPulse: (ageMs: number) => Promise<void>): void {
		void this.#readAll(strategy, toleranceMs, signal, onPulse);
	}

	/** Closes the connections. Never rejects. */
	async close(): Promise<void> {
		this.#ended.abort();
		await this.#store.close();
	}

	/** Writes the latest pulse, and after a step the latest one that was given meanwhile. */
	async #writeAll(strategy: string): Promise<void> {
		const { signal } = this.#ended;
		this.#writing.add(strategy);
		for (let at = this.#takeUnwritten(strategy); at !== undefined; at = this.#takeUnwritten(strategy)) {
			const given = at;
			await this.#step(strategy, (cut) => this.#store.write(strategy, this.#holder, monotonicMs() - given, cut));
			await sleep(this.#stepOf(strategy), signal);
			if (signal.aborted) return;
		}
		this.#writing.delete(strategy);
	}

	#takeUnwritten(strategy: string): number | undefined {
		const at = this.#unwritten.get(strategy);
		this.#unwritten.delete(strategy);
		return at;
	}

	async #readAll(
		strategy: string,
		toleranceMs: number,
		signal: AbortSignal,
		onPulse: (ageMs: number) => Promise<void>,
	): Promise<void> {
		let seen: string | undefined;
		let isFirst = true;
		while (!signal.aborted) {
			const askedAt = monotonicMs();
			const isRead = await this.#step(strategy, async (cut) => {
				const pulse = await this.#store.readOthers(strategy, this.#holder, cut);
				const key = pulse && `${pulse.holder} ${pulse.count}`;
				// By the clock of the database. It may have been set back since, and then a pulse that is new is young.
				const ageMs = Math.max(0, pulse?.ageMs ?? 0) + monotonicMs() - askedAt;
				// A first one in the future shows nothing: it may be old.
				const isNews = key !== undefined && key !== seen && !(isFirst && (pulse?.ageMs ?? 0) < 0);
				seen = key;
				if (isNews && ageMs < toleranceMs && !signal.aborted) await onPulse(ageMs);
			});
			if (isRead) isFirst = false;
			await sleep(this.#stepOf(strategy), signal);
		}
	}

	#stepOf(strategy: string): number {
		return this.#stepMs[strategy] ?? 1_000;
	}

	/** One step with a deadline. @returns whether it succeeded. */
	async #step(strategy: string, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
		const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(Math.max(1_000, this.#stepOf(strategy)))]);
		try {
			if (!this.#hasTable) await this.#store.createTable(signal);
			this.#hasTable = true;
			await work(signal);
			if (this.#isFailing) this.#logger.info("the pulses of other machines are known again");
			this.#isFailing = false;
			return true;
		} catch (error) {
			if (!this.#isFailing && !this.#ended.signal.aborted) {
				const said = error instanceof Error ? error.message : "unknown error";
				this.#logger.warn(`pulses are not shared with other machines, only those of this one count: ${said}`);
			}
			this.#isFailing = true;
			return false;
		}
	}
}
