import type { Protection } from "../../session.ts";

/**
 * What IBKR does with working orders when a session ends: nothing, so there is no exposure to compute.
 *
 * No document of the venue names a cancel on disconnect for this API, and the end of a session is not among the reasons
 * it gives for a cancel. A DAY order lives to the close of the market, a GTC order until it is filled or cancelled.
 */
export const protection: Protection = Object.freeze({
	state: "unsupported",
	reason: "IBKR cancels no orders when a session ends: they keep working at the exchange by their time in force",
});
