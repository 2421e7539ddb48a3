import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { isRecord } from "@x/base/objects";
import type { DrillRecord } from "./drill-record.ts";
import { isKill } from "./kill-kinds.ts";

/** At most this many bytes are read from the end of the file. They hold a few thousand drills. */
const maxBytes = 2_000_000;

/** The members of a drill record that the agent uses. */
export type KnownDrill = Pick<DrillRecord, "at" | "session" | "kill" | "fingerprint" | "result">;

/**
 * Returns the latest drill for each session and each way to kill it. Only the end of the file is read. Inconclusive drills are left out,
 * because they have shown nothing. Lines that are no records are left out too, for example a line that was cut off.
 *
 * @throws Error of Node.js; with code ENOENT when no drill was ever run.
 */
export function readDrills(file: string): ReadonlyMap<string, KnownDrill> {
	const latest = new Map<string, KnownDrill>();
	for (const line of readEnd(file).split("\n")) {
		const drill = parse(line);
		if (drill && drill.result.verdict !== "inconclusive") latest.set(drillKey(drill.session, drill.kill), drill);
	}
	return latest;
}

export function drillKey(session: string, kill: string): string {
	return `${kill} ${session}`;
}

function readEnd(file: string): string {
	const handle = openSync(file, "r");
	try {
		const { size } = fstatSync(handle);
		const start = Math.max(0, size - maxBytes);
		const buffer = Buffer.alloc(size - start);
		const length = readSync(handle, buffer, 0, buffer.length, start);
		return buffer.toString("utf8", 0, length);
	} finally {
		closeSync(handle);
	}
}

function parse(line: string): KnownDrill | undefined {
	try {
		const record: unknown = JSON.parse(line);
		return isDrill(record) ? record : undefined;
	} catch {
		return undefined;
	}
}

function isDrill(value: unknown): value is KnownDrill {
	if (!isRecord(value) || value["type"] !== "drill" || value["version"] !== 1) return false;
	const { at, session, fingerprint, kill, result } = value;
	const isVerdict = isRecord(result) && typeof result["verdict"] === "string";
	return (
		typeof at === "number" &&
		typeof session === "string" &&
		typeof fingerprint === "string" &&
		isKill(kill) &&
		isVerdict
	);
}
