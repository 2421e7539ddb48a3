import { neverAborted, sleep } from "@x/base/clock";
import { isTimeoutError, TimeoutError, withTimeout } from "./deadline.ts";
import type { ReadyOptions } from "./options.ts";
import type { StatusRecord } from "./status/status.ts";
import type { StatusEmitter } from "./status/status-emitter.ts";

const defaultTimeoutMs = 180_000;
const pollMs = 1_000;

/**
 * Resolves once all sessions are alive at the same time.
 *
 * @param current - the current records of the sessions to wait for.
 */
export async function ready(
	emitter: StatusEmitter,
	current: () => readonly StatusRecord[],
	{ session, timeoutMs = defaultTimeoutMs, signal = neverAborted }: ReadyOptions,
): Promise<void> {
	let removeListener: () => void = () => undefined;
	const done = new AbortController();
	const areAllAlive = (): boolean => current().every(({ status }) => status.state === "alive");
	const allAlive = (): Promise<void> =>
		new Promise((resolve, reject) => {
			/** Sessions that reported another state than alive. Only when it is empty, current() is called: that is O(n). */
			const missing = new Set<string>();
			let hasReplayed = false;
			const onRecord = ({ session: name, status }: StatusRecord): void => {
				if (status.state === "stopped") {
					const reason = status.why === "fatal" ? status.cause.message : "on request";
					reject(new Error(`@x/keepalive: ready() failed: ${name} has stopped: ${reason}`));
				}
				if (status.state === "alive") missing.delete(name);
				else missing.add(name);
				if (hasReplayed && missing.size === 0 && areAllAlive()) resolve();
			};
			removeListener = emitter.listen(onRecord, session);
			hasReplayed = true;
			const poll = async (): Promise<void> => {
				// A session that current() found overdue may be fine after its next beat, which publishes no record.
				for (; !done.signal.aborted; await sleep(pollMs, done.signal)) if (areAllAlive()) resolve();
			};
			void poll();
		});
	try {
		await withTimeout(timeoutMs, signal, "ready()", allAlive);
	} catch (error) {
		throw isTimeoutError(error) ? timeoutError(timeoutMs, current()) : error;
	} finally {
		done.abort();
		removeListener();
	}
}

/** How many sessions an error names. */
const maxNamed = 3;

function timeoutError(timeoutMs: number, records: readonly StatusRecord[]): TimeoutError {
	const missing = records.filter(({ status }) => status.state !== "alive");
	const named = missing.slice(0, maxNamed).map(({ session, status }) => {
		return `${session} is ${status.state}${"cause" in status ? ` (${status.cause.message})` : ""}`;
	});
	if (missing.length > maxNamed) named.push(`${missing.length - maxNamed} more are not alive`);
	return new TimeoutError(`@x/keepalive: ready() timed out after ${timeoutMs} ms: ${named.join("; ")}`);
}
