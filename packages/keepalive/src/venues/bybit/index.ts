import type { BybitGuarded } from "./bybit-guarded.ts";
import type { BybitSessionOptions } from "./options.ts";
import { BybitSession } from "./session.ts";

export type { BybitEvidence, BybitGuarded } from "./bybit-guarded.ts";
export {
	type BybitConnectionBudget,
	type BybitConnectionBudgetOptions,
	bybitConnectionBudget,
} from "./connection-budget.ts";
export type { BybitCountdown, BybitLoss, BybitLossHow } from "./countdown.ts";
export { type BybitExposure, type BybitTimes, bybitExposure } from "./exposure.ts";
export { type BybitSessionOptions, type BybitSettings, bybitDefaults } from "./options.ts";
export type { BybitReconciliation } from "./recovery.ts";

/**
 * A Bybit session: Disconnection Protect configured and read back, and a private connection subscribed and pinging.
 *
 * It is `armed` only while four things hold: every product is enabled, its window is the one asked for, both read back
 * within `verifyEveryMs`, the connection's topics were acknowledged within that as well, and its last ping was answered.
 *
 * @throws SessionError, fatal, at once, for an option that cannot be right.
 * @see https://bybit-exchange.github.io/docs/v5/order/dcp
 */
export function bybit(options: BybitSessionOptions): BybitGuarded {
	return new BybitSession(options);
}
