import type { HistoryRow, HistoryStore } from "./history-store.ts";

/** How long records are kept, and how much space they may take. */
export interface HistoryBounds {
	/** A record that is more than this many days old is removed. */
	readonly maxDays: number;
	/** If all records together have more bytes than this, the oldest records are removed. Bytes are counted by `sizeOf`. */
	readonly maxBytes: number;
}

/** One step removes at most this many records, so that no step takes long. */
const stepRows = 500;
const dayMs = 86_400_000;

/**
 * Removes records in steps when they are too old or too many. The last status record of each session is never removed: it may be older than
 * `maxDays`, and is the only record that shows the session's present state.
 */
export class Retention {
	readonly #store: HistoryStore;
	readonly #bounds: HistoryBounds;
	/** The id of the last status record of each session, by session name. */
	readonly #latest = new Map<string, number>();

	private constructor(store: HistoryStore, bounds: HistoryBounds) {
		this.#store = store;
		this.#bounds = bounds;
	}

	static async of(store: HistoryStore, bounds: HistoryBounds): Promise<Retention> {
		const retention = new Retention(store, bounds);
		retention.added(await store.before(Number.MAX_SAFE_INTEGER));
		return retention;
	}

	/** Has to be called with the records that were just stored. */
	added(rows: readonly HistoryRow[]): void {
		for (const { type, session, id } of rows) {
			if (type === "status" && session !== undefined) this.#latest.set(session, id);
		}
	}

	/** Removes some of the records that are too old or too many. Resolves with true if more of them may be left. */
	async step(now: number): Promise<boolean> {
		const kept = new Set(this.#latest.values());
		const limit = stepRows + kept.size;
		const removable = ({ id }: { readonly id: number }): boolean => !kept.has(id);
		const oldestKeptAt = Math.ceil(now - this.#bounds.maxDays * dayMs);
		const old = (await this.#store.oldest(limit, oldestKeptAt)).filter(removable).slice(0, stepRows);
		if (old.length > 0) {
			await this.#store.remove(old.map(({ id }) => id));
			return old.length === stepRows || this.#excess > 0;
		}
		let excess = this.#excess;
		if (excess <= 0) return false;
		const victims: number[] = [];
		for (const { id, bytes } of (await this.#store.oldest(limit)).filter(removable).slice(0, stepRows)) {
			if (excess <= 0) break;
			victims.push(id);
			excess -= bytes;
		}
		if (victims.length === 0) return false;
		await this.#store.remove(victims);
		return this.#excess > 0;
	}

	get #excess(): number {
		return this.#store.bytes - this.#bounds.maxBytes;
	}
}
