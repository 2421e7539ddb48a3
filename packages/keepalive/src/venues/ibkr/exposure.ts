import type { Protection } from "../../session.ts";

/**
 * What the end of a session means for the working orders. IBKR cancels no orders then, but during a reset of IBKR, some kinds of
 * orders wait.
 */
export const ordersAfterLoss =
	"IBKR cancels no orders when a session ends: those held by an exchange keep working, while orders that IBKR simulates, such " +
	"as stops at many exchanges, and execution reports wait during a reset of IBKR";

/**
 * The protection of every IBKR session. There is no exposure to compute, because no order is cancelled.
 *
 * IBKR documents no cancel-on-disconnect for this API, and the end of a session is not among its reasons for a cancel. A DAY
 * order works until the market closes, a GTC order until it is filled or cancelled.
 */
export const protection: Protection = Object.freeze({ state: "unsupported", reason: ordersAfterLoss });
