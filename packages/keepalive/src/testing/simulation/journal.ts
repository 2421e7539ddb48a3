import type { Machine } from "./machine.ts";

/** What must never be, with when (in milliseconds since the start) and why. */
export interface Violation {
	readonly rule: string;
	readonly at: number;
	readonly detail: string;
}

/** Of one rule, one violation in so long is enough. */
const quietMs = 300_000;

/** All that happened in one run, by the clock of the world. */
export class Journal {
	readonly violations: Violation[] = [];
	readonly stats: Record<string, number> = {};
	readonly #events: { at: number; text: string }[] = [];
	readonly #flagged = new Map<string, number>();
	readonly #machine: Machine;
	readonly #startedAt: number;

	constructor(machine: Machine) {
		this.#machine = machine;
		this.#startedAt = machine.worldNow();
	}

	/** Milliseconds since the start. */
	now(): number {
		return this.since(this.#machine.worldNow());
	}

	/** An instant in epoch milliseconds as milliseconds since the start. */
	since(epochMs: number): number {
		return epochMs - this.#startedAt;
	}

	tell(text: string): void {
		this.#events.push({ at: this.now(), text });
	}

	count(what: string): void {
		this.stats[what] = (this.stats[what] ?? 0) + 1;
	}

	violate(rule: string, detail: string): void {
		const at = this.now();
		if (at - (this.#flagged.get(rule) ?? Number.NEGATIVE_INFINITY) < quietMs) return;
		this.#flagged.set(rule, at);
		this.violations.push({ rule, at, detail });
		this.tell(`BROKEN ${rule}: ${detail}`);
	}

	/** The last events up to an instant, one to a line. */
	last(count: number, until = Number.POSITIVE_INFINITY): string {
		const before = this.#events.filter(({ at }) => at <= until).slice(-count);
		return before.map(({ at, text }) => `${at} ${text}`).join("\n");
	}
}
