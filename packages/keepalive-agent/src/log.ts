import { isObject } from "@x/base/objects";
import type { Logger } from "@x/keepalive";
import { pino } from "pino";
import { LogOutput } from "./log-output.ts";

type Level = keyof Logger;

/** The log of `keepalive run`. */
export interface AgentLog extends Logger {
	/** From now on, only messages of at least this level are written. */
	setLevel(level: Level): void;
}

/**
 * Creates a log on stdout: JSON lines for programs, or readable lines for a person on a terminal. Lines that are still buffered are written
 * when the process ends.
 *
 * @param report - called with a text for a person when lines are lost: the process ends and they cannot be written, or the reader of a pipe
 * has ended.
 */
export function createLog(level: Level, isTerminal: boolean, report: (text: string) => void): AgentLog {
	// The output writes asynchronously, and without the worker thread of pino, because logging must never hold up the event loop.
	const out = new LogOutput(1, {
		onDropped: (lines) => made.warn(`the log is incomplete: ${lines} lines were dropped while it could not be written`),
		onLost: (lines, code) => report(lostText(lines, code)),
	});
	process.once("exit", () => out.flush());
	const made = isTerminal ? readableLog(level, (line) => out.write(line)) : jsonLog(level, out);
	return made;
}

function lostText(lines: number, code: string): string {
	const nothingMore = code === "EPIPE" ? ". Its reader has ended, so nothing more is logged" : "";
	return `the log is incomplete: ${lines} lines could not be written: ${code}${nothingMore}`;
}

/** A log for programs: one JSON object in each line. */
function jsonLog(level: Level, out: LogOutput): AgentLog {
	const log = pino({ level, base: null }, out);
	const write =
		(at: Level) =>
		(message: string, fields: Readonly<Record<string, unknown>> = {}) =>
			log[at](fields, message);
	const setLevel = (to: Level): void => {
		log.level = to;
	};
	return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error"), setLevel };
}

const order: readonly Level[] = ["debug", "info", "warn", "error"];

/** A log for a person. A line has the time, the level, the message, and the cause if there is one. */
export function readableLog(first: Level, write: (line: string) => void): AgentLog {
	let level = first;
	const log =
		(at: Level) =>
		(message: string, fields: Readonly<Record<string, unknown>> = {}) => {
			if (order.indexOf(at) < order.indexOf(level)) return;
			const time = new Date().toISOString().slice(11, 23);
			write(`${time} ${at.toUpperCase().padEnd(5)} ${message}${causeIn(fields)}\n`);
		};
	const setLevel = (to: Level): void => {
		level = to;
	};
	return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error"), setLevel };
}

/** The part of the fields that a person needs: the cause, what to do, and the protection. */
function causeIn(fields: Readonly<Record<string, unknown>>): string {
	const status = memberOf(fields, "status") ?? fields;
	const protection = memberOf(status, "protection");
	const parts = [
		memberOf(memberOf(status, "cause"), "message"),
		memberOf(status, "todo") && `to do: ${String(memberOf(status, "todo"))}`,
		protection &&
			`${String(memberOf(protection, "state"))}, ${String(memberOf(protection, "scope") ?? memberOf(protection, "reason"))}`,
	];
	const text = parts.filter((part) => typeof part === "string").join("; ");
	return text === "" ? "" : `: ${text}`;
}

function memberOf(value: unknown, name: string): unknown {
	return isObject(value) ? value[name] : undefined;
}
