import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { isObject } from "@x/base/objects";

/** A point in time by a clock that nobody can set. Two such points can be compared only if the machine was not restarted between them. */
export interface BootInstant {
	/** The operating system's id of this boot of the machine. */
	readonly bootId: string;
	/** Milliseconds since the machine was started, including the time for which it was suspended. */
	readonly uptimeMs: number;
}

/** The current point in time. Undefined on every operating system but Linux, because only Linux gives a boot an id. */
export function bootInstantNow(): BootInstant | undefined {
	try {
		const bootId = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
		return bootId === "" ? undefined : { bootId, uptimeMs: Math.round(uptime() * 1_000) };
	} catch {
		return undefined;
	}
}

/** Milliseconds between two points in time; undefined when they cannot be compared. */
export function elapsedMs(from: BootInstant | undefined, to: BootInstant | undefined): number | undefined {
	if (!from || !to || from.bootId !== to.bootId || to.uptimeMs < from.uptimeMs) return undefined;
	return to.uptimeMs - from.uptimeMs;
}

/** Whether a value, such as a part of a file, is a BootInstant. */
export function isBootInstant(value: unknown): value is BootInstant {
	if (!isObject(value)) return false;
	const { bootId, uptimeMs } = value;
	return typeof bootId === "string" && typeof uptimeMs === "number" && Number.isFinite(uptimeMs);
}
