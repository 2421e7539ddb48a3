import type { StatusRecord } from "./status/status.ts";
import type { StatusFeed } from "./status/status-emitter.ts";
import { never, sleep, within } from "./time.ts";

/** What to wait for, and for how long. */
export interface ReadyOptions {
	/** One session by name. Default: all of them, at the same time. */
	readonly session?: string;
	/** Milliseconds, above 0. Default 180 000. */
	readonly timeoutMs?: number;
	readonly signal?: AbortSignal;
}

const lookAgainMs = 1_000;

/** @param current - where the sessions that are waited for stand, judged now. */
export async function ready(
	feed: StatusFeed,
	current: () => readonly StatusRecord[],
	{ session, timeoutMs = 180_000, signal = never }: ReadyOptions,
): Promise<void> {
	let forget: () => void = () => undefined;
	const over = new AbortController();
	try {
		const what = `waiting for ${session ?? "every session"}`;
		await within(timeoutMs, signal, what, () => {
			return new Promise<void>((resolve, reject) => {
				/** Counted by what was told, and only looked at when that says all: a look at each record would be a look too many. */
				const missing = new Set<string>();
				let isReplayed = false;
				const tell = ({ session: name, status }: StatusRecord): void => {
					if (status.state === "stopped") {
						const reason = status.why === "fatal" ? `: ${status.cause.message}` : " on request";
						reject(
							new Error(
								`@x/keepalive: ${name} stopped before ${session ?? "all"} ${session ? "was" : "were"} alive${reason}`,
							),
						);
					}
					if (status.state === "alive") missing.delete(name);
					else missing.add(name);
					if (isReplayed && missing.size === 0 && isAllAlive()) resolve();
				};
				const isAllAlive = (): boolean => current().every(({ status }) => status.state === "alive");
				forget = feed.listen(tell, session);
				isReplayed = true;
				const look = async (): Promise<void> => {
					// One that was overdue by the clocks when it was looked at may be fine by its next beat, without a record.
					for (; !over.signal.aborted; await sleep(lookAgainMs, over.signal)) if (isAllAlive()) resolve();
				};
				void look();
			});
		});
	} finally {
		over.abort();
		forget();
	}
}
