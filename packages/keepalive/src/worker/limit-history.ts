import { monotonicMs } from "@x/base/clock";
import { dispositionOf } from "../session-error.ts";
import type { Cause, Status, StatusRecord } from "../status/status.ts";
import type { Inherited } from "./messages.ts";

/** What a new worker must know of the ones before it, so that a restart exceeds no limit. */
export class LimitHistory {
	/** Until when the limit of restarts counts an opening, on the monotonic clock. */
	readonly #openings = new Map<string, { readonly countedUntil: number; readonly msPerOpening: number }>();
	/** Waits that venues asked for; they end on the monotonic clock. */
	readonly #venueWaits = new Map<string, { readonly until: number; readonly cause: Cause }>();

	/** @param records - the latest record of each session. */
	inherited(records: ReadonlyMap<string, StatusRecord>): Readonly<Record<string, Inherited>> {
		const now = monotonicMs();
		const inherited = [...records].map(([name, { status }]): [string, Inherited] => {
			if (status.state === "stopped") return [name, "stopped"];
			const { countedUntil, msPerOpening } = this.#openings.get(name) ?? { countedUntil: now, msPerOpening: 1 };
			const openings = Math.max(0, Math.ceil((countedUntil - now) / msPerOpening));
			const wait = this.#venueWaits.get(name);
			if (!wait || wait.until <= now) return [name, { openings }];
			return [name, { openings, venueWait: { ms: wait.until - now, cause: wait.cause } }];
		});
		return Object.fromEntries(inherited);
	}

	/** Counts an opening, and remembers or ends a wait, by a status that a worker reported. */
	record(session: string, status: Status, error: Error | undefined, msPerOpening: number): void {
		const now = monotonicMs();
		if (status.state === "opening") {
			const { countedUntil } = this.#openings.get(session) ?? { countedUntil: now };
			this.#openings.set(session, { countedUntil: Math.max(countedUntil, now) + msPerOpening, msPerOpening });
		} else if (status.state === "alive") this.#venueWaits.delete(session);
		else if (status.state === "waiting" && status.why === "venue") {
			this.#venueWaits.set(session, { until: now + status.until - Date.now(), cause: status.cause });
		} else if (status.state === "late") {
			const disposition = dispositionOf(error);
			if (disposition.action !== "wait") return;
			this.#venueWaits.set(session, { until: now + disposition.forMs, cause: status.cause });
		}
	}
}
