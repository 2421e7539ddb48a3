import { monotonicMs } from "@x/base/clock";
import { isRecord } from "@x/base/record";
import type { EndFacts } from "./connection-end.ts";
import type { DeribitNotification, JsonObject } from "./frames.ts";

const tooManyRequests = 10028;
/** system_maintenance, temporarily_unavailable, unavailable. */
const maintenanceCodes: ReadonlySet<unknown> = new Set([11051, 13028, 13503]);

/** Venue messages that explain why a connection ends soon after: rate limit exceeded, or maintenance. */
export class VenueNotices {
	#rateLimitedAt: number | undefined;
	#announcedAt: number | undefined;
	#refusedAt: number | undefined;

	/** The age of each notice. */
	get ages(): Pick<EndFacts, "rateLimitedMsAgo" | "maintenanceMsAgo"> {
		const ago = (at: number | undefined): number | undefined => (at === undefined ? undefined : monotonicMs() - at);
		return { rateLimitedMsAgo: ago(this.#rateLimitedAt), maintenanceMsAgo: ago(this.#announcedAt ?? this.#refusedAt) };
	}

	/** Call it with every reply, including those without an id. Returns whether the rate limit was exceeded. */
	readReply({ error }: JsonObject): boolean {
		// A successful reply ends what one refused call suggested.
		if (error === undefined) this.#refusedAt = undefined;
		if (!isRecord(error)) return false;
		const { code } = error;
		if (code === tooManyRequests) this.#rateLimitedAt = monotonicMs();
		if (maintenanceCodes.has(code)) this.#refusedAt = monotonicMs();
		return code === tooManyRequests;
	}

	/** Call it with every notification. Only those of `platform_state` matter, if the user subscribed to it. */
	readNotification({ channel, data }: DeribitNotification): void {
		if (channel !== "platform_state" || !isRecord(data) || typeof data["maintenance"] !== "boolean") return;
		this.#announcedAt = data["maintenance"] ? monotonicMs() : undefined;
	}
}
