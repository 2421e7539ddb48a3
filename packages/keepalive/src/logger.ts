import { callSafely } from "@x/base/call-safely";

/**
 * Receives messages about what the keeper and its sessions decide, and about the calls that they make. `fields` are facts that
 * belong to the message, as plain data without secrets. `console` can be used, and so can a small adapter for pino: `{ info:
 * (message, fields) => log.info(fields, message), … }`.
 */
export interface Logger {
	/** Receives messages about single calls and beats. */
	debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
	/** Receives messages about changes of a session's state that are no failure. */
	info(message: string, fields?: Readonly<Record<string, unknown>>): void;
	/** Receives messages about something that went wrong and is retried, or that is allowed but unwise. */
	warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
	/** Receives messages about something for which a person has to act. */
	error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** How important a message is. */
export type LogLevel = keyof Logger;

const ignore = (): void => undefined;

/** A logger that logs nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Whether a value has the methods of a logger. */
export function isLogger(value: unknown): value is Logger {
	const methods: readonly LogLevel[] = ["debug", "info", "warn", "error"];
	// The cast is safe: a member can be read from any value except null and undefined.
	return methods.every((method) => typeof (value as Partial<Logger> | null)?.[method] === "function");
}

/**
 * Passes messages on to the program's logger. An exception or rejection of that logger must not end the loop that keeps a
 * session alive.
 */
export function safeLogger(logger: Logger): Logger {
	const log = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
		// The error is ignored, because there is no better place to report that the logger failed.
		callSafely(() => logger[level](message, fields));
	};
	return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
