import { neverAborted, sleep } from "@x/base/clock";
import { clause } from "@x/base/errors";
import { isTimeoutError, withTimeout } from "./deadline.ts";
import { KeeperError } from "./keeper-error.ts";
import type { ReadyOptions } from "./options.ts";
import type { StatusRecord } from "./status/status.ts";
import type { StatusEmitter } from "./status/status-emitter.ts";

const defaultTimeoutMs = 180_000;
const pollMs = 1_000;

/**
 * Resolves once all sessions are alive at the same time.
 *
 * @param current - returns the current status records of the sessions to wait for.
 * @param lastError - returns the latest failure of a session.
 */
export async function ready(
	emitter: StatusEmitter,
	current: () => readonly StatusRecord[],
	lastError: (session: string) => unknown,
	{ session, timeoutMs = defaultTimeoutMs, signal = neverAborted }: ReadyOptions,
): Promise<void> {
	let removeListener: () => void = () => undefined;
	const done = new AbortController();
	const areAllAlive = (): boolean => current().every(({ status }) => status.state === "alive");
	const allAlive = (): Promise<void> =>
		new Promise((resolve, reject) => {
			/**
			 * The sessions whose last reported state was not `alive`. While there are such sessions, `current()` is not called,
			 * because it is slower: it checks every session.
			 */
			const missing = new Set<string>();
			let hasReplayed = false;
			const onRecord = ({ session: name, status }: StatusRecord): void => {
				if (status.state === "stopped") {
					const isFatal = status.why === "fatal";
					const reason = isFatal ? status.cause.message : "on request";
					const details = { session: name, cause: isFatal ? lastError(name) : undefined };
					const message = `ready() failed: ${name} has stopped: ${reason}`;
					reject(new KeeperError(isFatal ? "fatal" : "stopped", message, details));
				}
				if (status.state === "alive") missing.delete(name);
				else missing.add(name);
				if (hasReplayed && missing.size === 0 && areAllAlive()) resolve();
			};
			removeListener = emitter.listen(onRecord, session);
			hasReplayed = true;
			const poll = async (): Promise<void> => {
				// `current()` may have found that a beat of a session is overdue. The session is alive after its next beat, but
				// that beat publishes no record. So all sessions are checked again at intervals.
				for (; !done.signal.aborted; await sleep(pollMs, done.signal)) if (areAllAlive()) resolve();
			};
			void poll();
		});
	try {
		await withTimeout(timeoutMs, signal, "ready()", allAlive);
	} catch (error) {
		throw isTimeoutError(error) ? notReady(timeoutMs, current(), lastError) : error;
	} finally {
		done.abort();
		removeListener();
	}
}

/**
 * How many sessions the message of an error names at most. Nobody reads a longer list, and the message has to fit into a log
 * line.
 */
const maxNamed = 50;

function notReady(
	timeoutMs: number,
	records: readonly StatusRecord[],
	lastError: (session: string) => unknown,
): KeeperError {
	const missing = records.filter(({ status }) => status.state !== "alive");
	const named = missing.slice(0, maxNamed).map(({ session, status }) => {
		const reason = "cause" in status ? status.cause.message : undefined;
		const todo = status.state === "blocked" ? `; to do: ${status.todo}` : "";
		return `${session} is ${status.state}${reason === undefined ? "" : ` (${clause(reason)}${clause(todo)})`}`;
	});
	if (missing.length > maxNamed) named.push(`${missing.length - maxNamed} more are not alive`);
	const message = `ready() timed out after ${timeoutMs} ms: ${named.join("; ")}`;
	const only = missing.length === 1 ? missing[0]?.session : undefined;
	return new KeeperError("not-ready", message, only === undefined ? {} : { session: only, cause: lastError(only) });
}
