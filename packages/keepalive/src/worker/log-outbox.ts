import type { Logger, LogLevel } from "../logger.ts";
import type { SharedArmedState } from "./shared-armed-state.ts";
import type { FromWorker } from "./thread-messages.ts";

/** How many log messages may be on their way to the program while the program does not read them. */
const maxMessages = 1_000;

/**
 * Returns a logger that sends its messages to the program. While the program does not read, new messages are dropped, and the
 * next message says how many were dropped.
 */
export function logOutbox(words: SharedArmedState, post: (message: FromWorker) => void): Logger {
	let sent = 0;
	let dropped = 0;
	const log =
		(level: LogLevel) =>
		(message: string, fields?: Readonly<Record<string, unknown>>): void => {
			if (words.notReceived("logs", sent) >= maxMessages) {
				dropped += 1;
				return;
			}
			sent = (sent + 1) | 0;
			const entry = { type: "log", level, message, dropped } as const;
			dropped = 0;
			try {
				post(fields ? { ...entry, fields } : entry);
			} catch {
				// A field, such as a function, cannot be cloned, so the message is sent without its fields.
				post(entry);
			}
		};
	return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
