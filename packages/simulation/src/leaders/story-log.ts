import type { Cluster } from "./cluster.ts";

/** What must not happen and did, with when. */
export interface Violation {
	readonly rule: string;
	readonly at: number;
	readonly detail: string;
}

/** After so many a story shows nothing new. */
const mostViolations = 20;

/** The events of a story, and what it has violated. */
export class StoryLog {
	readonly violations: Violation[] = [];
	readonly #cluster: Cluster;
	readonly #onLine: (line: string) => void;

	/** @param onLine - called with each event. */
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
