import type { LeaderNote, LeaderStore } from "../leader/leader-store.ts";

/** A leader store in the memory of the test. It uses the clock of the test, which may be a fake clock. */
export class MemoryLeaderStore implements LeaderStore {
	/**
	 * What happens to every call: `hang` means that it is never answered, `refuse` that it is refused, and undefined that it is
	 * answered.
	 */
	fault: "hang" | "refuse" | undefined;
	#note: { text: string; at: number } | undefined;
	#row: { holder: string; epoch: number; since: number; expiresAt: number } | undefined;
	/** The names of the methods that were called so far. */
	readonly calls: string[] = [];

	/** The process that leads now and its epoch, as `holder epoch`; undefined when no process leads. */
	get leader(): string | undefined {
		return this.#row && this.#row.expiresAt > performance.now() ? `${this.#row.holder} ${this.#row.epoch}` : undefined;
	}

	/** Makes another process the leader, even while a process has the lead. */
	usurp(holder: string, ttlMs: number): void {
		const now = performance.now();
		this.#row = { holder, epoch: (this.#row?.epoch ?? 0) + 1, since: now, expiresAt: now + ttlMs };
	}

	take(_name: string, holder: string, ttlMs: number, signal: AbortSignal) {
		return this.#answer("take", signal, () => {
			const now = performance.now();
			const row = this.#row;
			if (row && row.expiresAt > now && row.holder !== holder) {
				const { since, expiresAt, ...leader } = row;
				return { isTaken: false, leader: { ...leader, ledForMs: now - since, expiresInMs: expiresAt - now } } as const;
			}
			this.usurp(holder, ttlMs);
			return { isTaken: true, epoch: this.#row?.epoch ?? 0, ...this.#lastNote(now) } as const;
		});
	}

	renew(
		_name: string,
		holder: string,
		epoch: number,
		ttlMs: number,
		signal: AbortSignal,
		note?: string,
	): Promise<boolean> {
		return this.#answer("renew", signal, () => {
			const row = this.#row;
			if (row?.holder !== holder || row.epoch !== epoch) return false;
			row.expiresAt = performance.now() + ttlMs;
			if (note !== undefined) this.#note = { text: note, at: performance.now() };
			return true;
		});
	}

	release(_name: string, holder: string, epoch: number, signal: AbortSignal): Promise<void> {
		return this.#answer("release", signal, () => {
			const row = this.#row;
			if (row?.holder === holder && row.epoch === epoch)
				this.#row = { ...row, holder: "", expiresAt: performance.now() };
		});
	}

	#lastNote(now: number): { note?: LeaderNote } {
		return this.#note ? { note: { text: this.#note.text, ageMs: now - this.#note.at } } : {};
	}

	async #answer<T>(call: string, signal: AbortSignal, act: () => T): Promise<T> {
		this.calls.push(call);
		if (this.fault === "refuse") throw new Error("connection refused");
		if (this.fault === undefined) return act();
		return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
	}
}
