import type { OkxSessionOptions } from "./options.ts";
import { OkxSession } from "./session.ts";

export { okxExposureMs } from "./exposure.ts";
export type { OkxSessionOptions } from "./options.ts";
export type { OkxLoss, OkxRecovery } from "./recovery.ts";
export type { OkxSession };

/**
 * A session at OKX for a keeper: a countdown for all orders of the account, which each beat restarts.
 *
 * @typeParam Name - the literal name, so that a keeper knows its sessions by name.
 * @throws OptionError for an option that is not allowed.
 * @see https://www.okx.com/docs-v5/en/
 */
export function okx<const Name extends string = "okx">(options: OkxSessionOptions<Name>): OkxSession<Name> {
	return new OkxSession(options);
}
