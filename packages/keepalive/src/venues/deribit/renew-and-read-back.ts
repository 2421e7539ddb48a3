import { withDeadline } from "@x/base/clock";
import { sentence } from "@x/base/errors";
import { isDeribitError } from "@x/deribit-session";
import { isSessionError, SessionError } from "../../session-error.ts";
import { isDefinite, messageOf, toSessionError } from "./error-disposition.ts";
import { logged } from "./log-call.ts";
import { maintenanceChannel } from "./maintenance-detector.ts";
import { type OpenContext, subscribeToMaintenance, withCheckedClock } from "./open.ts";
import { packageName } from "./options.ts";
import { type ArmedConnection, arm, protectionOf, readBack } from "./protection-proof.ts";

const readBackFailed = "reading cancel-on-disconnect back failed";

/**
 * Deadline for renewing the tokens or reading cancel-on-disconnect back (two or three calls), in milliseconds. It is longer if the
 * connection is slow.
 */
export function upkeepMs({ pingSettings: { ttlMs }, pongTimeout }: OpenContext): number {
	return Math.max(ttlMs / 6, Math.min(3 * pongTimeout.ms, ttlMs));
}

/**
 * Renews the tokens and reads cancel-on-disconnect back, if these are due. Waits for at most `ms` milliseconds; what takes longer
 * continues in the background.
 */
export async function finishUpkeep(
	armed: ArmedConnection,
	context: OpenContext,
	ms: number,
	signal: AbortSignal,
): Promise<void> {
	const upkeep = startUpkeep(armed, context);
	if (upkeep && ms > 0)
		await withDeadline({ ms, signal, onTimeout: () => undefined }, () => upkeep).catch(() => undefined);
	const { verdict } = armed;
	armed.verdict = undefined;
	if (verdict) throw verdict;
}

/** Renews the tokens, reads cancel-on-disconnect back, and subscribes to maintenance announcements again; does only what is due. */
function startUpkeep(armed: ArmedConnection, context: OpenContext): Promise<void> | undefined {
	if (armed.upkeep) return armed.upkeep;
	const { verifyEveryMs } = context.options;
	const { renewInMs = 1 } = armed.connection;
	const mustRenew = (armed.connection.areTokensRejected || renewInMs <= 0) && armed.renewalBackoff.isAllowed;
	const isProofOld = armed.proofAgeMs >= verifyEveryMs;
	const mustReadBack = mustRenew || armed.isReadBackDue(verifyEveryMs);
	keepMaintenanceNews(armed, context, isProofOld);
	if (!mustReadBack) return undefined;
	const work = async (): Promise<void> => {
		try {
			if (mustRenew) await renew(armed, context);
			await verify(armed, context);
		} catch (error) {
			armed.verdict = isSessionError(error) ? error : toSessionError("beat failed", error);
		} finally {
			armed.upkeep = undefined;
			context.protectionChanged();
		}
	};
	armed.upkeep = work();
	return armed.upkeep;
}

/** Renews the tokens. After a failure, a later beat() retries while the old tokens are valid. */
async function renew(armed: ArmedConnection, context: OpenContext): Promise<void> {
	// From here on cancel-on-disconnect has to be read back, whether the renewal succeeds or not.
	armed.invalidate();
	context.protectionChanged();
	try {
		await withTimeout(upkeepMs(context), armed.ended, "token renewal failed", async (deadline) => {
			const call = { signal: deadline, fromReserve: true } as const;
			const renewTokens = () => {
				armed.renewalBackoff.countAttempt();
				return logged(context.logger, "public/auth", () => armed.connection.renew(call));
			};
			// If the refresh token is used up, `renew` logs in again. A signed login needs a right clock, so the clock is checked first.
			await (context.options.isSigned ? withCheckedClock(armed.connection, call, renewTokens) : renewTokens());
		});
		armed.renewalFailure = undefined;
	} catch (error) {
		if (armed.ended.aborted) throw armed.ended.reason;
		armed.renewalFailure = messageOf(error);
		context.logger.warn(`${packageName}: token renewal failed: ${armed.renewalFailure}`);
		if (!isDeribitError(error)) return;
		const refusal = toSessionError("token renewal failed", error);
		const { disposition } = refusal;
		if (isDefinite(refusal)) throw refusal;
		if (disposition.action === "wait") armed.renewalBackoff.pause(disposition.forMs);
	}
}

/**
 * Reads cancel-on-disconnect back. If it is off, this beat() reports `unarmed`, and only the next beat() arms it again. So the status shows
 * each time that somebody has switched it off.
 */
async function verify(armed: ArmedConnection, context: OpenContext): Promise<void> {
	const { cancelScope, intervalSeconds } = context.options;
	const { logger } = context;
	const readOrArm = armed.protection.state === "unarmed" ? arm : readBack;
	try {
		const answer = await withTimeout(upkeepMs(context), armed.ended, readBackFailed, async (deadline) => {
			const call = { signal: deadline, fromReserve: true } as const;
			// The heartbeat interval cannot be read back, so it is set again: the exposure depends on it.
			const method = "public/set_heartbeat";
			const heartbeat = { interval: intervalSeconds };
			await logged(logger, method, () => armed.connection.request(method, heartbeat, call));
			return readOrArm(armed.connection, cancelScope, call, logger);
		});
		armed.confirm(protectionOf(answer, context.options));
		if (!answer.isArmed) logger.warn(`${packageName}: ${answer.reason}`);
	} catch (cause) {
		if (armed.ended.aborted) throw armed.ended.reason;
		const { message } = toSessionError(readBackFailed, cause);
		armed.readBackFailed(armed.renewalFailure === undefined ? message : `${sentence(message)} ${armed.renewalFailure}`);
		logger.warn(message);
	}
}

/** Subscribes to maintenance announcements again if the program has unsubscribed. Not awaited, so that it does not delay the beat(). */
function keepMaintenanceNews(armed: ArmedConnection, { logger }: OpenContext, isProofOld: boolean): void {
	const { connection } = armed;
	// A subscription that has failed is repeated only when cancel-on-disconnect has to be read back.
	if (connection.isSubscribed(maintenanceChannel) || (armed.missingNews && !isProofOld)) return;
	if (!armed.missingNews) {
		logger.warn(`${packageName}: the program has unsubscribed from ${maintenanceChannel}; subscribing again`);
	}
	void subscribeToMaintenance(connection, connection.ended, logger).then((missing) => {
		armed.missingNews = missing;
	});
}

function withTimeout<T>(
	ms: number,
	signal: AbortSignal,
	what: string,
	work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
	const onTimeout = (): SessionError =>
		new SessionError(`@x/keepalive/deribit: ${what}: no answer for ${Math.round(ms)} ms`, {
			disposition: { action: "retry" },
		});
	return withDeadline({ ms, signal, onTimeout }, work);
}
