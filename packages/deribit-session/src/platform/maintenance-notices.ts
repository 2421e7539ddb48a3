import type { End } from "../socket/ending.ts";
import { type DeribitNotification, isObject, type JsonObject } from "../socket/frames.ts";
import { monotonicMs } from "../time.ts";

const tooManyRequests = 10028;
/** system_maintenance, temporarily_unavailable, unavailable. */
const breaks: ReadonlySet<unknown> = new Set([11051, 13028, 13503]);

/** What the venue said that explains an end soon after: a rate limit or a maintenance break. */
export class Signs {
	#rateLimitedAt: number | undefined;
	#announcedAt: number | undefined;
	#refusedAt: number | undefined;

	/** How old the signs are. */
	now(): Pick<End, "rateLimitedMsAgo" | "maintenanceMsAgo"> {
		const ago = (at: number | undefined): number | undefined => (at === undefined ? undefined : monotonicMs() - at);
		return { rateLimitedMsAgo: ago(this.#rateLimitedAt), maintenanceMsAgo: ago(this.#announcedAt ?? this.#refusedAt) };
	}

	/** To be told of every reply, those without an id included. True when it says that there were too many requests. */
	readReply({ error }: JsonObject): boolean {
		// Whatever was refused before, calls are answered again: one method that is unavailable is no break.
		if (error === undefined) this.#refusedAt = undefined;
		if (!isObject(error)) return false;
		const { code } = error;
		if (code === tooManyRequests) this.#rateLimitedAt = monotonicMs();
		if (breaks.has(code)) this.#refusedAt = monotonicMs();
		return code === tooManyRequests;
	}

	/** To be told of every notification. Says nothing unless the user subscribed to `platform_state`. */
	readNotification({ channel, data }: DeribitNotification): void {
		if (channel !== "platform_state" || !isObject(data) || typeof data["maintenance"] !== "boolean") return;
		this.#announcedAt = data["maintenance"] ? monotonicMs() : undefined;
	}
}
