import { createHash } from "node:crypto";
import type { Outcome } from "../simulate.ts";

const venues = 3;
const hourMs = 3_600_000;

/** Adds up the outcomes of many runs. */
export class Totals {
	runs = 0;
	broken = 0;
	#simulatedMs = 0;
	#events = 0;
	readonly #counts = new Map<string, number>();
	readonly #fine = new Map<string, number>();

	/** For each seed, the digest of everything that its run sent. Runs end in any order, so the total digest sorts these digests by seed. */
	readonly #wireDigests = new Map<number, string>();

	add({ seed, simulatedMs, events, counts, healthyShare, violations, digests }: Outcome): void {
		this.#wireDigests.set(seed, digests.wire);
		this.runs += 1;
		if (violations.length > 0) this.broken += 1;
		this.#simulatedMs += simulatedMs;
		this.#events += events;
		for (const [name, count] of Object.entries(counts)) this.#counts.set(name, this.#count(name) + count);
		for (const [name, share] of Object.entries(healthyShare)) this.#fine.set(name, (this.#fine.get(name) ?? 0) + share);
	}

	/** Simulated hours per second, times the number of venues. */
	venueHoursPerSecond(seconds: number): number {
		return (venues * this.#simulatedMs) / hourMs / seconds;
	}

	/** The report on all runs, as lines of text. */
	lines(seconds: number): string[] {
		const hours = this.#simulatedMs / hourMs;
		const shares = [...this.#fine].map(([name, sum]) => `${name} ${((100 * sum) / this.runs).toFixed(1)} %`);
		return [
			`${this.runs} seeds, ${this.broken} with violations; ${hours.toFixed(0)} simulated hours of ${venues} venues in ${seconds.toFixed(1)} s`,
			`${(hours / seconds).toFixed(1)} simulated hours a second, ${this.venueHoursPerSecond(seconds).toFixed(1)} venue-hours a second`,
			`${this.#events} events, ${this.#count("frames")} frames, ${this.#count("calls")} calls, ${this.#count("handshakes")} handshakes`,
			`sessions lost ${this.#count("losses")} times, recovered ${this.#count("recoveries")} times; ${this.#count("orders placed")} orders placed, ${this.#count("orders held back")} refused by requireArmed`,
			`${this.#count("killed")} processes killed, ${this.#count("power lost")} power cuts, ${this.#count("stop cancel") + this.#count("stop keep")} stops`,
			`sessions alive, and armed where the venue supports it, on average: ${shares.join(", ")}`,
			`${this.#faults().reduce((sum, [, count]) => sum + count, 0)} faults, by kind:`,
			...this.#faults().map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`),
		];
	}

	/** One digest of everything that was sent in all runs, whatever order the runs ended in. */
	wireDigest(): string {
		const all = [...this.#wireDigests].sort(([a], [b]) => a - b).map(([seed, digest]) => `${seed} ${digest}\n`);
		return createHash("sha256").update(all.join("")).digest("hex");
	}

	#faults(): [string, number][] {
		const kinds = new Map<string, number>();
		for (const [name, count] of this.#counts) {
			if (!name.startsWith("fault ")) continue;
			// Network faults are counted for all venues together, other faults for each venue separately.
			const [, where, kind = ""] = /^fault (\S+) (.*)$/.exec(name) ?? [];
			const known = onAnyWay.test(kind) ? kind : `${where}: ${kind}`;
			kinds.set(known, (kinds.get(known) ?? 0) + count);
		}
		return [...kinds].sort((a, b) => b[1] - a[1]);
	}

	#count(name: string): number {
		return this.#counts.get(name) ?? 0;
	}
}

const onAnyWay = /^(partition|refused|swallowed|delay|reset|half-open|frames .*|calls .*)$/;
