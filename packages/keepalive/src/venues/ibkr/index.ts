import { type IbkrSessionOptions, resolveIbkrOptions } from "./options.ts";
import { IbkrKeptSession, type IbkrSession } from "./session.ts";

export type { IbkrRegion } from "./calendar.ts";
export type { IbkrLayer, IbkrLayers, IbkrLoss } from "./layers.ts";
export type { IbkrAttemptCount } from "./limits.ts";
export type { IbkrSessionOptions } from "./options.ts";
export type { IbkrAgain, IbkrRepair } from "./recovery.ts";
export type { IbkrSession } from "./session.ts";
export type { IbkrSessionSocketOptions } from "./socket-options.ts";

/**
 * A brokerage session at Interactive Brokers.
 *
 * Opening looks before it acts: it asks for a brokerage session only when there is none, never takes it from another
 * program of the user unless `compete` is true, and counts as open only when the status is ready and the accounts are
 * answered. Each beat is a tickle whose reply proves both sessions.
 *
 * The protection is `unsupported`: working orders outlive every session here.
 *
 * @throws TypeError or IbkrError (kind `options`) that names the option.
 */
export function ibkr(options: IbkrSessionOptions = {}): IbkrSession {
	return new IbkrKeptSession(resolveIbkrOptions(options));
}
