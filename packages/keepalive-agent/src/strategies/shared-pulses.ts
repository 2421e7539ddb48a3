import { createHash } from "node:crypto";
import { sleep, withDeadline } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { Logger } from "@x/keepalive";
import { type PostgresPulseStore, type PulseReading, postgresPulseStore } from "@x/keepalive-postgres";
import type { Config } from "../config/config.ts";
import { newHolder, storeOptions } from "../leader/leader-config.ts";

/** So many reads and writes fit into the tolerance of a strategy. */
const stepsPerTolerance = 8;
const shortestDeadlineMs = 1_000;
const longestDeadlineMs = 5_000;

/** A strategy whose pulses are shared. */
interface SharedStrategy {
	/** The same on each machine, and another one for other accounts. */
	readonly key: string;
	readonly toleranceMs: number;
}

/** Shares the pulses of the strategies that say so, over the database of the leader. @returns undefined when none does. */
export function sharedPulses({ strategies, sessions, leader }: Config, logger: Logger): SharedPulses | undefined {
	const shared = Object.entries(strategies).flatMap(([name, { isShared, toleranceMs, sessions: guarded }]) => {
		const keys = guarded
			.map((session) => sessions[session])
			.map((config) => (config?.venue === "bybit" ? config.client.apiKey : ""));
		return isShared ? [[name, { key: keyOf(name, keys), toleranceMs }] as const] : [];
	});
	if (!leader || "kubernetes" in leader || shared.length === 0) return undefined;
	const table = `${leader.table ?? "keepalive_leader"}_pulse`;
	const store = postgresPulseStore(storeOptions({ ...leader, table }));
	return new SharedPulses(store, newHolder(), Object.fromEntries(shared), logger);
}

/** Two desks with strategies of the same name must not keep each other's dead bot alive. */
function keyOf(strategy: string, apiKeys: readonly string[]): string {
	const digest = createHash("sha256").update(JSON.stringify(apiKeys.toSorted())).digest("hex");
	return `${strategy}/${digest.slice(0, 12)}`;
}

/**
 * Pulses of strategies between the agents of several machines. Those of another machine are not written again: two agents would keep a
 * dead strategy alive for each other.
 *
 * When a pulse was given is told by the clock of the database, which each read brings along, so that no write and no answer that
 * comes late makes it younger. While the database is away, each agent knows only what its own machine sees.
 */
export class SharedPulses {
	readonly #store: PostgresPulseStore;
	readonly #holder: string;
	readonly #strategies: Readonly<Record<string, SharedStrategy>>;
	readonly #logger: Logger;
	/** When this machine last saw a pulse. */
	readonly #seen = new Map<string, Instant>();
	readonly #ended = new AbortController();
	#hasTable = false;
	/** The steps that failed the last time, such as `write bot`. */
	readonly #failing = new Set<string>();

	constructor(
		store: PostgresPulseStore,
		holder: string,
		strategies: Readonly<Record<string, SharedStrategy>>,
		logger: Logger,
	) {
		this.#store = store;
		this.#holder = holder;
		this.#strategies = strategies;
		this.#logger = logger;
	}

	/** This machine sees a pulse. It is written with the next step of {@link follow}. */
	record(strategy: string): void {
		this.#seen.set(strategy, instantNow(Date.now));
	}

	/**
	 * Shares the pulses of a strategy until it is closed.
	 *
	 * @param onPulse - called with the age, in milliseconds, of each pulse that another machine sees, while it is younger than the tolerance.
	 */
	follow(strategy: string, onPulse: (ageMs: number) => void): void {
		const shared = this.#strategies[strategy];
		if (shared) void this.#exchange(strategy, shared, onPulse);
	}

	/** Closes the connections. Never rejects. */
	async close(): Promise<void> {
		this.#ended.abort();
		await this.#store.close();
	}

	async #exchange(
		strategy: string,
		{ key, toleranceMs }: SharedStrategy,
		onPulse: (ageMs: number) => void,
	): Promise<void> {
		const { signal } = this.#ended;
		let known: PulseReading["latest"];
		let written: Instant | undefined;
		let isFirst = true;
		while (!signal.aborted) {
			const asked = instantNow(Date.now);
			const reading = await this.#step(`read ${strategy}`, toleranceMs, (cut) =>
				this.#store.read(key, this.#holder, cut),
			);
			if (reading) {
				const received = instantNow(Date.now);
				const { now, latest } = reading;
				// A first one in the future shows nothing: it may be old, and the clock of the database have been set back since.
				const isFuture = latest !== undefined && latest.at > now;
				const isNew = latest?.at !== known?.at || latest?.holder !== known?.holder;
				// The database said its time some time after it was asked.
				const ageMs = Math.max(0, now - (latest?.at ?? 0)) + longestElapsedMs(asked, received);
				if (latest && isNew && !(isFirst && isFuture) && ageMs < toleranceMs) onPulse(ageMs);
				known = latest;
				isFirst = false;
				const pulse = this.#seen.get(strategy);
				if (pulse && pulse !== written) {
					// Rather too early: the database said its time before this machine received it.
					const at = now - Math.max(0, longestElapsedMs(pulse, received));
					const isWritten = await this.#step(`write ${strategy}`, toleranceMs, async (cut) => {
						await this.#store.write(key, this.#holder, at, cut);
						return true;
					});
					if (isWritten) written = pulse;
				}
			}
			await sleep(toleranceMs / stepsPerTolerance, signal);
		}
	}

	/** One step with a deadline. @returns undefined when it failed. */
	async #step<T>(step: string, toleranceMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
		const ms = Math.min(longestDeadlineMs, Math.max(shortestDeadlineMs, toleranceMs / stepsPerTolerance));
		const onTimeout = (): Error => new Error("the database did not answer in time");
		try {
			const result = await withDeadline({ ms, signal: this.#ended.signal, onTimeout }, async (cut) => {
				if (!this.#hasTable) await this.#store.createTable(cut);
				this.#hasTable = true;
				return work(cut);
			});
			if (this.#failing.delete(step)) this.#logger.info(`the database of shared pulses works again: ${step}`);
			return result;
		} catch (error) {
			if (this.#ended.signal.aborted) return undefined;
			// It may have been replaced by an empty one.
			this.#hasTable = false;
			if (!this.#failing.has(step)) {
				const said = error instanceof Error ? error.message : "unknown error";
				this.#logger.warn(`pulses are not shared with other machines, only those of this one count: ${step}: ${said}`);
			}
			this.#failing.add(step);
			return undefined;
		}
	}
}
