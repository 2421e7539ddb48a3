import { monotonicMs } from "@x/base/clock";
import { type Instant, instantNow, longestElapsedMs } from "@x/base/instant";
import type { DeribitCallOptions, DeribitConnection } from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import type { Protection } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { messageOf } from "./error-disposition.ts";
import { exposureMs } from "./exposure.ts";
import { RenewalBackoff } from "./limits.ts";
import { logged } from "./log-call.ts";
import type { CancelScope, ResolvedDeribitOptions } from "./options.ts";
import type { Pings } from "./ping.ts";

/** The venue's answer to a read-back: whether cancel-on-disconnect is on. */
export type ReadBack =
	| { readonly isArmed: true; readonly askedAt: number }
	| { readonly isArmed: false; readonly reason: string };

/**
 * The options of the session's own calls. These calls use credits of the rate limit that are reserved for them, so that they do not wait
 * behind the program's calls.
 */
export type SessionCallOptions = DeribitCallOptions & { readonly fromReserve: true };

/**
 * Asks the venue whether cancel-on-disconnect is on.
 *
 * With scope `account` it asks about the connection as well: the account's setting applies only to later connections, and orders placed
 * over *this* connection depend on its own setting.
 *
 * @throws SessionError when the reply does not say explicitly whether it is on.
 */
export async function readBack(
	connection: DeribitConnection,
	cancelScope: CancelScope,
	call: SessionCallOptions,
	logger: Logger,
): Promise<ReadBack> {
	const askedAt = Date.now();
	const scopes: CancelScope[] = cancelScope === "account" ? ["connection", "account"] : ["connection"];
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

const offReason: Readonly<Record<CancelScope, string>> = {
	connection: "the venue says that cancel-on-disconnect is off for this connection: its orders would keep working",
	account: "the venue says that cancel-on-disconnect is off for the account: later connections start unarmed",
};

/**
 * Switches cancel-on-disconnect on and reads the setting back, because the reply "ok" proves nothing.
 *
 * @param onReadBack - called before the setting is read back.
 */
export async function arm(
	connection: DeribitConnection,
	cancelScope: CancelScope,
	call: SessionCallOptions,
	logger: Logger,
	onReadBack?: () => void,
): Promise<ReadBack> {
	const method = "private/enable_cancel_on_disconnect";
	await logged(logger, method, () => connection.request(method, { scope: cancelScope }, call));
	onReadBack?.();
	return readBack(connection, cancelScope, call, logger);
}

/** Turns the venue's answer about cancel-on-disconnect into the protection of the orders. */
export function protectionOf(answer: ReadBack, options: ResolvedDeribitOptions): Protection {
	if (!answer.isArmed) return { state: "unarmed", reason: answer.reason };
	return {
		state: "armed",
		scope: options.cancelScope,
		exposureMs: exposureMs(options),
		verifiedAt: answer.askedAt,
	};
}

/** A connection on which cancel-on-disconnect was armed and read back, with everything that is known about its protection since then. */
export class ArmedConnection {
	readonly connection: DeribitConnection;
	/** Sends the pings that prove that the connection carries data. */
	readonly pings: Pings;
	/** The token renewal or the read-back of cancel-on-disconnect in progress. It may end after the beat() that started it. */
	upkeep: Promise<void> | undefined;
	/** The error that shows that the venue will not accept this session again. The next beat throws it. */
	verdict: SessionError | undefined;
	/** True while the session opens a second connection, to find out whether only this connection is dead. */
	isCompared = false;
	/** Why this connection gets no announcements of maintenance; undefined if it gets them. */
	missingNews: string | undefined;
	/** Why the last token renewal failed; undefined if it succeeded. */
	renewalFailure: string | undefined;
	readonly renewalBackoff = new RenewalBackoff();
	readonly #intervalSeconds: number;
	#protection: Protection;
	/** When the last read-back of cancel-on-disconnect was sent; undefined if {@link invalidate} has discarded it. */
	#provedAt: Instant | undefined;
	#mustReadBack = false;
	readonly #ended: AbortController;

	/** @param ended - aborts when the connection ends. This class also aborts it, with a SessionError, when it gives the connection up. */
	constructor(
		connection: DeribitConnection,
		ended: AbortController,
		intervalSeconds: number,
		protection: Protection,
		missingNews: string | undefined,
		pings: Pings,
	) {
		this.connection = connection;
		this.missingNews = missingNews;
		this.#ended = ended;
		this.#intervalSeconds = intervalSeconds;
		this.#protection = protection;
		this.#provedAt = pings.answered;
		this.pings = pings;
	}

	/** Aborts at the end of the connection, or when it is given up; its reason is a SessionError. */
	get ended(): AbortSignal {
		return this.#ended.signal;
	}

	/** Ends and closes a connection that is dead. */
	giveUp(error: SessionError): void {
		this.#ended.abort(error);
		// Not awaited, because closing a dead connection takes as long as the close timeout.
		void this.connection.disconnect();
	}

	/** The protection according to the last read-back of cancel-on-disconnect. */
	get protection(): Protection {
		return this.#protection;
	}

	/** Records the venue's answer to a read-back of cancel-on-disconnect. */
	confirm(protection: Protection): void {
		this.#protection = protection;
		this.#provedAt = askedAt(protection);
		this.#mustReadBack = false;
		// After a failed renewal the back-off is not reset, because cancel-on-disconnect was then read back with the old tokens.
		if (this.renewalFailure === undefined) this.renewalBackoff.reset();
	}

	/** Records that reading cancel-on-disconnect back failed, so that the next beat() tries again. */
	readBackFailed(reason: string): void {
		this.#protection = { state: "unknown", reason };
	}

	/** Discards the last read-back of cancel-on-disconnect. The connection is not armed until the next beat() has read it back again. */
	invalidate(): void {
		this.#provedAt = undefined;
	}

	/** Makes the next beat() read cancel-on-disconnect back, however recently it was read. The last answer stays valid until then. */
	readBackSoon(): void {
		this.#mustReadBack = true;
	}

	/**
	 * Whether cancel-on-disconnect has to be read back: the last read-back is at least `verifyEveryMs` old, has failed or did not say "on",
	 * or a setting was changed since then.
	 */
	isReadBackDue(verifyEveryMs: number): boolean {
		if (this.#mustReadBack || this.proofAgeMs >= verifyEveryMs) return true;
		return this.#protection.state !== "armed" || this.changedSince !== undefined;
	}

	/** What the program or the venue has changed since cancel-on-disconnect was last read back; undefined if nothing has changed. */
	get changedSince(): string | undefined {
		if (this.connection.areTokensRejected) return "the venue rejected the tokens of this connection";
		if (this.connection.cancelOnDisconnect !== true) {
			return "cancel-on-disconnect has not been read back since it was switched on or off over this connection, or since a new login";
		}
		// With a longer heartbeat interval, the venue would notice a dead network later than the exposure says.
		if (this.connection.heartbeatSeconds !== this.#intervalSeconds) return "the heartbeat interval was changed";
		return undefined;
	}

	/** Milliseconds since the last read-back of cancel-on-disconnect was sent; Infinity if {@link invalidate} has discarded it. */
	get proofAgeMs(): number {
		return this.#provedAt ? ageMs(this.#provedAt) : Number.POSITIVE_INFINITY;
	}

	/**
	 * Why the connection is not proved to be armed right now; undefined if it is. Allocates no memory if the connection is armed,
	 * because it is called before each order.
	 *
	 * @param maxProofMs - how old the last read-back of cancel-on-disconnect may be.
	 * @param usesWallClock - whether to measure ages by the wall clock too. False if a keeper calls this: the keeper checks the
	 * wall clock itself, and reading that clock allocates memory.
	 */
	notArmedReason(maxProofMs: number, usesWallClock: boolean): string | undefined {
		if (this.ended.aborted) return messageOf(this.ended.reason);
		if (this.#protection.state !== "armed") return this.#protection.reason;
		const { answered, tooOldMs } = this.pings;
		const provedAt = this.#provedAt;
		// This is checked before the reasons that come and go during a token renewal, so that one renewal gives only one reason.
		if (!provedAt) return "cancel-on-disconnect has not been read back since a call failed or the tokens were renewed";
		const changed = this.changedSince;
		if (changed !== undefined) return changed;
		const monotonic = monotonicMs();
		if (monotonic - answered.monotonicMs >= tooOldMs || (usesWallClock && Date.now() - answered.wallMs >= tooOldMs)) {
			return `the newest answered ping is older than ${tooOldMs} ms`;
		}
		if (monotonic - provedAt.monotonicMs > maxProofMs || (usesWallClock && Date.now() - provedAt.wallMs > maxProofMs)) {
			return `the last read-back of cancel-on-disconnect is older than ${maxProofMs} ms`;
		}
		return undefined;
	}
}

/** Send time of the read-back of cancel-on-disconnect that showed this protection. */
export function askedAt(protection: Protection): Instant {
	const now = instantNow(Date.now);
	if (protection.state !== "armed") return now;
	const sinceMs = Math.max(0, now.wallMs - protection.verifiedAt);
	return { monotonicMs: now.monotonicMs - sinceMs, wallMs: protection.verifiedAt };
}

function ageMs(instant: Instant): number {
	return longestElapsedMs(instant, instantNow(Date.now));
}

/** The error that is thrown before an order is sent, because the connection is not proved to be armed. */
export function notArmed(reason: string): SessionError {
	return new SessionError(`@x/keepalive/deribit: the connection is not proved to be armed right now: ${reason}`, {
		disposition: { action: "retry" },
	});
}
