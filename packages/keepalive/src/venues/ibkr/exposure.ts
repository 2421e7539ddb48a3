import type { Protection } from "../../session.ts";

/**
 * What the end of a session means for the working orders. IBKR does not cancel them, but some kinds of orders stay inactive during
 * a reset of IBKR.
 */
export const ordersAfterLoss =
	"IBKR cancels no orders when a session ends: those held by an exchange keep working, while orders that IBKR simulates, such " +
	"as stops at many exchanges, and execution reports wait during a reset of IBKR";

/**
 * The protection of every IBKR session. It has no exposure, because no order is cancelled.
 *
 * IBKR documents no cancel-on-disconnect for this API, and does not list the end of a session among its reasons for a cancel. A DAY order
 * works until the market closes, a GTC order until it is filled or cancelled.
 */
export const protection: Protection = Object.freeze({ state: "unsupported", reason: ordersAfterLoss });
