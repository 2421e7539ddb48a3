import { createHash } from "node:crypto";
import type { Config } from "../config/config.ts";

/**
 * A digest of the key and the settings of a session, and of how long its strategy may send no health signal. It changes when one of these
 * changes. The secrets are part of the digest, so that nobody can find out the settings by trying values.
 */
export function fingerprintOf({ sessions, strategies }: Pick<Config, "sessions" | "strategies">, name: string): string {
	const toleranceMs = toleranceOf(strategies, name);
	// The option that says which machine runs the session is left out, because it does not change what the venue does.
	const entries = Object.entries(sessions[name] ?? {}).filter(([key]) => key !== "leader" && key !== "orderLabel");
	const settings = Object.fromEntries(entries);
	return createHash("sha256")
		.update(JSON.stringify(sorted({ settings, toleranceMs })))
		.digest("hex")
		.slice(0, 32);
}

/** How long the strategy of a session may send no health signal (pulse), in milliseconds; undefined if the session is in no strategy. */
export function toleranceOf(strategies: Config["strategies"], session: string): number | undefined {
	return Object.values(strategies).find(({ sessions }) => sessions.includes(session))?.toleranceMs;
}

/** Sorts the members of each object by name, so that their order in the file does not matter. */
function sorted(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
	return Object.fromEntries(entries.map(([key, each]) => [key, sorted(each)]));
}
