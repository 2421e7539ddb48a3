import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { isObject } from "@x/base/record";

/** An instant on a clock that nobody can set. Comparable only within one run of the machine. */
export interface BootInstant {
	/** The platform's id of this run of the machine. */
	readonly bootId: string;
	/** Time since the machine was started, including the time for which it was suspended. */
	readonly uptimeMs: number;
}

/** The instant now; undefined where the platform names no run of the machine: only Linux does. */
export function bootInstantNow(): BootInstant | undefined {
	try {
		const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
		return bootId === "" ? undefined : { bootId, uptimeMs: Math.round(uptime() * 1_000) };
	} catch {
		return undefined;
	}
}

/** Milliseconds between two instants; undefined when they cannot be compared. */
export function elapsedMs(from: BootInstant | undefined, to: BootInstant | undefined): number | undefined {
	if (!from || !to || from.bootId !== to.bootId || to.uptimeMs < from.uptimeMs) return undefined;
	return to.uptimeMs - from.uptimeMs;
}

/** Whether a value, such as a part of a file, is one. */
export function isBootInstant(value: unknown): value is BootInstant {
	if (!isObject(value)) return false;
	const { bootId, uptimeMs } = value;
	return typeof bootId === "string" && typeof uptimeMs === "number" && Number.isFinite(uptimeMs);
}
