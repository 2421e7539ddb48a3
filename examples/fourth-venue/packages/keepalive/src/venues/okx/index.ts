import { type Countdown, cancelAllAfter, type OkxTimerOptions } from "@x/okx-timer";
import type { Closed, Lease, OrdersOnClose, Session } from "../../session.ts";
import { SessionError } from "../../session-error.ts";
import { toSessionError } from "./disposition.ts";
import { okxExposureMs } from "./exposure.ts";

export interface OkxOptions extends OkxTimerOptions {
	/** Unique among the sessions of one keeper. Default `okx`. */
	readonly name?: string;
	/** How long orders outlive the last beat, 10 to 120 whole seconds. Default 30. */
	readonly windowSeconds?: number;
}

/** A session at OKX: a countdown for all orders of the account that each beat starts again. */
export function okx(options: OkxOptions): Session<undefined> {
	const { name = "okx", windowSeconds = 30, callTimeoutMs = 3_000 } = options;
	const count = async (seconds: number, signal?: AbortSignal): Promise<Countdown> => {
		try {
			return await cancelAllAfter(options, seconds, signal);
		} catch (error) {
			throw toSessionError(error);
		}
	};
	// No call reads the countdown back, but the reply to each call says when the venue will cancel.
	const beat = async (signal: AbortSignal): Promise<Lease> => {
		const { triggerAt } = await count(windowSeconds, signal);
		if (triggerAt === undefined) {
			const message = "@x/keepalive/okx: the venue took the call and says that no countdown runs";
			throw new SessionError(message, { disposition: { action: "retry" }, session: "ended" });
		}
		const exposureMs = okxExposureMs({ windowSeconds, callTimeoutMs });
		const protection = { state: "armed", scope: "account", exposureMs, verifiedAt: Date.now() } as const;
		return { ttlMs: windowSeconds * 1_000, protection };
	};
	const close = async (orders: OrdersOnClose): Promise<Closed> => {
		if (orders === "cancel") {
			const detail = "OKX: the countdown was left running";
			return { orders: "cancelled", withinMs: okxExposureMs({ windowSeconds, callTimeoutMs }), detail };
		}
		const stopped = await count(0).catch(() => undefined);
		if (stopped && stopped.triggerAt === undefined) return { orders: "kept", detail: "OKX: the countdown was stopped" };
		return { orders: "unknown", detail: "OKX: the countdown may still run; look at the orders" };
	};
	return { name, handle: undefined, open: beat, beat, close };
}
