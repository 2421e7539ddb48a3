import { isObject } from "@x/base/record";
import type { Logger } from "@x/keepalive";
import { destination, pino } from "pino";

type Level = keyof Logger;

/** The log of `keepalive run`. */
export interface AgentLog extends Logger {
	/** Writes what is still buffered. To be called before the process ends. */
	flush(): void;
	/** Writes messages of this level and above from now on. */
	setLevel(level: Level): void;
}

/** How much may wait to be written. A slow reader must not stop the beats, so lines above it are dropped. */
const maxBufferedBytes = 8_000_000;

/** JSON lines on stdout for programs, or readable lines for a person on a terminal. */
export function createLog(level: Level, isTerminal: boolean): AgentLog {
	// Not synchronous, and without a worker thread: writing must never hold up the loop that beats.
	const out = destination({ dest: 1, sync: false, maxLength: maxBufferedBytes });
	// A pipe whose reader has ended.
	out.on("error", () => undefined);
	const flush = (): void => {
		try {
			out.flushSync();
		} catch {
			// Nothing was buffered, or nobody reads.
		}
	};
	if (isTerminal) {
		const readable = readableLog(level, (line) => void out.write(line));
		return { ...readable, flush };
	}
	const log = pino({ level, base: null }, out);
	const write =
		(at: Level) =>
		(message: string, fields: Readonly<Record<string, unknown>> = {}) =>
			log[at](fields, message);
	const setLevel = (to: Level): void => {
		log.level = to;
	};
	return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error"), flush, setLevel };
}

const order: readonly Level[] = ["debug", "info", "warn", "error"];

/** A log for a person: time, level, message, and the cause if there is one. */
export function readableLog(first: Level, write: (line: string) => void): Logger & Pick<AgentLog, "setLevel"> {
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

/** What a person needs of the fields: why, and what to do. */
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
