import { sleep, withDeadline } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { Logger } from "@x/keepalive";
import type { PostgresPulseStore, PulseReading } from "@x/keepalive-postgres";

/** Within the tolerance of a strategy, its pulses (health signals) are read and written this many times. */
const stepsPerTolerance = 8;
const shortestDeadlineMs = 1_000;
const longestDeadlineMs = 5_000;
/**
 * The longest pause, in milliseconds, between two attempts while the database fails: the database may block an address that keeps trying
 * with a wrong password.
 */
const longestPauseMs = 30_000;

/** A strategy whose pulses (health signals) are shared. */
interface SharedStrategy {
	/** The key of the strategy in the database. It is the same on each machine, but different for other accounts. */
	readonly key: string;
	readonly toleranceMs: number;
}

/**
 * Shares pulses (health signals) of strategies between the agents of several machines.
 *
 * Each agent writes only pulses that its own machine sees: if it repeated pulses of other machines, two agents would keep a dead strategy
 * alive for each other. The time of a pulse is by the clock of the database, which each read returns. So a slow write or a late answer
 * never makes the pulse look younger. While the database cannot be reached, each agent knows only the pulses that its own machine sees.
 */
export class SharedPulses {
	readonly #store: PostgresPulseStore;
	readonly #holder: string;
	readonly #strategies: Readonly<Record<string, SharedStrategy>>;
	readonly #logger: Logger;
	/** When this machine last saw a pulse (health signal) of each strategy. */
	readonly #seen = new Map<string, Instant>();
	readonly #ended = new AbortController();
	#hasTable = false;
	/** The reads and writes whose last attempt failed, each with the strategy, such as `write bot`. */
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

	/** Records a pulse (health signal) that this machine sees. {@link follow} writes it at its next step. */
	record(strategy: string): void {
		this.#seen.set(strategy, instantNow(Date.now));
	}

	/**
	 * Shares the pulses (health signals) of a strategy until `close()` is called.
	 *
	 * @param onPulse - called when another machine has seen a new pulse, with the pulse's age in milliseconds. Not called if the pulse is
	 * older than the strategy's `toleranceMs`.
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
		const known = new Map<string, number>();
		let written: Instant | undefined;
		let failures = 0;
		while (!signal.aborted) {
			const asked = instantNow(Date.now);
			const reading = await this.#step("read", strategy, toleranceMs, (cut) =>
				this.#store.read(key, this.#holder, cut),
			);
			failures = reading ? 0 : failures + 1;
			if (reading) {
				const received = instantNow(Date.now);
				// The database read its clock between the request and the answer, so this age is an upper bound.
				const ageMs = youngestNew(reading, known) + longestElapsedMs(asked, received);
				if (ageMs < toleranceMs) onPulse(ageMs);
				const pulse = this.#seen.get(strategy);
				if (pulse && pulse !== written) {
					// When this machine saw the pulse, by the database's clock. The database read its clock a little before its answer was
					// received here. So `at` may be a little too early: the pulse may look older than it is, but never younger.
					const at = reading.now - Math.max(0, longestElapsedMs(pulse, received));
					if (await this.#write(strategy, key, toleranceMs, at, written === undefined)) written = pulse;
				}
			}
			await sleep(pauseMs(toleranceMs, failures), signal);
		}
	}

	/** @returns whether the pulse (health signal) was written. */
	async #write(strategy: string, key: string, toleranceMs: number, at: number, isFirst: boolean): Promise<boolean> {
		const isWritten = await this.#step("write", strategy, toleranceMs, async (cut) => {
			await this.#store.write(key, this.#holder, at, cut);
			// Deletes pulses of earlier runs of agents. A failure is ignored: the agent's database user may lack the permission to delete.
			if (isFirst) await this.#store.deleteOld(key, cut).catch(() => undefined);
			return true;
		});
		return isWritten === true;
	}

	/**
	 * Runs one read or write with a deadline.
	 *
	 * @returns what the read or write returns; undefined if it has failed or has missed the deadline.
	 */
	async #step<T>(
		kind: keyof typeof consequences,
		strategy: string,
		toleranceMs: number,
		work: (signal: AbortSignal) => Promise<T>,
	): Promise<T | undefined> {
		const ms = Math.min(longestDeadlineMs, Math.max(shortestDeadlineMs, toleranceMs / stepsPerTolerance));
		const onTimeout = (): Error => new Error("the database did not answer in time");
		const step = `${kind} ${strategy}`;
		try {
			const result = await withDeadline({ ms, signal: this.#ended.signal, onTimeout }, async (cut) => {
				if (!this.#hasTable) await this.#store.createTable(cut);
				this.#hasTable = true;
				return work(cut);
			});
			if (this.#failing.delete(step))
				this.#logger.info(`the shared pulses of strategy ${strategy}: ${kind} works again`);
			return result;
		} catch (error) {
			if (this.#ended.signal.aborted) return undefined;
			// The table may be missing, because the database may have been replaced by an empty one.
			this.#hasTable = false;
			if (!this.#failing.has(step)) {
				const said = error instanceof Error ? error.message : "unknown error";
				this.#logger.warn(`the shared pulses of strategy ${strategy}: ${consequences[kind]}: ${said}`);
			}
			this.#failing.add(step);
			return undefined;
		}
	}
}

/** The pause until the next read, in milliseconds. It doubles with each failure in a row after the first, up to half a minute. */
function pauseMs(toleranceMs: number, failures: number): number {
	const stepMs = toleranceMs / stepsPerTolerance;
	return Math.max(stepMs, Math.min(longestPauseMs, stepMs * 2 ** Math.min(Math.max(0, failures - 1), 10)));
}

/** What the log says about the consequence of a read or write that fails. */
const consequences = {
	read: "pulses on other machines are not known here",
	write: "pulses on this machine are not known to the others",
} as const;

/**
 * The age of the youngest new pulse (health signal), by the database's clock; infinite if there is no new pulse. A pulse whose time is in
 * the future is ignored: the database's clock was set back since, so the age of that pulse is unknown.
 *
 * @param known - when each process last saw a pulse; this function updates it.
 */
function youngestNew({ now, others }: PulseReading, known: Map<string, number>): number {
	const news = others.filter(({ holder, at }) => known.get(holder) !== at);
	for (const { holder, at } of news) known.set(holder, at);
	const present = new Set(others.map(({ holder }) => holder));
	for (const holder of known.keys()) if (!present.has(holder)) known.delete(holder);
	return Math.min(...news.filter(({ at }) => at <= now).map(({ at }) => now - at));
}
