import type { Protection } from "../../session.ts";

/**
 * The protection of every IBKR session. There is no exposure to compute, because no order is cancelled.
 *
 * IBKR documents no cancel-on-disconnect for this API, and the end of a session is not among its reasons for a cancel. A DAY
 * order works until the market closes, a GTC order until it is filled or cancelled.
 */
export const protection: Protection = Object.freeze({
	state: "unsupported",
	reason: "IBKR cancels no orders when a session ends: they keep working at the exchange by their time in force",
});
