import { after } from "../timers.ts";
import type { BybitSimProduct, ResolvedBybitOptions } from "./options.ts";

/** The actual state of Disconnection Protect for one product. */
export interface BybitTruth {
	state: "not-enabled" | "idle" | "armed" | "counting" | "triggered";
	/** Number of connections that are subscribed to the product's topic. */
	liveConnections: number;
	/** The time window that is in force, in seconds. */
	windowSeconds: number;
	/** A time window that was set but is not in force yet, in seconds; null if there is none. */
	settlingSeconds: number | null;
	/**
	 * When orders will be cancelled unless a connection subscribes again, in epoch milliseconds on this machine's clock;
	 * null if no countdown is running.
	 */
	deadline: number | null;
}

/** Disconnection Protect for one product of one account. Connections are identified by id. */
export class ProductDcp {
	readonly product: BybitSimProduct;
	readonly #options: ResolvedBybitOptions;
	readonly #onTrigger: () => void;
	readonly #live = new Set<string>();
	/** Connections that subscribed while the countdown was running. A ping from one of these connections stops the countdown. */
	readonly #resubscribed = new Set<string>();
	#state: BybitTruth["state"];
	#windowSeconds: number;
	#settling: { seconds: number; at: number } | undefined;
	#deadline: number | undefined;
	#cancel: (() => void) | undefined;

	constructor(product: BybitSimProduct, options: ResolvedBybitOptions, onTrigger: () => void) {
		this.product = product;
		this.#options = options;
		this.#onTrigger = onTrigger;
		this.#state = options.enabled.includes(product) ? "idle" : "not-enabled";
		this.#windowSeconds = options.windowSeconds;
	}

	get state(): BybitTruth["state"] {
		return this.#state;
	}

	get enabled(): boolean {
		return this.#state !== "not-enabled";
	}

	get windowSeconds(): number {
		if (this.#settling && Date.now() >= this.#settling.at) {
			this.#windowSeconds = this.#settling.seconds;
			this.#settling = undefined;
		}
		return this.#windowSeconds;
	}

	/**
	 * The time window that `/v5/account/query-dcp-info` returns: the time window in force or, with the option `shownWhileSettling: "new"`, the
	 * time window that was set last.
	 */
	get shownSeconds(): number {
		const { windowSeconds } = this;
		return this.#options.shownWhileSettling === "new" ? (this.#settling?.seconds ?? windowSeconds) : windowSeconds;
	}

	get truth(): BybitTruth {
		return {
			state: this.#state,
			liveConnections: this.#live.size,
			windowSeconds: this.windowSeconds,
			settlingSeconds: this.#settling?.seconds ?? null,
			deadline: this.#deadline ?? null,
		};
	}

	set(seconds: number, settleMs: number): void {
		// Read only for its side effect: if an earlier time window is due, the getter puts it into force.
		void this.windowSeconds;
		this.#settling = { seconds, at: Date.now() + settleMs };
		if (this.#state === "counting" && this.#options.setAppliesWhileCounting) this.#startCountdown(seconds);
	}

	entitle(enabled: boolean): void {
		this.#stopCountdown();
		this.#state = enabled ? (this.#live.size > 0 ? "armed" : "idle") : "not-enabled";
	}

	onSubscribe(connection: string): void {
		this.#live.add(connection);
		if (this.#state === "counting" && this.#options.resetNeedsPing) this.#resubscribed.add(connection);
		else this.#arm();
	}

	onPing(connection: string): void {
		if (this.#state !== "counting" && this.#state !== "triggered") return;
		if (!this.#options.resetNeedsSubscribe) this.#live.add(connection);
		else if (!this.#resubscribed.has(connection)) return;
		this.#arm();
	}

	/**
	 * To be called when a connection is no longer subscribed or has ended.
	 *
	 * @param isLoss - whether this event may start the countdown. False for a clean close or an unsubscribe if the option `leavingCounts`
	 * is false.
	 */
	onConnectionLeft(connection: string, isLoss: boolean): void {
		this.#resubscribed.delete(connection);
		if (!this.#live.delete(connection) || this.#state !== "armed") return;
		if (!isLoss) {
			if (this.#live.size === 0) this.#state = "idle";
			return;
		}
		if (this.#live.size === 0 || this.#options.countdownStartsWith === "first")
			this.#startCountdown(this.windowSeconds);
	}

	close(): void {
		this.#stopCountdown();
	}

	#arm(): void {
		if (!this.enabled) return;
		this.#stopCountdown();
		this.#state = "armed";
	}

	#startCountdown(seconds: number): void {
		this.#cancel?.();
		this.#state = "counting";
		this.#deadline = Date.now() + seconds * 1_000;
		this.#cancel = after(seconds * 1_000, () => {
			this.#deadline = undefined;
			this.#state = "triggered";
			this.#onTrigger();
		});
	}

	#stopCountdown(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		this.#deadline = undefined;
		this.#resubscribed.clear();
	}
}
