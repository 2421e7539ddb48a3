import type { Cluster } from "./simulated-clocks.ts";

/** A violated rule: its name, the time in milliseconds since the start, and the details. */
export interface Violation {
	readonly rule: string;
	readonly at: number;
	readonly detail: string;
}

/** At most this many violations are kept, because further ones show nothing new. */
const mostViolations = 20;

/** The log of a simulated run, and the violations of its rules. */
export class StoryLog {
	readonly violations: Violation[] = [];
	readonly #cluster: Cluster;
	readonly #onLine: (line: string) => void;

	/** @param onLine - called with each line of the log. */
	constructor(cluster: Cluster, onLine: (line: string) => void = () => undefined) {
		this.#cluster = cluster;
		this.#onLine = onLine;
	}

	tell(line: string): void {
		this.#onLine(`${(this.#cluster.now / 1_000).toFixed(3).padStart(10)}  ${line}`);
	}

	violate(rule: string, detail: string): void {
		this.tell(`BROKEN ${rule}: ${detail}`);
		if (this.violations.length < mostViolations) this.violations.push({ rule, at: this.#cluster.now, detail });
	}
}
