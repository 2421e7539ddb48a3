import { monotonicMs } from "@x/base/clock";
import { cancelAllAfter } from "@x/okx-timer";
import { runOnOpen } from "../../run-on-open.ts";
import type { Closed, Lease, OrdersOnClose, Session, SessionHost } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { toSessionError } from "./error-disposition.ts";
import { okxExposureMs } from "./exposure.ts";
import { leave } from "./leave.ts";
import { type OkxSessionOptions, packageName, type ResolvedOkxOptions, resolveOkxOptions } from "./options.ts";
import { protectionOf } from "./protection-proof.ts";
import type { OkxLoss, OkxRecovery } from "./session-losses.ts";

/** A session that uses OKX's call cancel-all-after. Created by {@link okx}. */
export class OkxSession<Name extends string = string> implements Session<undefined, Name> {
	readonly name: Name;
	/** Always undefined: the session makes HTTP calls, so there is no connection over which orders could be sent. */
	readonly handle: undefined;
	/** The longest time for which working orders stay open after this process has died or lost its network, in milliseconds. */
	readonly exposureMs: number;
	readonly #options: ResolvedOkxOptions;
	/** The keeper (see `keepalive()`) that runs this session; undefined while no keeper runs it. */
	#host: SessionHost | undefined;
	/** When the last acknowledged call was sent, on the monotonic clock; undefined while no countdown is known to run. */
	#restartedAt: number | undefined;
	/** The possible cancels (losses) that no successful call of `onOpen` has received yet. */
	#pending: OkxLoss[] = [];
	#previous: readonly OkxLoss[] = [];

	/** @throws OptionError for an option that is not allowed. */
	constructor(options: OkxSessionOptions<Name>) {
		this.#options = resolveOkxOptions(options);
		// The cast is safe: without the option, Name is the type of the default.
		this.name = this.#options.name as Name;
		this.exposureMs = okxExposureMs(this.#options);
	}

	/**
	 * Each time at which the venue may have cancelled orders. Before trading, find out which orders are gone, preferably in the option
	 * `onOpen`. While the session is down: each loss since it was last alive. While the session is alive: each loss during the latest
	 * outage. Oldest first.
	 */
	get recovery(): OkxRecovery {
		return { losses: this.#pending.length > 0 ? this.#pending : this.#previous };
	}

	/**
	 * Called by the keeper (see `keepalive()`) that runs this session. The session uses the keeper's logger, so it logs nothing without a
	 * keeper.
	 */
	attach(host: SessionHost): () => void {
		this.#host = host;
		return () => {
			this.#host = undefined;
		};
	}

	/** Why an order must not be sent now, as far as this session knows; undefined while the countdown cannot have run out yet. */
	notArmedReason(): string | undefined {
		if (this.#restartedAt === undefined) return "no countdown is running";
		return monotonicMs() - this.#restartedAt < this.#windowMs ? undefined : "the countdown may have run out";
	}

	/**
	 * Does nothing if the working orders are proved to be protected right now, and throws otherwise. While a keeper runs
	 * the session, the method `requireArmed` of the keeper gives the same answer.
	 *
	 * @throws SessionError that says why the orders are not protected.
	 */
	requireArmed(): void {
		const reason = this.#host ? this.#host.notArmedReason() : this.notArmedReason();
		if (reason === undefined) return;
		throw new SessionError(`${packageName}: not armed: ${reason}`, { disposition: { action: "retry" } });
	}

	async open(signal: AbortSignal): Promise<Lease> {
		await this.beat(signal);
		const losses = [...this.#pending];
		await runOnOpen(packageName, this.#options.onOpen, { handle: undefined, losses, signal });
		// `onOpen` may have used up most of the countdown, so the countdown is restarted.
		const sentAt = monotonicMs();
		const lease = await this.beat(signal);
		this.#previous = this.#pending;
		this.#pending = [];
		return { ...lease, ageMs: monotonicMs() - sentAt };
	}

	async beat(signal: AbortSignal): Promise<Lease> {
		const { client, windowSeconds } = this.#options;
		const sentAt = monotonicMs();
		const countdown = await cancelAllAfter(client, windowSeconds, { signal }).catch((error: unknown) => {
			throw toSessionError(error);
		});
		this.#host?.logger.debug("cancel-all-after", { session: this.name, ms: Math.round(monotonicMs() - sentAt) });
		const protection = protectionOf(countdown, this.exposureMs);
		const ranOutMs = this.#restartedAt === undefined ? 0 : sentAt - this.#restartedAt - this.#windowMs;
		if (ranOutMs > 0) this.#pending.push({ lostAt: Math.round(Date.now() - ranOutMs) });
		this.#restartedAt = sentAt;
		return { ttlMs: this.#windowMs, protection };
	}

	close(orders: OrdersOnClose, signal?: AbortSignal): Promise<Closed> {
		this.#restartedAt = undefined;
		return leave(orders, { client: this.#options.client, exposureMs: this.exposureMs, signal });
	}

	get #windowMs(): number {
		return this.#options.windowSeconds * 1_000;
	}
}
