import { connectDeribit, type DeribitConnection, type DeribitUnexpectedMessage } from "@x/deribit-session";
import { SessionError } from "../../session-error.ts";
import { toSessionError, venueCodeOf, venueCodes } from "./disposition.ts";
import type { MaintenanceDetector } from "./maintenance.ts";
import type { ResolvedDeribitOptions } from "./options.ts";
import { ArmedConnection, arm, protectionOf, readBack, type SessionCallOptions } from "./proof.ts";
import { describeOrders, type LostConnections } from "./recovery.ts";

/** Maintenance announcements are optional, so an open does not wait long for the subscription. */
const subscribeTimeoutMs = 3_000;
/** The venue accepts a signature within 60 s of its timestamp; the other half is margin for latency and clock drift. */
const maxSkewMs = 30_000;

/** What an open needs from its session. */
export interface OpenContext {
	readonly options: ResolvedDeribitOptions;
	readonly lost: LostConnections;
	readonly maintenance: MaintenanceDetector;
}

/** Connects, with the session's listeners called before those of the program. */
export function connect(
	{ options: { socket }, maintenance }: OpenContext,
	onUnexpected: (message: DeribitUnexpectedMessage) => void,
	signal: AbortSignal,
): Promise<DeribitConnection> {
	return connectDeribit(
		{
			...socket,
			onNotification: (notification) => {
				maintenance.onNotification(notification);
				return socket.onNotification?.(notification);
			},
			onUnexpected: (message) => {
				onUnexpected(message);
				return socket.onUnexpected?.(message);
			},
		},
		{ signal },
	);
}

/** Authenticates, sets heartbeats, arms and reads back, each step after the venue has acknowledged the one before. */
export async function armConnection(
	connection: DeribitConnection,
	context: OpenContext,
	signal: AbortSignal,
): Promise<ArmedConnection> {
	const { options, maintenance } = context;
	const { credentials, armingPermission, intervalSeconds, cancelScope } = options;
	const call = { signal, fromReserve: true } as const;
	// Maintenance may accept connections and refuse every call: find out by a call that does not count as a login.
	if (maintenance.mayBeActive) await connection.request("public/test", undefined, call);
	if (credentials.grant === "client_signature") await requireSigningClock(connection, call);
	const granted = await connection.authenticate(credentials, call);
	if (!granted.authScope.includes(armingPermission)) throw missingPermission(armingPermission, granted.authScope);
	await connection.request("public/set_heartbeat", { interval: intervalSeconds }, call);
	let answer = await arm(connection, cancelScope, call);
	if (answer.isArmed) await subscribeToMaintenance(connection, signal);
	if (answer.isArmed && (await reconcileLosses(connection, context, signal))) {
		answer = await readBack(connection, cancelScope, call);
	}
	if (!answer.isArmed) {
		throw new SessionError(
			`@x/keepalive/deribit: open failed: arming was acknowledged but did not take effect: ${answer.reason}`,
			{ disposition: { action: "retry" } },
		);
	}
	if (connection.ended.aborted) throw toSessionError("open failed", connection.ended.reason);
	return new ArmedConnection(
		connection,
		endedSignal(connection, context),
		intervalSeconds,
		protectionOf(answer, options),
	);
}

/**
 * Checks this machine's clock against the venue's; to be called before a signature is sent. A stale signature may be
 * refused like a wrong secret (13004), which would stop the session for good.
 *
 * @throws SessionError (human) when the clocks differ by more than 30 s.
 */
export async function requireSigningClock(connection: DeribitConnection, call: SessionCallOptions): Promise<void> {
	const askedAt = Date.now();
	let venueMs: number;
	try {
		venueMs = await connection.request("public/get_time", undefined, call);
	} catch (error) {
		// Then the clock cannot be checked before the login.
		if (venueCodeOf(error) === venueCodes.publicCallsDisabled) return;
		throw error;
	}
	const skewMs = (askedAt + Date.now()) / 2 - venueMs;
	if (Math.abs(skewMs) <= maxSkewMs) return;
	const skew = `${Math.round(Math.abs(skewMs) / 1_000)} s ${skewMs > 0 ? "ahead of" : "behind"} the venue's`;
	throw new SessionError(
		`@x/keepalive/deribit: not signing: this machine's clock is ${skew} (at most 30 s). Set the clock.`,
		{ disposition: { action: "human", todo: `set this machine's clock: it is ${skew}` } },
	);
}

function missingPermission(needed: string, granted: readonly string[]): SessionError {
	// Show only the permissions: other parts of a scope may hold the names of keys and sessions.
	const permissions = granted.filter((token) =>
		/^(account|trade|wallet|custody|block_\w+):(read|read_write|none)$/.test(token),
	);
	return new SessionError(
		`@x/keepalive/deribit: open failed: the API key lacks permission to arm cancel-on-disconnect: granted ${permissions.join(" ") || "none"}, needs ${needed}`,
		{ disposition: { action: "fatal" } },
	);
}

/** Without announcements, maintenance is detected by the close alone. */
async function subscribeToMaintenance(connection: DeribitConnection, signal: AbortSignal): Promise<void> {
	const call = { signal, timeoutMs: subscribeTimeoutMs, fromReserve: true };
	const subscribing = connection.call("public/subscribe", { channels: ["platform_state"] }, undefined, call);
	await subscribing.catch(() => undefined);
}

/** Calls the option `reconcile` if there are losses. Resolves to whether it was called. */
async function reconcileLosses(
	connection: DeribitConnection,
	{ options: { reconcile }, lost: { pending } }: OpenContext,
	signal: AbortSignal,
): Promise<boolean> {
	if (!reconcile || pending.length === 0) return false;
	try {
		await reconcile(pending, connection, signal);
	} catch (cause) {
		if (connection.ended.aborted) throw cause;
		throw new SessionError("@x/keepalive/deribit: open failed: the option reconcile threw or rejected", {
			disposition: { action: "retry" },
			cause,
		});
	}
	return true;
}

/** Aborts at the end of the connection, with a SessionError that names the orders placed over it. */
function endedSignal(connection: DeribitConnection, { lost, maintenance }: OpenContext): AbortSignal {
	const ended = new AbortController();
	const end = (): void => {
		const loss = lost.record(connection);
		const error = toSessionError("connection lost", connection.ended.reason);
		ended.abort(maintenance.adjust(loss ? withOrders(error, describeOrders(loss)) : error));
	};
	connection.ended.addEventListener("abort", end, { once: true });
	return ended.signal;
}

function withOrders(error: SessionError, orders: string): SessionError {
	if (orders === "") return error;
	const { message, disposition, session, cause } = error;
	return new SessionError(`${message}.${orders}`, { disposition, session, cause });
}
