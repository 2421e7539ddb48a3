import type { OkxSessionOptions } from "./options.ts";
import { OkxSession } from "./session.ts";

export { okxExposureMs } from "./exposure.ts";
export type { OkxSessionOptions } from "./options.ts";
export type { OkxLoss, OkxRecovery } from "./session-losses.ts";
export type { OkxSession };

/**
 * Creates a session at OKX, to be run by a keeper. OKX cancels all orders of the account when a countdown ends, and the keeper's regular
 * call (its beat) restarts the countdown.
 *
 * @typeParam Name - the literal name, so that the keeper's types know the names of its sessions.
 * @throws OptionError for an option that is not allowed.
 * @see https://www.okx.com/docs-v5/en/
 */
export function okx<const Name extends string = "okx">(options: OkxSessionOptions<Name>): OkxSession<Name> {
	return new OkxSession(options);
}
