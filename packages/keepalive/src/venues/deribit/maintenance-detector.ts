import { monotonicMs } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import { type DeribitNotification, isDeribitError } from "@x/deribit-session";
import { reworded, type SessionError } from "../../session-error.ts";
import { maintenanceCodes, maintenanceWaitMs } from "./error-disposition.ts";

/** The public channel over which the venue announces maintenance. */
export const maintenanceChannel = "platform_state";

/**
 * How long maintenance is assumed at most, in milliseconds. The venue announces 15 to 30 minutes, so after two hours its refusals must
 * have another reason.
 */
const maxMaintenanceMs = 2 * 60 * 60_000;

/** After this many milliseconds without a connection, unannounced maintenance is more likely than a network fault. */
const unreachableMs = 5 * 60_000;

/** Why the protection of an armed connection is reported as `unknown` during maintenance. */
export const maintenanceReason =
	"the venue announced maintenance, and does not document whether that cancels working orders";

/** Detects maintenance from the venue's announcements, refused calls and closed connections. */
export class MaintenanceDetector {
	#since: number | undefined;
	#wasAnnounced = false;
	#unreachableSince: number | undefined;

	/** True after an announcement, until it is withdrawn, a new connection opens, or two hours have passed. */
	get isAnnounced(): boolean {
		return this.#wasAnnounced && this.mayBeActive;
	}

	/** To be called with every notification that the connection receives. Returns whether {@link isAnnounced} has changed. */
	onNotification({ channel, data }: DeribitNotification): boolean {
		if (channel !== maintenanceChannel || typeof data !== "object" || data === null) return false;
		const maintenance: unknown = "maintenance" in data ? data["maintenance"] : undefined;
		if (typeof maintenance !== "boolean") return false;
		const before = this.isAnnounced;
		this.#wasAnnounced = maintenance;
		this.#since = maintenance ? monotonicMs() : undefined;
		return this.isAnnounced !== before;
	}

	/** True if a sign of maintenance was seen less than two hours ago, and no sign of its end since. */
	get mayBeActive(): boolean {
		return this.#since !== undefined && monotonicMs() - this.#since < maxMaintenanceMs;
	}

	/**
	 * To be called when an open has succeeded, which shows that earlier maintenance has ended.
	 *
	 * @param startedAt - when the open began, in monotonic milliseconds. Maintenance that began or was announced after this time is not
	 * forgotten.
	 */
	onOpen(startedAt: number): void {
		this.#unreachableSince = undefined;
		if (this.#since !== undefined && this.#since > startedAt) return;
		this.#wasAnnounced = false;
		this.#since = undefined;
	}

	/**
	 * If maintenance was announced or noticed, and may explain the error:
	 *
	 * - marks the error as expected;
	 * - turns the action `retry` into a wait of a minute if the connection attempt or the call failed without a reason from the venue,
	 *   because maintenance may take half an hour, and retries every few seconds would flood the venue.
	 *
	 * Asks for the same wait after five minutes without a connection, because unannounced maintenance is then the likely reason. Such an
	 * error is not marked as expected.
	 */
	adjust(error: SessionError): SessionError {
		const { cause } = error;
		if (!isDeribitError(cause)) return error;
		if (cause.why === "maintenance" || (cause.venueCode !== undefined && maintenanceCodes.has(cause.venueCode))) {
			this.#since ??= monotonicMs();
		}
		const isByMaintenance = this.mayBeActive && (cause.kind === "closed" || cause.why === "maintenance");
		const isUnexplained = cause.kind === "network" || cause.kind === "timeout";
		const isUnreachable = isUnexplained && cause.call === "connect";
		this.#unreachableSince = isUnreachable ? (this.#unreachableSince ?? monotonicMs()) : undefined;
		const why = this.mayBeActive && isUnexplained ? "The venue is in maintenance" : this.#unreachableReason();
		const { message } = error;
		if (why === undefined || error.disposition.action !== "retry") {
			return isByMaintenance ? reworded(error, message, { isExpected: true }) : error;
		}
		return reworded(error, `${sentence(message)} ${sentence(why)}`, {
			disposition: { action: "wait", forMs: maintenanceWaitMs },
			isExpected: this.mayBeActive,
		});
	}

	#unreachableReason(): string | undefined {
		if (this.#unreachableSince === undefined) return undefined;
		const forMs = monotonicMs() - this.#unreachableSince;
		if (forMs < unreachableMs) return undefined;
		return `No connection for ${Math.round(forMs / 60_000)} minutes: retrying once a minute`;
	}
}
