import { monotonicMs, withDeadline } from "@x/base/clock";
import { type DeribitConnection, type DeribitUnexpectedMessage, isDeribitError } from "@x/deribit-session";
import type { Closed, Lease, OrdersOnClose, Session } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { messageOf, toSessionError, venueCodeOf, venueCodes } from "./disposition.ts";
import { type DeribitExposure, deribitExposure, deribitTtlMs } from "./exposure.ts";
import { closeCancellingOrders, closeKeepingOrders } from "./leave.ts";
import { tryAcquireConnection } from "./limits.ts";
import { MaintenanceDetector, maintenanceReason } from "./maintenance.ts";
import { armConnection, connect, type OpenContext, requireSigningClock } from "./open.ts";
import {
	type DeribitSessionOptions,
	type ResolvedDeribitOptions,
	resolveDeribitOptions,
	warningsOf,
} from "./options.ts";
import { type ArmedConnection, arm, protectionOf, readBack } from "./proof.ts";
import { type DeribitLoss, LostConnections } from "./recovery.ts";

/** Keeps one Deribit connection at a time: armed, read back, and proved alive by each beat. */
export class DeribitSession implements Session<DeribitConnection> {
	readonly name: string;
	/** How long working orders can outlive us, in the worst case. */
	readonly exposure: DeribitExposure;
	readonly #options: ResolvedDeribitOptions;
	readonly #ttlMs: number;
	readonly #lost = new LostConnections();
	readonly #maintenance = new MaintenanceDetector();
	#armed: ArmedConnection | undefined;
	#closed: Promise<Closed> | undefined;
	/** The refusal of a login that came after the login's deadline. */
	#lateRefusal: SessionError | undefined;
	/** Counts calls of open and close: an open that finds it changed has been superseded. */
	#generation = 0;

	/** @throws OptionError for an option that is not allowed. */
	constructor(options: DeribitSessionOptions) {
		this.#options = resolveDeribitOptions(options);
		this.name = this.#options.name;
		this.exposure = deribitExposure(this.#options);
		this.#ttlMs = deribitTtlMs(this.#options);
	}

	/** Advice on options that are allowed but unwise. */
	get warnings(): readonly string[] {
		return warningsOf(this.#options);
	}

	/** The guarded connection: only orders placed over it are protected. */
	get handle(): DeribitConnection | undefined {
		return this.#armed?.ended.aborted ? undefined : this.#armed?.connection;
	}

	/**
	 * The connections lost before the present one, oldest first, with the orders that may have been cancelled. Without a
	 * connection: those lost since the last one. Reconcile before trading on, preferably in the option `reconcile`.
	 */
	get losses(): readonly DeribitLoss[] {
		return this.#lost.pending.length > 0 ? this.#lost.pending : this.#lost.previous;
	}

	/**
	 * The guarded connection if it is proved to be armed right now; call it before each order. Proved means: read back at
	 * most `verifyEveryMs` and half a lease ago, every beat since acknowledged, no maintenance announced. Synchronous, and
	 * sends nothing.
	 *
	 * @throws SessionError that says why it is not.
	 */
	requireArmed(): DeribitConnection {
		const armed = this.#armed;
		if (!armed) throw notArmed("there is no connection");
		const maxAges = { proofMs: this.#options.verifyEveryMs + this.#ttlMs / 2, beatMs: this.#ttlMs };
		const reason = this.#maintenance.isAnnounced ? maintenanceReason : armed.notArmedReason(maxAges);
		if (reason !== undefined) throw notArmed(reason);
		return armed.connection;
	}

	async open(signal: AbortSignal): Promise<Lease> {
		this.#generation += 1;
		const generation = this.#generation;
		this.#closed = undefined;
		this.#dropConnection();
		const startedAt = monotonicMs();
		const context: OpenContext = { options: this.#options, lost: this.#lost, maintenance: this.#maintenance };
		try {
			this.#throwLateRefusal();
			tryAcquireConnection(this.#options);
			let connected: DeribitConnection | undefined;
			const noteLateRefusal = (message: DeribitUnexpectedMessage): void => {
				// After a successful login, over this connection or another, the refusal no longer matters.
				if (this.#armed || connected?.authorization) return;
				if (venueCodeOf(message.cause) !== venueCodes.invalidCredentials) return;
				this.#lateRefusal = toSessionError("login refused after its deadline", message.cause);
			};
			const connection = await connect(context, noteLateRefusal, signal);
			connected = connection;
			try {
				const armed = await armConnection(connection, context, signal);
				if (signal.aborted || generation !== this.#generation) throw superseded();
				this.#maintenance.onOpen(startedAt);
				this.#lost.markRecovered();
				this.#lateRefusal = undefined;
				this.#armed = armed;
				return { ...this.#lease(armed), ageMs: armed.beatAgeMs };
			} catch (error) {
				// Only `reconcile` can have placed orders over it; closing it may cancel them.
				if (connection.openOrderIds.length + connection.unansweredOrders > 0) this.#lost.record(connection);
				void connection.disconnect();
				throw error;
			}
		} catch (error) {
			throw this.#maintenance.adjust(toSessionError("open failed", error));
		}
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const armed = this.#armed;
		if (!armed) throw noSession();
		if (armed.ended.aborted) throw armed.ended.reason;
		const acknowledge = armed.startBeat();
		try {
			await armed.connection.request("public/test", undefined, { signal, fromReserve: true });
			acknowledge();
		} catch (error) {
			armed.invalidate();
			throw toSessionError("beat failed", error);
		}
		const mustRenew = armed.mustRenew || (armed.connection.renewInMs ?? 1) <= 0;
		if (mustRenew && armed.renewalBackoff.isAllowed) await this.#renew(armed, signal);
		const isProofOld = armed.proofAgeMs >= this.#options.verifyEveryMs;
		if (isProofOld || armed.protection.state !== "armed" || armed.changedByUser) await this.#verify(armed, signal);
		return this.#lease(armed);
	}

	close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed> {
		this.#generation += 1;
		this.#closed ??= this.#close(orders, signal);
		return this.#closed;
	}

	/** Logging in again with credentials that were refused would count against the account. */
	#throwLateRefusal(): void {
		const refusal = this.#lateRefusal;
		this.#lateRefusal = undefined;
		if (refusal) throw refusal;
	}

	/** Renews the tokens. A failure is retried by a later beat, while the old tokens are still valid. */
	async #renew(armed: ArmedConnection, signal: AbortSignal): Promise<void> {
		// Read back after it, whether it succeeds or not.
		armed.invalidate();
		try {
			await withTimeout(this.#ttlMs / 8, signal, "token renewal failed", async (deadline) => {
				const call = { signal: deadline, fromReserve: true } as const;
				// If the refresh token is spent, the client signs again.
				const { grant } = this.#options.credentials;
				if (grant === "client_signature") await requireSigningClock(armed.connection, call);
				armed.renewalBackoff.countAttempt();
				await armed.connection.renew(call);
			});
			armed.mustRenew = false;
			armed.renewalFailure = undefined;
		} catch (error) {
			if (armed.ended.aborted) throw armed.ended.reason;
			armed.renewalFailure = messageOf(error);
			if (!isDeribitError(error)) return;
			const refusal = toSessionError("token renewal failed", error);
			const { disposition } = refusal;
			if (disposition.action === "fatal") throw refusal;
			if (disposition.action === "wait") armed.renewalBackoff.pause(disposition.forMs);
		}
	}

	/**
	 * Reads cancel-on-disconnect back. If it is off, this beat reports `unarmed` and the next one arms it again: that
	 * somebody switched it off is never hidden.
	 */
	async #verify(armed: ArmedConnection, signal: AbortSignal): Promise<void> {
		const { cancelScope, intervalSeconds } = this.#options;
		const verify = armed.protection.state === "unarmed" ? arm : readBack;
		// Half of the beat's time: the beat was acknowledged, and must not fail because this is not answered.
		try {
			const answer = await withTimeout(this.#ttlMs / 6, signal, readBackFailed, async (deadline) => {
				const call = { signal: deadline, fromReserve: true } as const;
				// The exposure depends on the interval, which cannot be read back: set it again.
				await armed.connection.request("public/set_heartbeat", { interval: intervalSeconds }, call);
				return verify(armed.connection, cancelScope, call);
			});
			armed.confirm(protectionOf(answer, this.#options));
		} catch (cause) {
			if (armed.ended.aborted) throw armed.ended.reason;
			armed.mustRenew = venueCodeOf(cause) === venueCodes.unauthorized;
			const { message } = toSessionError(readBackFailed, cause);
			armed.readBackFailed(armed.renewalFailure === undefined ? message : `${message}; ${armed.renewalFailure}`);
		}
	}

	#lease({ protection, changedByUser, ended }: ArmedConnection): Lease {
		const reason = this.#maintenance.isAnnounced ? maintenanceReason : changedByUser;
		const isDoubtful = protection.state === "armed" && reason !== undefined;
		return { ttlMs: this.#ttlMs, protection: isDoubtful ? { state: "unknown", reason } : protection, ended };
	}

	async #close(orders: OrdersOnClose, signal: AbortSignal | undefined): Promise<Closed> {
		const armed = this.#armed;
		this.#armed = undefined;
		if (!armed) return { orders: "unknown", detail: "there was no connection to close. Check the working orders" };
		if (armed.ended.aborted) return { orders: "unknown", detail: messageOf(armed.ended.reason) };
		return orders === "keep"
			? closeKeepingOrders(armed.connection, this.#options)
			: closeCancellingOrders(armed.connection, this.#options, signal);
	}

	#dropConnection(): void {
		const armed = this.#armed;
		this.#armed = undefined;
		if (!armed) return;
		this.#lost.record(armed.connection);
		// Not awaited: on a dead connection it takes until its timeout, and a new connection is needed now.
		void armed.connection.disconnect();
	}
}

const readBackFailed = "reading cancel-on-disconnect back failed";

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

function notArmed(reason: string): SessionError {
	return new SessionError(`@x/keepalive/deribit: the connection is not proved to be armed right now: ${reason}`, {
		disposition: { action: "retry" },
	});
}

function noSession(): SessionError {
	return new SessionError("@x/keepalive/deribit: beat failed: there is no connection. Call open() first.", {
		disposition: { action: "retry" },
		session: "ended",
	});
}

function superseded(): SessionError {
	return new SessionError("@x/keepalive/deribit: open was superseded by a later open, a close or an abort", {
		disposition: { action: "retry" },
	});
}
