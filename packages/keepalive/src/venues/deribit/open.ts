import type { AdaptiveTimeout } from "@x/base/adaptive-timeout";
import { sentence } from "@x/base/errors";
import {
	connectDeribit,
	type DeribitConnection,
	type DeribitNotification,
	type DeribitUnexpectedMessage,
	isDeribitError,
} from "@x/deribit-session";
import type { Logger } from "../../logger.ts";
import { runOnOpen } from "../../run-on-open.ts";
import type { OpenStep } from "../../session.ts";
import { isSessionError, reworded, SessionError } from "../../session-error.ts";
import { messageOf, toSessionError, UncheckedRefusal, venueCodeOf, venueCodes } from "./error-disposition.ts";
import { countRefusedConnection } from "./limits.ts";
import { logged } from "./log-call.ts";
import { type MaintenanceDetector, maintenanceChannel } from "./maintenance-detector.ts";
import { packageName, type ResolvedDeribitOptions } from "./options.ts";
import { type PingSettings, Pings } from "./ping.ts";
import { ArmedConnection, arm, askedAt, protectionOf, readBack, type SessionCallOptions } from "./protection-proof.ts";
import { describeOrders, type LostConnections } from "./session-losses.ts";

/**
 * The timeout of the subscription to maintenance announcements, in milliseconds. It is short, because a session works without the
 * announcements.
 */
const subscribeTimeoutMs = 3_000;
/**
 * The largest allowed difference between this machine's clock and the venue's, in milliseconds. The venue accepts a signature within 60 s
 * of its timestamp; half of that is a margin for latency and clock drift.
 */
const maxSkewMs = 30_000;

/** What an open needs from its session. */
export interface OpenContext {
	readonly options: ResolvedDeribitOptions;
	readonly lost: LostConnections;
	readonly maintenance: MaintenanceDetector;
	readonly logger: Logger;
	readonly pingSettings: PingSettings;
	readonly pongTimeout: AdaptiveTimeout;
	/** Limits the delay before the next open, if the connection was lost or failed; see {@link ReopenPace.apply}. */
	readonly withPace: (error: SessionError, isBroken?: boolean) => SessionError;
	/** To be called when the session may have become armed, or may have stopped being armed. */
	readonly protectionChanged: () => void;
}

/** Connects to the venue. Each event is passed first to the session's own listener, then to the program's. */
export function connect(
	{ options, maintenance, logger, protectionChanged }: OpenContext,
	onUnexpected: (message: DeribitUnexpectedMessage) => void,
	signal: AbortSignal,
): Promise<DeribitConnection> {
	const { socket } = options;
	const listeners = {
		onNotification: (notification: DeribitNotification) => {
			if (maintenance.onNotification(notification)) {
				logger.warn(`${packageName}: the venue announced ${maintenance.isAnnounced ? "" : "the end of "}maintenance`);
				protectionChanged();
			}
			return socket.onNotification?.(notification);
		},
		onProtectionChanged: () => {
			protectionChanged();
			return socket.onProtectionChanged?.();
		},
		onUnexpected: (message: DeribitUnexpectedMessage) => {
			logger.debug(`${packageName}: unexpected ${message.type}: ${message.detail}`);
			onUnexpected(message);
			return socket.onUnexpected?.(message);
		},
	};
	return logged(logger, "connect", () => connectDeribit({ ...socket, ...listeners }, { signal })).catch((error) => {
		countRefusedConnection(options, error);
		throw error;
	});
}

/**
 * Logs in, sets heartbeats, arms cancel-on-disconnect and reads it back. Each step begins after the venue has acknowledged the
 * previous one.
 */
export async function armConnection(
	connection: DeribitConnection,
	context: OpenContext,
	signal: AbortSignal,
	onStep?: (step: OpenStep) => void,
): Promise<ArmedConnection> {
	const { options, lost, maintenance, logger } = context;
	const { credentials, isSigned, armingPermission, intervalSeconds, cancelScope, onOpen } = options;
	const call = { signal, fromReserve: true } as const;
	const makeCall = <T>(name: string, work: () => Promise<T>): Promise<T> => logged(logger, name, work);
	onStep?.("authenticate");
	// During maintenance the venue may accept connections and refuse every call. This call shows whether it does, without counting as a
	// login.
	if (maintenance.mayBeActive) {
		await makeCall("public/test", () => connection.request("public/test", undefined, call));
	}
	const login = () => makeCall("public/auth", () => connection.authenticate(credentials, call));
	const granted = await (isSigned ? withCheckedClock(connection, call, login) : login());
	if (!granted.authScope.includes(armingPermission)) throw missingPermission(armingPermission, granted.authScope);
	onStep?.("arm");
	await makeCall("public/set_heartbeat", () =>
		connection.request("public/set_heartbeat", { interval: intervalSeconds }, call),
	);
	let answer = await arm(connection, cancelScope, call, logger, () => onStep?.("verify"));
	const missingNews = answer.isArmed ? await subscribeToMaintenance(connection, signal, logger) : undefined;
	const opened = { handle: connection, losses: lost.pending, signal };
	try {
		// Reads back once more after `onOpen`, because `onOpen` may have taken long or may have switched cancel-on-disconnect off.
		if (answer.isArmed && (await runOnOpen(packageName, onOpen, opened, connection.ended))) {
			answer = await readBack(connection, cancelScope, call, logger);
		}
	} catch (error) {
		// If the connection has ended, the reason of its end says more than the error that a call in `onOpen` got from it.
		throw connection.ended.aborted ? connection.ended.reason : error;
	}
	if (!answer.isArmed) {
		throw new SessionError(
			`@x/keepalive/deribit: open failed: cancel-on-disconnect was switched on, but ${answer.reason}`,
			{ disposition: { action: "retry" } },
		);
	}
	const protection = protectionOf(answer, options);
	// The answer to the read-back also proves that the connection carries data, so the read-back serves as the first answered ping.
	const { pingSettings, pongTimeout, protectionChanged } = context;
	const pings = new Pings(connection, pingSettings, pongTimeout, logger, askedAt(protection), protectionChanged);
	// The subscription to announcements may have taken long, so a ping is sent. Without a pong the session opens nevertheless, but is not
	// armed until a pong comes.
	if (pings.ageMs >= pingSettings.pingMs) await pings.prove(signal).catch(() => undefined);
	if (connection.ended.aborted) throw toSessionError("open failed", connection.ended.reason);
	return new ArmedConnection(connection, endOf(connection, context), intervalSeconds, protection, missingNews, pings);
}

/**
 * Checks this machine's clock, then logs in with a signature. If the login is refused, checks the clock again, because it may have been
 * changed in between.
 *
 * @throws what `login` throws; SessionError (human) when the clocks differ; UncheckedRefusal when the second check fails.
 */
export async function withCheckedClock<T>(
	connection: DeribitConnection,
	call: SessionCallOptions,
	login: () => Promise<T>,
): Promise<T> {
	await requireSigningClock(connection, call);
	try {
		return await login();
	} catch (error) {
		if (isDeribitError(error) && error.venueCode === venueCodes.invalidCredentials) {
			await requireSigningClock(connection, call).catch((cause: unknown) => {
				throw isSessionError(cause) ? cause : new UncheckedRefusal(error);
			});
		}
		throw error;
	}
}

/**
 * Checks this machine's clock against the venue's; to be called before a signature is sent. The venue may refuse an outdated
 * signature with the same code as a wrong secret (13004), which would stop the session for good.
 *
 * @throws SessionError (human) when the clocks differ by more than 30 s.
 */
export async function requireSigningClock(connection: DeribitConnection, call: SessionCallOptions): Promise<void> {
	const askedAt = Date.now();
	let venueMs: number;
	try {
		venueMs = await connection.request("public/get_time", undefined, call);
	} catch (error) {
		// This venue answers no public calls before a login, so the clock cannot be checked.
		if (venueCodeOf(error) === venueCodes.publicCallsDisabled) return;
		throw error;
	}
	const skewMs = (askedAt + Date.now()) / 2 - venueMs;
	if (Math.abs(skewMs) <= maxSkewMs) return;
	const skew = `${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "ahead of" : "behind"} the venue's`;
	throw new SessionError(
		`@x/keepalive/deribit: cannot log in: this machine's clock is ${skew} (at most 30 s). Set the clock.`,
		{ disposition: { action: "human", todo: `Set this machine's clock: it is ${skew}.` } },
	);
}

/** The permissions in an OAuth scope. The other parts of the scope are left out, because they may contain names of keys and sessions. */
export function permissionsIn(authScope: readonly string[]): readonly string[] {
	return authScope.filter((token) => /^(account|trade|wallet|custody|block_\w+):(read|read_write|none)$/.test(token));
}

/** The error for an API key without the permission to arm cancel-on-disconnect. */
export function missingPermission(needed: string, granted: readonly string[]): SessionError {
	const permissions = permissionsIn(granted).join(" ") || "none";
	return new SessionError(
		`@x/keepalive/deribit: open failed: the API key lacks permission to arm cancel-on-disconnect: granted ${permissions}, needs ${needed}`,
		{ disposition: { action: "fatal" } },
	);
}

/** Subscribes to announcements of maintenance. If that fails, returns a warning that says what is missing. Never rejects. */
export async function subscribeToMaintenance(
	connection: DeribitConnection,
	signal: AbortSignal,
	logger: Logger,
): Promise<string | undefined> {
	const call = { signal, timeoutMs: subscribeTimeoutMs, fromReserve: true };
	try {
		await logged(logger, "public/subscribe", () => connection.subscribe([maintenanceChannel], call));
		return undefined;
	} catch (error) {
		const missing = `there are no announcements of maintenance over this connection: ${messageOf(error)}`;
		logger.warn(`${packageName}: ${missing}`);
		return missing;
	}
}

/** A controller that aborts when the connection ends. The reason is a SessionError that names the orders placed over the connection. */
function endOf(connection: DeribitConnection, context: OpenContext): AbortController {
	const ended = new AbortController();
	const end = (): void => {
		const error = toSessionError("connection lost", connection.ended.reason);
		ended.abort(context.withPace(context.maintenance.adjust(withLostOrders(error, connection, context))));
	};
	connection.ended.addEventListener("abort", end, { once: true });
	return ended;
}

/**
 * Records the loss of the connection, and appends its orders to the error's message. @param isSilent - true if the connection is given up
 * because no data arrives over it.
 */
export function withLostOrders(
	error: SessionError,
	connection: DeribitConnection,
	{ lost }: Pick<OpenContext, "lost">,
	isSilent = false,
): SessionError {
	const loss = lost.record(connection, isSilent);
	return loss ? withOrders(error, describeOrders(loss)) : error;
}

function withOrders(error: SessionError, orders: string): SessionError {
	if (orders === "") return error;
	return reworded(error, `${sentence(error.message)}${orders}`);
}
