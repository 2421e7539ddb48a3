import { after } from "../time.ts";
import type { Product, ResolvedBybitOptions } from "./options.ts";

/** What the venue would really do about one product's orders. */
export type DcpState = "not-enabled" | "idle" | "armed" | "counting" | "triggered";

export interface ProductTruth {
	state: DcpState;
	liveConnections: number;
	/** In force now. */
	windowSeconds: number;
	/** Set but not in force yet. */
	settlingSeconds: number | null;
	/** When orders are cancelled unless somebody comes back, in epoch milliseconds of this machine. */
	deadline: number | null;
}

/** Disconnection Protect of one account and product. A connection is known by its id alone. */
export class ProductDcp {
	readonly product: Product;
	readonly #options: ResolvedBybitOptions;
	readonly #trigger: () => void;
	readonly #live = new Set<string>();
	/** Subscribed since the countdown began, so that their ping can stop it. */
	readonly #fresh = new Set<string>();
	#state: DcpState;
	#windowSeconds: number;
	#settling: { seconds: number; at: number } | undefined;
	#deadline: number | undefined;
	#cancel: (() => void) | undefined;

	constructor(product: Product, options: ResolvedBybitOptions, trigger: () => void) {
		this.product = product;
		this.#options = options;
		this.#trigger = trigger;
		this.#state = options.enabled.includes(product) ? "idle" : "not-enabled";
		this.#windowSeconds = options.windowSeconds;
	}

	get state(): DcpState {
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

	/** What a query shows, which may be ahead of what is in force. */
	get shownSeconds(): number {
		const { windowSeconds } = this;
		return this.#options.shownWhileSettling === "new" ? (this.#settling?.seconds ?? windowSeconds) : windowSeconds;
	}

	get truth(): ProductTruth {
		return {
			state: this.#state,
			liveConnections: this.#live.size,
			windowSeconds: this.windowSeconds,
			settlingSeconds: this.#settling?.seconds ?? null,
			deadline: this.#deadline ?? null,
		};
	}

	set(seconds: number, settleMs: number): void {
		// What was set before and is due by now is in force, even if nobody has looked.
		void this.windowSeconds;
		this.#settling = { seconds, at: Date.now() + settleMs };
		if (this.#state === "counting" && this.#options.setAppliesWhileCounting) this.#count(seconds);
	}

	entitle(enabled: boolean): void {
		this.#stopCounting();
		this.#state = enabled ? (this.#live.size > 0 ? "armed" : "idle") : "not-enabled";
	}

	subscribed(connection: string): void {
		this.#live.add(connection);
		if (this.#state === "counting" && this.#options.resetNeedsPing) this.#fresh.add(connection);
		else this.#arm();
	}

	pinged(connection: string): void {
		if (this.#state !== "counting" && this.#state !== "triggered") return;
		if (!this.#options.resetNeedsSubscribe) this.#live.add(connection);
		else if (!this.#fresh.has(connection)) return;
		this.#arm();
	}

	/** `counts` is false where a departure on purpose is not taken for a loss. */
	gone(connection: string, counts: boolean): void {
		this.#fresh.delete(connection);
		if (!this.#live.delete(connection) || this.#state !== "armed") return;
		if (!counts) {
			if (this.#live.size === 0) this.#state = "idle";
			return;
		}
		if (this.#live.size === 0 || this.#options.countdownStartsWith === "first") this.#count(this.windowSeconds);
	}

	close(): void {
		this.#stopCounting();
	}

	#arm(): void {
		if (!this.enabled) return;
		this.#stopCounting();
		this.#state = "armed";
	}

	#count(seconds: number): void {
		this.#stopCounting();
		this.#state = "counting";
		this.#deadline = Date.now() + seconds * 1_000;
		this.#cancel = after(seconds * 1_000, () => {
			this.#deadline = undefined;
			this.#state = "triggered";
			this.#trigger();
		});
	}

	#stopCounting(): void {
		this.#cancel?.();
		this.#cancel = undefined;
		this.#deadline = undefined;
		this.#fresh.clear();
	}
}
