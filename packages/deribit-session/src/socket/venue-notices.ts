import { monotonicMs } from "@x/base/clock";
import { isRecord } from "@x/base/objects";
import type { EndFacts } from "./connection-end.ts";
import type { DeribitNotification, JsonObject } from "./read-frame.ts";

const tooManyRequests = 10028;
/** The venue's error codes for system_maintenance, temporarily_unavailable and unavailable. */
const maintenanceCodes: ReadonlySet<unknown> = new Set([11051, 13028, 13503]);

/**
 * Messages of the venue that explain why a connection ends soon afterwards: the rate limit was exceeded, or maintenance
 * begins.
 */
export class VenueNotices {
	#rateLimitedAt: number | undefined;
	#announcedAt: number | undefined;
	#refusedAt: number | undefined;

	/** Milliseconds since each notice; undefined for a notice that was not received. */
	get ages(): Pick<EndFacts, "rateLimitedMsAgo" | "maintenanceMsAgo"> {
		const ago = (at: number | undefined): number | undefined => (at === undefined ? undefined : monotonicMs() - at);
		return { rateLimitedMsAgo: ago(this.#rateLimitedAt), maintenanceMsAgo: ago(this.#announcedAt ?? this.#refusedAt) };
	}

	/**
	 * Must be called with every reply, including replies without an id. Returns whether the reply says that the rate limit
	 * was exceeded.
	 */
	readReply({ error }: JsonObject): boolean {
		// A successful reply shows that there is no maintenance, even if an earlier call was refused because of maintenance.
		if (error === undefined) this.#refusedAt = undefined;
		if (!isRecord(error)) return false;
		const { code } = error;
		if (code === tooManyRequests) this.#rateLimitedAt = monotonicMs();
		if (maintenanceCodes.has(code)) this.#refusedAt = monotonicMs();
		return code === tooManyRequests;
	}

	/**
	 * Must be called with every notification. Reads only the channel `platform_state`, to which the user must have
	 * subscribed.
	 */
	readNotification({ channel, data }: DeribitNotification): void {
		if (channel !== "platform_state" || !isRecord(data) || typeof data["maintenance"] !== "boolean") return;
		this.#announcedAt = data["maintenance"] ? monotonicMs() : undefined;
	}
}
