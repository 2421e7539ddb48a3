import { statSync } from "node:fs";
import { sleep } from "@x/base/clock";
import type { Config } from "../config/config.ts";
import type { components } from "../generated/schema.ts";
import { durationText } from "../text/duration-text.ts";
import { drillFileOf } from "./drill-file.ts";
import { kills } from "./kill-kinds.ts";
import { drillKey, type KnownDrill, readDrills } from "./read-drills.ts";
import { fingerprintOf, toleranceOf } from "./session-fingerprint.ts";

/** The latest drill for one way to kill a session, as the HTTP API shows it. */
export type DrillView = components["schemas"]["Drill"];

/** The section `drill` of the configuration: when a new drill is due. */
export interface DrillConfig {
	/**
	 * A new drill is due when the last drill with the verdict `proved` is more than this many days old. If left out, no drill is ever due.
	 */
	readonly maxAgeDays?: number;
}

const readEveryMs = 30_000;
const dayMs = 86_400_000;

/** The results of the drills of all sessions, read from the file that `keepalive drill` writes. */
export class Drills {
	readonly #config: Pick<Config, "sessions" | "strategies" | "drill">;
	readonly #file: string;
	readonly #fingerprints: ReadonlyMap<string, string>;
	readonly #closed = new AbortController();
	#known: ReadonlyMap<string, KnownDrill> = new Map();
	#seen = "";

	constructor(config: Pick<Config, "sessions" | "strategies" | "drill" | "state">) {
		this.#config = config;
		this.#file = drillFileOf(config.state);
		this.#fingerprints = new Map(Object.keys(config.sessions).map((name) => [name, fingerprintOf(config, name)]));
		this.#read();
		void this.#keepReading();
	}

	/** The latest drill of each way to kill the session. Inconclusive drills are left out. */
	of(session: string): readonly DrillView[] {
		return kills.flatMap((kill) => {
			const known = this.#known.get(drillKey(session, kill));
			if (!known) return [];
			const isCurrent = known.fingerprint === this.#fingerprints.get(session);
			return [{ kill, verdict: known.result.verdict, at: known.at, isCurrent }];
		});
	}

	/** The reason why a new drill is due; undefined if no drill is due. */
	dueReason(session: string, now: number): string | undefined {
		const { maxAgeDays } = this.#config.drill;
		if (maxAgeDays === undefined) return undefined;
		const drills = this.of(session);
		const failed = drills.find(({ verdict }) => verdict !== "proved");
		if (failed) return `the last drill with --kill ${failed.kill} had the verdict ${failed.verdict}`;
		const wanted = kills.filter(
			(kill) => kill !== "gate" || toleranceOf(this.#config.strategies, session) !== undefined,
		);
		const missing = wanted.filter((kill) => !drills.some((drill) => drill.kill === kill));
		if (missing.length > 0) return `no drill has proved what happens with --kill ${missing.join(", ")}`;
		const needed = drills.filter(({ kill }) => wanted.includes(kill));
		if (needed.some(({ isCurrent }) => !isCurrent))
			return "the key or the settings of the session have changed since the last drill";
		const ageMs = now - Math.min(...needed.map(({ at }) => at));
		return ageMs > maxAgeDays * dayMs ? `the last proof by a drill is ${durationText(ageMs)} old` : undefined;
	}

	close(): void {
		this.#closed.abort();
	}

	async #keepReading(): Promise<void> {
		const { signal } = this.#closed;
		while (!signal.aborted) {
			await sleep(readEveryMs, signal);
			if (!signal.aborted) this.#read();
		}
	}

	/** Reads the file if it has changed. A file that is missing or cannot be read counts as a file without records. */
	#read(): void {
		try {
			const { size, mtimeMs } = statSync(this.#file);
			const seen = `${size} ${mtimeMs}`;
			if (seen === this.#seen) return;
			this.#known = readDrills(this.#file);
			this.#seen = seen;
		} catch {
			this.#known = new Map();
			this.#seen = "";
		}
	}
}
