import { type IbkrHidden, type IbkrHttp, type IbkrNoSession, type IbkrOutcomes, isIbkrError } from "@x/ibkr-session";
import { denied, replyIncomplete } from "./error-disposition.ts";
import type { OpenHistory } from "./limits.ts";
import type { IbkrSettings } from "./options.ts";
import { regionOf } from "./reset-times.ts";

/** The arguments of the functions that prove a session alive. */
export interface ProofContext {
	readonly client: IbkrHttp;
	readonly history: OpenHistory;
	readonly settings: IbkrSettings;
	readonly signal: AbortSignal;
}

/** Thrown if the venue answers that nobody is logged in. An open catches this error, because it may renew the token. */
export class LoginLost extends Error {
	override readonly name = "LoginLost";
	readonly outcome: IbkrNoSession;
	/**
	 * Whether the answer was the reply to an init. Then the login may still be good, because IBKR may only have refused the init.
	 */
	readonly isFromInit: boolean;

	constructor(outcome: IbkrNoSession, isFromInit = false) {
		super(outcome.because);
		this.outcome = outcome;
		this.isFromInit = isFromInit;
	}
}

/** @throws SessionError unless the reply to a tickle proves the brokerage session. */
export function requireLive(outcome: IbkrOutcomes["tickle"], settings: IbkrSettings): IbkrHidden<string> | undefined {
	switch (outcome.kind) {
		case "live":
			return outcome.session;
		case "not-ready":
			throw denied({ kind: "brokerage", brokerage: outcome.brokerage }, settings);
		case "unstated":
			throw replyIncomplete("tickle", "status of the brokerage session");
		default:
			throw denied(outcome, settings);
	}
}

/**
 * Proves with a tickle that somebody is logged in. Says nothing about the brokerage session.
 *
 * @throws LoginLost, or the error of the client.
 */
export async function tickleLogin(context: ProofContext): Promise<Exclude<IbkrOutcomes["tickle"], IbkrNoSession>> {
	const outcome = await context.client.tickle({ signal: context.signal });
	context.signal.throwIfAborted();
	if (outcome.kind === "no-session") throw new LoginLost(outcome);
	return outcome;
}

/**
 * Proves the login with a validation. Says nothing about the brokerage session. A validation cannot disprove the login: validations have
 * said that nobody is logged in while every tickle said that somebody is.
 *
 * @returns false if nothing was proved, because the rate limit allows no validation now, or because the reply was negative or unclear.
 * @throws what the client threw.
 */
export async function validateLogin({ client, history, signal }: Omit<ProofContext, "settings">): Promise<boolean> {
	const outcome = await client.validate({ signal }).catch((error: unknown) => {
		if (isIbkrError(error) && error.kind === "pacing") return undefined;
		throw error;
	});
	if (outcome?.kind !== "valid") return false;
	history.reportedRegion = regionOf(outcome.region) ?? history.reportedRegion;
	history.reportedLoginType = outcome.loginType;
	history.recordLogin();
	return true;
}
