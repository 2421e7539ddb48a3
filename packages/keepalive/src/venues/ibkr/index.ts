import type { IbkrSessionOptions } from "./options.ts";
import { IbkrSession } from "./session.ts";

export { inspectIbkr } from "./inspect.ts";
export type { IbkrAttemptCount } from "./limits.ts";
export { type IbkrSessionOptions, type IbkrSessionSocketOptions, ibkrSessionDefaults } from "./options.ts";
export type { IbkrSession } from "./session.ts";
export type { IbkrLayer, IbkrLayers } from "./session-layers.ts";
export type { IbkrLoss } from "./session-losses.ts";

/**
 * Creates a session that keeps a brokerage session at Interactive Brokers alive.
 *
 * open() first reads the status. It initializes a brokerage session only if there is none. It takes a brokerage session over from another
 * program of the user only if `compete` allows this. The session is open once the status is ready and IBKR has answered with the
 * accounts. Each beat is a tickle, whose reply proves the login and the brokerage session. If one answer says that the login or the
 * brokerage session is gone, the session asks IBKR again before it reports a loss.
 *
 * The protection is `unsupported`: IBKR cancels no working orders when a session ends.
 *
 * @throws OptionError that names the option, before anything is sent.
 */
export function ibkr<const Name extends string = "ibkr">(options: IbkrSessionOptions<Name> = {}): IbkrSession<Name> {
	return new IbkrSession(options);
}
