import { monotonicMs } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { DeribitCallOptions, DeribitConnection } from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import type { Protection } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { messageOf } from "./disposition.ts";
import { exposureMs } from "./exposure.ts";
import { RenewalBackoff } from "./limits.ts";
import { logged } from "./log.ts";
import type { DeribitCancelScope, ResolvedDeribitOptions } from "./options.ts";

/** The venue's answer to whether cancel-on-disconnect is on. */
export type ReadBack =
	| { readonly isArmed: true; readonly askedAt: number }
	| { readonly isArmed: false; readonly reason: string };

/** Calls of the session spend the reserve, so that they do not queue behind the program's own. */
export type SessionCallOptions = DeribitCallOptions & { readonly fromReserve: true };

/**
 * Asks the venue whether cancel-on-disconnect is on.
 *
 * With scope `account` it asks about the connection too: the account's setting applies to later connections only, and
 * orders placed over *this* connection depend on this connection's setting.
 *
 * @throws SessionError when the reply does not say so explicitly.
 */
export async function readBack(
	connection: DeribitConnection,
	cancelScope: DeribitCancelScope,
	call: SessionCallOptions,
	logger: Logger,
): Promise<ReadBack> {
	const askedAt = Date.now();
	const scopes: DeribitCancelScope[] = cancelScope === "account" ? ["connection", "account"] : ["connection"];
	for (const scope of scopes) {
		const method = "private/get_cancel_on_disconnect";
		const reply = await logged(logger, method, () => connection.request(method, { scope }, call));
		if (reply.scope !== scope || typeof reply.enabled !== "boolean") {
			throw new SessionError(
				`@x/keepalive/deribit: the reply does not say whether cancel-on-disconnect is on for the ${scope}`,
				{ disposition: { action: "retry" } },
			);
		}
		if (!reply.enabled) return { isArmed: false, reason: offReason[scope] };
	}
	return { isArmed: true, askedAt };
}

const offReason: Readonly<Record<DeribitCancelScope, string>> = {
	connection: "the venue says that cancel-on-disconnect is off for this connection: its orders would keep working",
	account: "the venue says that cancel-on-disconnect is off for the account: later connections start unarmed",
};

/** Switches cancel-on-disconnect on and reads it back: the "ok" alone proves nothing. */
export async function arm(
	connection: DeribitConnection,
	cancelScope: DeribitCancelScope,
	call: SessionCallOptions,
	logger: Logger,
): Promise<ReadBack> {
	const method = "private/enable_cancel_on_disconnect";
	await logged(logger, method, () => connection.request(method, { scope: cancelScope }, call));
	return readBack(connection, cancelScope, call, logger);
}

/** What a read-back means for the orders. */
export function protectionOf(answer: ReadBack, options: ResolvedDeribitOptions): Protection {
	if (!answer.isArmed) return { state: "unarmed", reason: answer.reason };
	return {
		state: "armed",
		scope: options.cancelScope,
		exposureMs: exposureMs(options),
		verifiedAt: answer.askedAt,
	};
}

/** A connection that was armed and read back, with what is known about its protection since. */
export class ArmedConnection {
	readonly connection: DeribitConnection;
	/** Aborts at the end of the connection; its reason is a SessionError. */
	readonly ended: AbortSignal;
	/** Why maintenance would not be announced; undefined when it would. */
	missingNews: string | undefined;
	/** Why the last renewal failed; undefined when it succeeded. */
	renewalFailure: string | undefined;
	readonly renewalBackoff = new RenewalBackoff();
	readonly #intervalSeconds: number;
	#protection: Protection;
	/** Undefined after {@link invalidate}. */
	#provedAt: Instant | undefined;
	#beatAt: Instant;

	constructor(
		connection: DeribitConnection,
		ended: AbortSignal,
		intervalSeconds: number,
		protection: Protection,
		missingNews: string | undefined,
	) {
		this.connection = connection;
		this.missingNews = missingNews;
		this.ended = ended;
		this.#intervalSeconds = intervalSeconds;
		this.#protection = protection;
		// The read-back is the last answered call of an open, and so its proof of life.
		this.#beatAt = askedAt(protection);
		this.#provedAt = this.#beatAt;
	}

	/** By the last read-back. */
	get protection(): Protection {
		return this.#protection;
	}

	/** Records the venue's answer. */
	confirm(protection: Protection): void {
		this.#protection = protection;
		this.#provedAt = askedAt(protection);
		this.renewalBackoff.reset();
	}

	/** Records a failed read-back. The age of the last proof is kept, so that the next beat asks again. */
	readBackFailed(reason: string): void {
		this.#protection = { state: "unknown", reason };
	}

	/** Makes the next beat read back, however young the last proof is. */
	invalidate(): void {
		this.#provedAt = undefined;
	}

	/** To be called before a beat is sent. Call the returned function when it was acknowledged. */
	startBeat(): () => void {
		const sentAt = instantNow(Date.now);
		return () => {
			this.#beatAt = sentAt;
		};
	}

	/** What has changed over this connection since the last read-back; undefined when nothing. */
	get changedSince(): string | undefined {
		if (this.connection.areTokensRejected) return "the venue rejected the tokens of this connection";
		if (this.connection.cancelOnDisconnect !== true) {
			return "cancel-on-disconnect was switched over this connection, or it was authenticated again, and has not been read back since";
		}
		// With other heartbeats the venue would notice a dead network later than the exposure says.
		if (this.connection.heartbeatSeconds !== this.#intervalSeconds) return "the heartbeat interval was changed";
		return undefined;
	}

	/** Milliseconds since the last read-back was sent; Infinity after {@link invalidate}. */
	get proofAgeMs(): number {
		return this.#provedAt ? ageMs(this.#provedAt) : Number.POSITIVE_INFINITY;
	}

	/** Milliseconds since the last acknowledged beat was sent. */
	get beatAgeMs(): number {
		return ageMs(this.#beatAt);
	}

	/**
	 * Why it is not proved to be armed right now; undefined when it is. Allocates nothing then: it is called before each order.
	 *
	 * @param maxProofMs - how old the last read-back may be.
	 * @param maxBeatMs - how old the last acknowledged beat must not be.
	 * @param usesWallClock - whether to judge by the wall clock too. A keeper does that itself, and reading it allocates.
	 */
	notArmedReason(maxProofMs: number, maxBeatMs: number, usesWallClock: boolean): string | undefined {
		if (this.ended.aborted) return messageOf(this.ended.reason);
		if (this.#protection.state !== "armed") return this.#protection.reason;
		const beatAt = this.#beatAt;
		const provedAt = this.#provedAt;
		// Before the reasons that come and go during a renewal, so that one renewal gives one reason.
		if (!provedAt) return "a call failed or the tokens were renewed since the last read-back";
		const changed = this.changedSince;
		if (changed !== undefined) return changed;
		const monotonic = monotonicMs();
		if (monotonic - beatAt.monotonicMs >= maxBeatMs || (usesWallClock && Date.now() - beatAt.wallMs >= maxBeatMs)) {
			return `the last acknowledged beat is older than ${maxBeatMs} ms`;
		}
		if (monotonic - provedAt.monotonicMs > maxProofMs || (usesWallClock && Date.now() - provedAt.wallMs > maxProofMs)) {
			return `the last read-back is older than ${maxProofMs} ms`;
		}
		return undefined;
	}
}

/** When the question was sent, not when the answer came. */
function askedAt(protection: Protection): Instant {
	const now = instantNow(Date.now);
	if (protection.state !== "armed") return now;
	const sinceMs = Math.max(0, now.wallMs - protection.verifiedAt);
	return { monotonicMs: now.monotonicMs - sinceMs, wallMs: protection.verifiedAt };
}

function ageMs(instant: Instant): number {
	return longestElapsedMs(instant, instantNow(Date.now));
}
