import type { IbkrNoSession } from "@x/ibkr-session";

/** In the middle of an opening the venue said that there is no Web API session. Never leaves the opening. */
export class LoginLost extends Error {
	override readonly name = "LoginLost";
	readonly outcome: IbkrNoSession;
	/** An init said so, where the login may well be good: a refused one is answered in that way too. */
	readonly byInit: boolean;

	constructor(outcome: IbkrNoSession, byInit = false) {
		super(outcome.because);
		this.outcome = outcome;
		this.byInit = byInit;
	}
}
