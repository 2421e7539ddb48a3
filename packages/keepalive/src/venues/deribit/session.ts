import { connectDeribit, type DeribitConnection, type DeribitLeft, type DeribitOptions } from "@x/deribit-session";
import type { Closed, Lease, OrdersOnClose, Protection, Session } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { CutOff, monotonicMs, within } from "../../time.ts";
import { toSessionError } from "./disposition.ts";
import { deribitTtlMs, exposureMs } from "./exposure.ts";
import type { ResolvedDeribitOptions } from "./options.ts";
import { arm, type ReadBack, readBack } from "./switch.ts";

/** What one successful `open` left: a connection, the signal of its end, and the last word on its protection. */
interface Held {
	readonly connection: DeribitConnection;
	readonly ended: AbortSignal;
	protection: Protection;
	/** On the monotonic clock; the proof's age decides when to ask again. */
	judgedAt: number;
}

/** One Deribit connection at a time: armed, read back and proven alive when asked. */
export class DeribitSession implements Session<DeribitConnection> {
	readonly name: string;
	readonly #options: ResolvedDeribitOptions;
	#held: Held | undefined;
	#closed: Promise<Closed> | undefined;
	/** Counts opens and closes, so that an open that ends late finds out that it is not wanted any more. */
	#turn = 0;

	constructor(options: ResolvedDeribitOptions) {
		this.name = options.name;
		this.#options = options;
	}

	get handle(): DeribitConnection | undefined {
		return this.#held?.ended.aborted ? undefined : this.#held?.connection;
	}

	async open(signal: AbortSignal): Promise<Lease> {
		this.#turn += 1;
		const turn = this.#turn;
		this.#closed = undefined;
		this.#drop();
		try {
			const connection = await connectDeribit(this.#clientOptions(), signal);
			try {
				const held = await this.#prepare(connection, signal);
				if (signal.aborted || turn !== this.#turn) throw unwanted();
				this.#held = held;
				return this.#lease(held);
			} catch (error) {
				// Nobody has placed orders over it: whatever its end fires hits nothing.
				void connection.disconnect();
				throw error;
			}
		} catch (error) {
			throw toSessionError("opening", error);
		}
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const held = this.#held;
		if (!held) throw gone();
		if (held.ended.aborted) throw held.ended.reason;
		try {
			await held.connection.request("public/test", undefined, { signal });
		} catch (error) {
			// The line was in doubt: the next beat that gets through asks whether it is still armed, however young the proof.
			held.judgedAt = Number.NEGATIVE_INFINITY;
			throw toSessionError("a beat", error);
		}
		const proofIsOld = monotonicMs() - held.judgedAt >= this.#options.verifyEveryMs;
		if (proofIsOld || held.protection.state !== "armed") await this.#judge(held, signal);
		return this.#lease(held);
	}

	close(orders: OrdersOnClose): Promise<Closed> {
		this.#turn += 1;
		this.#closed ??= this.#leave(orders);
		return this.#closed;
	}

	/** Authenticate, heartbeat, arm, read back: each step acknowledged by the venue before the next. */
	async #prepare(connection: DeribitConnection, signal: AbortSignal): Promise<Held> {
		const { clientId, clientSecret, authScope, armingRight, intervalSeconds, scope } = this.#options;
		const credentials = { clientId, clientSecret, ...(authScope === undefined ? {} : { scope: authScope }) };
		const granted = await connection.authenticate(credentials, { signal });
		if (!granted.scope.includes(armingRight)) throw lacksRight(armingRight, granted.scope);
		await connection.request("public/set_heartbeat", { interval: intervalSeconds }, { signal });
		const said = await arm(connection, scope, { signal });
		if (!said.on) {
			throw new SessionError(`@x/keepalive/deribit: arming was acknowledged and did not work: ${said.reason}`, {
				disposition: { action: "retry" },
			});
		}
		const ended = new AbortController();
		const end = (): void => ended.abort(toSessionError("keeping the connection", connection.ended.reason));
		if (connection.ended.aborted) end();
		else connection.ended.addEventListener("abort", end, { once: true });
		if (ended.signal.aborted) throw ended.signal.reason;
		return { connection, ended: ended.signal, protection: this.#protection(said), judgedAt: monotonicMs() };
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
			const said = await within(deribitTtlMs(this.#options) / 6, signal, "verifying the protection", async (cut) => {
				// It cannot be read back, and the exposure rests on it: set again, it is on whatever came between.
				await held.connection.request("public/set_heartbeat", { interval: intervalSeconds }, { signal: cut });
				return ask(held.connection, scope, { signal: cut });
			});
			held.protection = this.#protection(said);
			held.judgedAt = monotonicMs();
		} catch (cause) {
			if (held.ended.aborted) throw held.ended.reason;
			const error = cause instanceof CutOff ? cause : toSessionError("verifying the protection", cause);
			held.protection = { state: "unknown", reason: error.message };
		}
	}

	#protection(said: ReadBack): Protection {
		if (!said.on) return { state: "unarmed", reason: said.reason };
		const { scope } = this.#options;
		return { state: "armed", scope, exposureMs: exposureMs(this.#options), verifiedAt: said.askedAt };
	}

	#lease({ protection, ended }: Held): Lease {
		return { ttlMs: deribitTtlMs(this.#options), protection, ended };
	}

	async #leave(orders: OrdersOnClose): Promise<Closed> {
		const held = this.#held;
		this.#held = undefined;
		if (!held) return { orders: "unknown", detail: "there was no connection to leave; look at the working orders" };
		if (held.ended.aborted) return { orders: "unknown", detail: messageOf(held.ended.reason) };
		return orders === "keep" ? this.#leaveKeeping(held.connection) : this.#leaveCancelling(held.connection);
	}

	async #leaveKeeping(connection: DeribitConnection): Promise<Closed> {
		try {
			const left = await connection.logout();
			const kept = left.cancelOnDisconnectFired === "no";
			return { orders: kept ? "kept" : "unknown", detail: left.detail };
		} catch (error) {
			// Closing it any other way would cancel what should be kept.
			return { orders: "refused", detail: `${messageOf(error)}. The connection stays open until this process ends` };
		}
	}

	async #leaveCancelling(connection: DeribitConnection): Promise<Closed> {
		const { scope, closeTimeoutMs } = this.#options;
		const limits = { signal: connection.ended, timeoutMs: closeTimeoutMs };
		// An old proof is not enough to promise a cancel: ask once more, and switch it on if somebody switched it off.
		const said = await readBack(connection, "connection", limits)
			.then((answer) => (answer.on ? answer : arm(connection, "connection", limits)))
			.catch((error: unknown) => ({ on: false, reason: messageOf(error), unsure: true }) as const);
		const left = await connection.disconnect();
		if (!said.on) {
			const detail = `${said.reason}. ${left.detail}`;
			return { orders: "unsure" in said ? "unknown" : "refused", detail };
		}
		return { orders: "cancelled", withinMs: this.#cancelledWithinMs(left), detail: `${left.detail} (scope ${scope})` };
	}

	/** A close that the venue answered fires at once; one that it did not see is noticed by the missing heartbeats. */
	#cancelledWithinMs(left: DeribitLeft): number {
		return left.confirmed ? 0 : exposureMs(this.#options);
	}

	#drop(): void {
		const held = this.#held;
		this.#held = undefined;
		// Not waited for: on a dead line the close has no answer, and a new connection is wanted now.
		if (held) void held.connection.disconnect();
	}

	#clientOptions(): DeribitOptions {
		const { url, WebSocket, connectTimeoutMs, callTimeoutMs, closeTimeoutMs } = this.#options;
		return {
			closeTimeoutMs,
			...(url !== undefined && { url }),
			...(WebSocket && { WebSocket }),
			...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
			...(callTimeoutMs !== undefined && { callTimeoutMs }),
		};
	}
}

function gone(): SessionError {
	return new SessionError("@x/keepalive/deribit: there is no session to beat; open it first", {
		disposition: { action: "retry" },
		session: "ended",
	});
}

function unwanted(): SessionError {
	return new SessionError("@x/keepalive/deribit: the session came too late and was given up", {
		disposition: { action: "retry" },
	});
}

function lacksRight(right: string, granted: readonly string[]): SessionError {
	// Only rights are shown: a scope can also hold the names of keys and sessions.
	const rights = granted.filter((token) =>
		/^(account|trade|wallet|custody|block_\w+):(read|read_write|none)$/.test(token),
	);
	return new SessionError(
		`@x/keepalive/deribit: the key cannot arm cancel-on-disconnect: it was granted ${rights.join(" ") || "no right"} and needs ${right}`,
		{ disposition: { action: "fatal" } },
	);
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : "an unforeseen error";
}
