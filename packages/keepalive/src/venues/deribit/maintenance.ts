import { type DeribitNotification, isDeribitError } from "@x/deribit-session";
import { SessionError } from "../../session-error.ts";
import { monotonicMs } from "../../time.ts";
import { breakCodes, maintenanceMs } from "./disposition.ts";

/** Breaks are announced as 15 to 30 minutes. What still refuses after two hours has another reason. */
const longestBreakMs = 2 * 60 * 60_000;

/** No connection for longer than this is seldom a network, and may be a break that nobody announced. */
const unreachableMs = 5 * 60_000;

/** Whether the venue is in a maintenance break, by its own announcement, its refusals and its closes. */
export class MaintenanceWatch {
	#since: number | undefined;
	#announced = false;
	/** Since when there was no connection to be had. */
	#unreachableSince: number | undefined;

	/**
	 * True from an announcement until it is taken back, a new connection holds, or no break would last so long: nothing
	 * says that the end of one is told.
	 */
	get announced(): boolean {
		return this.#announced && this.mayLast;
	}

	/** To be told of every notification. */
	heard({ channel, data }: DeribitNotification): void {
		if (channel !== "platform_state" || typeof data !== "object" || data === null || !("maintenance" in data)) return;
		const { maintenance } = data;
		if (typeof maintenance !== "boolean") return;
		this.#announced = maintenance;
		this.#since = maintenance ? monotonicMs() : undefined;
	}

	/** True while a break is known of, or so long ago that it can still last. */
	get mayLast(): boolean {
		return this.#since !== undefined && monotonicMs() - this.#since < longestBreakMs;
	}

	/** A new connection holds, begun then: what was known before that is over, not what it was told itself. */
	over(begunAt: number): void {
		this.#unreachableSince = undefined;
		if (this.#since !== undefined && this.#since > begunAt) return;
		this.#announced = false;
		this.#since = undefined;
	}

	/**
	 * The failure of an attempt in the light of what is known: a handshake that is refused during a break tells nobody
	 * why, and asking every few seconds for half an hour would be a flood of them.
	 */
	judge(error: SessionError): SessionError {
		const { cause } = error;
		if (!isDeribitError(cause)) return error;
		if (cause.why === "maintenance" || (cause.code !== undefined && breakCodes.has(cause.code))) {
			this.#since ??= monotonicMs();
		}
		// An error of a call has its method: then there was a connection.
		const unreachable = (cause.kind === "network" || cause.kind === "timeout") && cause.method === undefined;
		this.#unreachableSince = unreachable ? (this.#unreachableSince ?? monotonicMs()) : undefined;
		const unexplained = cause.kind === "network" || cause.kind === "timeout";
		const why = this.mayLast && unexplained ? "The venue is in a maintenance break" : this.#tooLong();
		if (why === undefined || error.disposition.action !== "retry") return error;
		return new SessionError(`${error.message}. ${why}`, {
			disposition: { action: "wait", forMs: maintenanceMs },
			session: error.session,
			cause,
		});
	}

	#tooLong(): string | undefined {
		if (this.#unreachableSince === undefined) return undefined;
		const forMs = monotonicMs() - this.#unreachableSince;
		return forMs < unreachableMs
			? undefined
			: `No connection for ${Math.round(forMs / 60_000)} minutes: asked slowly now`;
	}
}
