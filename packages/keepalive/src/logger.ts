import { callSafely } from "@x/base/call-safely";

/**
 * Receives what the keeper and its sessions decide, and the calls they make. `fields` are facts that belong to the message, as
 * plain data without secrets. `console` fits, and so does a small adapter for
 * pino: `{ info: (message, fields) => log.info(fields, message), … }`.
 */
export interface Logger {
	/** Logs single calls and beats. */
	debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
	/** Logs that a session changed its state as it should. */
	info(message: string, fields?: Readonly<Record<string, unknown>>): void;
	/** Logs that something went wrong and is retried, or is allowed but unwise. */
	warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
	/** Logs that a person has to act. */
	error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** How much a message matters. */
export type LogLevel = keyof Logger;

const ignore = (): void => undefined;

/** Logs nothing. */
export const silentLogger: Logger = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Whether a value has the methods of a logger. */
export function isLogger(value: unknown): value is Logger {
	const methods: readonly LogLevel[] = ["debug", "info", "warn", "error"];
	// The cast: any value may be asked for a member, except null and undefined.
	return methods.every((method) => typeof (value as Partial<Logger> | null)?.[method] === "function");
}

/** Passes messages on to a logger of the program, whose exceptions and rejections must not end a loop. */
export function safeLogger(logger: Logger): Logger {
	const log = (level: LogLevel) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
		// There is no better place to report that the logger failed.
		callSafely(() => logger[level](message, fields));
	};
	return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
