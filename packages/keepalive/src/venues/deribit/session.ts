import {
	connectDeribit,
	type DeribitConnection,
	type DeribitUnexpectedMessage,
	isDeribitError,
} from "@x/deribit-session";
import type { Closed, Lease, OrdersOnClose, Protection, Session } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { CutOff, monotonicMs, within } from "../../time.ts";
import { clientOptions } from "./client-options.ts";
import { toSessionError } from "./disposition.ts";
import { type DeribitExposure, deribitExposure, deribitTtlMs, exposureMs } from "./exposure.ts";
import { gone, lacksRight, lied, notArmed, unwanted, withOrders } from "./failures.ts";
import { Held, messageOf } from "./held.ts";
import { leaveCancelling, leaveKeeping } from "./leave.ts";
import { spendConnection } from "./limits.ts";
import { MaintenanceWatch } from "./maintenance.ts";
import { requireSigningClock } from "./open.ts";
import { deribitWarnings, type ResolvedDeribitOptions } from "./options.ts";
import { arm, type ReadBack, readBack } from "./proof.ts";
import { type DeribitLoss, Losses, ordersInWords } from "./recovery.ts";

const invalidCredentials = 13004;
const unauthorized = 13009;
/** The announcements are a convenience: an open does not wait long for them. */
const subscribeMs = 3_000;

/** One Deribit connection at a time: armed, read back and proven alive when asked. */
export class DeribitSession implements Session<DeribitConnection> {
	readonly name: string;
	/** How long working orders can outlive us, for either kind of death. */
	readonly exposure: DeribitExposure;
	/** Settings that work and are unwise, in words for people. */
	readonly warnings: readonly string[];
	readonly #options: ResolvedDeribitOptions;
	readonly #ttlMs: number;
	readonly #losses = new Losses();
	readonly #maintenance = new MaintenanceWatch();
	#held: Held | undefined;
	#closed: Promise<Closed> | undefined;
	/** A login was refused after its deadline. */
	#refusedLate: SessionError | undefined;
	/** Counts opens and closes, so that an open that ends late finds out that it is not wanted any more. */
	#turn = 0;

	/** Use {@link deribit}, which checks the options. */
	constructor(options: ResolvedDeribitOptions) {
		this.name = options.name;
		this.exposure = deribitExposure(options);
		this.warnings = deribitWarnings(options);
		this.#options = options;
		this.#ttlMs = deribitTtlMs(options);
	}

	/** The guarded connection: only orders placed over it are protected. */
	get handle(): DeribitConnection | undefined {
		return this.#held?.ended.aborted ? undefined : this.#held?.connection;
	}

	/**
	 * The connections that were lost before the present one, oldest first, with the orders that may have been cancelled;
	 * while there is none, those lost since there was. Reconcile before trading on, best with the option `reconcile`.
	 */
	get losses(): readonly DeribitLoss[] {
		return this.#losses.pending.length > 0 ? this.#losses.pending : this.#losses.before;
	}

	/**
	 * The guarded connection if it is proved armed right now: for a program to call before each order. The proof is the
	 * venue's own word, at most `verifyEveryMs` and half a lease old, with every beat since acknowledged and no
	 * maintenance announced. Asks nothing and waits for nothing.
	 *
	 * @throws SessionError that says why it is not.
	 */
	requireArmed(): DeribitConnection {
		const held = this.#held;
		if (!held) throw notArmed("there is no connection");
		const limits = { proofMs: this.#options.verifyEveryMs + this.#ttlMs / 2, beatMs: this.#ttlMs };
		const objection = this.#maintenance.announced ? breakReason : held.objection(limits);
		if (objection !== undefined) throw notArmed(objection);
		return held.connection;
	}

	async open(signal: AbortSignal): Promise<Lease> {
		this.#turn += 1;
		const turn = this.#turn;
		this.#closed = undefined;
		this.#drop();
		const begunAt = monotonicMs();
		try {
			this.#heedLateRefusal();
			spendConnection(this.#options);
			let asked: DeribitConnection | undefined;
			const late = (strange: DeribitUnexpectedMessage): void => {
				// With a login that was granted since, or over the same connection, it was about something else.
				if (this.#held || asked?.authorization || codeOf(strange.cause) !== invalidCredentials) return;
				this.#refusedLate = toSessionError("logging in, after its deadline,", strange.cause);
			};
			const connection = await connectDeribit(clientOptions(this.#options, this.#maintenance, late), signal);
			asked = connection;
			try {
				const held = await this.#prepare(connection, signal);
				if (signal.aborted || turn !== this.#turn) throw unwanted();
				this.#maintenance.over(begunAt);
				this.#losses.settle();
				this.#refusedLate = undefined;
				this.#held = held;
				return { ...this.#lease(held), ageMs: held.beatAgeMs };
			} catch (error) {
				// Only `reconcile` can have placed orders over it, and its end may cancel them.
				if (connection.openOrderIds().length + connection.unansweredOrders > 0) this.#losses.note(connection);
				void connection.disconnect();
				throw error;
			}
		} catch (error) {
			throw this.#maintenance.judge(toSessionError("opening", error));
		}
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const held = this.#held;
		if (!held) throw gone();
		if (held.ended.aborted) throw held.ended.reason;
		const acknowledged = held.beating();
		try {
			await held.connection.request("public/test", undefined, { signal, fromReserve: true });
			acknowledged();
		} catch (error) {
			// The line was in doubt: the next beat that gets through asks whether it is still armed, however young the proof.
			held.doubt();
			throw toSessionError("a beat", error);
		}
		const mustRenew = held.mustRenew || (held.connection.renewInMs ?? 1) <= 0;
		if (mustRenew && held.renewals.mayTry) await this.#renew(held, signal);
		const proofIsOld = held.proofAgeMs >= this.#options.verifyEveryMs;
		if (proofIsOld || held.protection.state !== "armed" || held.tampered) await this.#judge(held, signal);
		return this.#lease(held);
	}

	close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed> {
		this.#turn += 1;
		this.#closed ??= this.#leave(orders, signal);
		return this.#closed;
	}

	/** A key that is wrong stays wrong, whenever the venue says it: logging in again would count against the account. */
	#heedLateRefusal(): void {
		const refusal = this.#refusedLate;
		this.#refusedLate = undefined;
		if (refusal) throw refusal;
	}

	/** Authenticate, heartbeat, arm, read back: each step acknowledged by the venue before the next. */
	async #prepare(connection: DeribitConnection, signal: AbortSignal): Promise<Held> {
		const { clientId, clientSecret, authGrant, authScope, armingRight, intervalSeconds, scope } = this.#options;
		const limits = { signal, fromReserve: true } as const;
		// A break may take connections and refuse every call: a login each time would be counted.
		if (this.#maintenance.mayLast) await connection.request("public/test", undefined, limits);
		if (authGrant === "client_signature") await requireSigningClock(connection, limits);
		const credentials = {
			clientId,
			clientSecret,
			...(authGrant !== undefined && { grant: authGrant }),
			...(authScope !== undefined && { scope: authScope }),
		};
		const granted = await connection.authenticate(credentials, limits);
		if (!granted.scope.includes(armingRight)) throw lacksRight(armingRight, granted.scope);
		await connection.request("public/set_heartbeat", { interval: intervalSeconds }, limits);
		let said = await arm(connection, scope, limits);
		if (said.on) await this.#watch(connection, signal);
		if (said.on && (await this.#reconcile(connection, signal))) said = await readBack(connection, scope, limits);
		if (!said.on) throw lied(said.reason);
		const ended = new AbortController();
		const end = (): void => {
			const loss = this.#losses.note(connection);
			const error = toSessionError("keeping the connection", connection.ended.reason);
			ended.abort(this.#maintenance.judge(loss ? withOrders(error, ordersInWords(loss)) : error));
		};
		if (connection.ended.aborted) throw toSessionError("opening", connection.ended.reason);
		connection.ended.addEventListener("abort", end, { once: true });
		return new Held(connection, ended.signal, intervalSeconds, this.#protection(said));
	}

	/** Lets the venue announce its breaks. Without it a break is found out by the close alone. */
	async #watch(connection: DeribitConnection, signal: AbortSignal): Promise<void> {
		const limits = { signal, timeoutMs: subscribeMs, fromReserve: true };
		const subscribing = connection.call("public/subscribe", { channels: ["platform_state"] }, undefined, limits);
		await subscribing.catch(() => undefined);
	}

	/** Lets the program look at what became of its orders. True when it did, which may have taken a while. */
	async #reconcile(connection: DeribitConnection, signal: AbortSignal): Promise<boolean> {
		const { reconcile } = this.#options;
		const losses = this.#losses.pending;
		if (!reconcile || losses.length === 0) return false;
		try {
			await reconcile(losses, connection, signal);
		} catch (cause) {
			if (connection.ended.aborted) throw cause;
			throw new SessionError("@x/keepalive/deribit: the option reconcile failed, so the session was not opened", {
				disposition: { action: "retry" },
				cause,
			});
		}
		return true;
	}

	/** New tokens for this connection. What is left of the old ones' life is for trying again with the next beat. */
	async #renew(held: Held, signal: AbortSignal): Promise<void> {
		// Whatever comes of it, the venue is asked whether it is still armed.
		held.doubt();
		try {
			await within(this.#ttlMs / 8, signal, "renewing the tokens", async (cut) => {
				const limits = { signal: cut, fromReserve: true } as const;
				// In place of a refresh token that is spent the client signs anew.
				if (this.#options.authGrant === "client_signature") await requireSigningClock(held.connection, limits);
				held.renewals.trying();
				await held.connection.renew(limits);
			});
			held.mustRenew = false;
			held.notRenewed = undefined;
		} catch (error) {
			if (held.ended.aborted) throw held.ended.reason;
			held.notRenewed = messageOf(error);
			if (!isDeribitError(error)) return;
			const refusal = toSessionError("renewing the tokens", error);
			const { disposition } = refusal;
			// What an opening would stop for: logging in again with each beat would count against the account.
			if (disposition.action === "fatal") throw refusal;
			if (disposition.action === "wait") held.renewals.wait(disposition.forMs);
		}
	}

	/**
	 * Asks again whether it is armed. What was found off is reported as off first and switched on again with the next
	 * beat, so that somebody else's hand on the switch never goes by unseen.
	 */
	async #judge(held: Held, signal: AbortSignal): Promise<void> {
		const { scope, intervalSeconds } = this.#options;
		const ask = held.protection.state === "unarmed" ? arm : readBack;
		// Half of a beat's time: a question that is not answered must not make the beat, which was, count as failed.
		try {
			const said = await within(this.#ttlMs / 6, signal, "verifying the protection", async (cut) => {
				const limits = { signal: cut, fromReserve: true } as const;
				// It cannot be read back, and the exposure rests on it: set again, it is on whatever came between.
				await held.connection.request("public/set_heartbeat", { interval: intervalSeconds }, limits);
				return ask(held.connection, scope, limits);
			});
			held.proved(this.#protection(said));
		} catch (cause) {
			if (held.ended.aborted) throw held.ended.reason;
			held.mustRenew = codeOf(cause) === unauthorized;
			const error = cause instanceof CutOff ? cause : toSessionError("verifying the protection", cause);
			held.unproved(held.notRenewed === undefined ? error.message : `${error.message}; ${held.notRenewed}`);
		}
	}

	#protection(said: ReadBack): Protection {
		if (!said.on) return { state: "unarmed", reason: said.reason };
		const { scope } = this.#options;
		return { state: "armed", scope, exposureMs: exposureMs(this.#options), verifiedAt: said.askedAt };
	}

	#lease({ protection, tampered, ended }: Held): Lease {
		// Whether a break cancels is stated nowhere, and the venue may end the connection any moment.
		const doubt = this.#maintenance.announced ? breakReason : tampered;
		const doubtful = protection.state === "armed" && doubt !== undefined;
		return { ttlMs: this.#ttlMs, protection: doubtful ? { state: "unknown", reason: doubt } : protection, ended };
	}

	async #leave(orders: OrdersOnClose, signal: AbortSignal | undefined): Promise<Closed> {
		const held = this.#held;
		this.#held = undefined;
		if (!held) return { orders: "unknown", detail: "there was no connection to leave; look at the working orders" };
		if (held.ended.aborted) return { orders: "unknown", detail: messageOf(held.ended.reason) };
		return orders === "keep"
			? leaveKeeping(held.connection, this.#options)
			: leaveCancelling(held.connection, this.#options, signal);
	}

	#drop(): void {
		const held = this.#held;
		this.#held = undefined;
		if (!held) return;
		this.#losses.note(held.connection);
		// Not waited for: on a dead line the close has no answer, and a new connection is wanted now.
		void held.connection.disconnect();
	}
}

const breakReason = "the venue announced a maintenance break; whether that cancels working orders is stated nowhere";

function codeOf(error: unknown): number | undefined {
	return isDeribitError(error) ? error.code : undefined;
}
