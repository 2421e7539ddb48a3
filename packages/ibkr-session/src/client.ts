import { type BodyOf, createHttp } from "./http/http.ts";
import { type IbkrHttpOptions, resolveOptions } from "./options.ts";
import { accountsCall, type IbkrAccountsOutcome, readAccounts } from "./session/accounts.ts";
import { checkInitRequest, type IbkrInitOutcome, type IbkrInitRequest, initCall, readInit } from "./session/init.ts";
import { type IbkrLogoutOutcome, logoutCall, readLogout } from "./session/logout.ts";
import { type IbkrReauthenticateOutcome, readReauthenticate, reauthenticateCall } from "./session/reauthenticate.ts";
import { type IbkrStatusOutcome, readStatus, statusCall } from "./session/status.ts";
import { type IbkrTickleOutcome, readTickle, tickleCall } from "./session/tickle.ts";
import { type IbkrValidateOutcome, readValidate, validateCall } from "./session/validate.ts";

/**
 * The calls that keep a session of the IBKR Web API.
 *
 * Each gives an outcome: what the venue said about the session. Each throws an {@link IbkrError} when nothing was learned
 * about it. No call is repeated. Each waits for its turn by the venue's pace, and none is sent for 15 minutes after a 429.
 *
 * @see https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/
 */
export interface IbkrHttp {
	/** Opens the brokerage session. `accepted` is not `ready`: ask `status()` until it is. */
	init(request?: IbkrInitRequest, signal?: AbortSignal): Promise<IbkrInitOutcome>;
	/** How the brokerage session stands. */
	status(signal?: AbortSignal): Promise<IbkrStatusOutcome>;
	/** Keeps both sessions from ending for want of requests, and tells how they stand. Once a minute. */
	tickle(signal?: AbortSignal): Promise<IbkrTickleOutcome>;
	/** Whether the login is good. At most once a minute. Not for OAuth 1.0a. */
	validate(signal?: AbortSignal): Promise<IbkrValidateOutcome>;
	/**
	 * Asks a login that is good for its brokerage session again. `triggered` means accepted, not done.
	 *
	 * @deprecated The venue replaced it by `init`; newer servers answer 404.
	 */
	reauthenticate(signal?: AbortSignal): Promise<IbkrReauthenticateOutcome>;
	/** Ends the session and forgets its cookies. At a gateway a person has to log in again. Orders stay. */
	logout(signal?: AbortSignal): Promise<IbkrLogoutOutcome>;
	/** The accounts, which only a working brokerage session gives. To be asked once after it opened. */
	accounts(signal?: AbortSignal): Promise<IbkrAccountsOutcome>;
}

/**
 * Makes a client of one session. Nothing is sent before the first call.
 *
 * @throws IbkrError of kind `options`.
 */
export function createIbkrHttp(options: IbkrHttpOptions = {}): IbkrHttp {
	const settings = resolveOptions(options);
	const { ask, cookies } = createHttp(settings.baseUrl, settings);
	return Object.freeze<IbkrHttp>({
		init: async (request = {}, signal) => {
			const type = "application/json";
			const body: BodyOf<typeof initCall, typeof type> = checkInitRequest(request);
			return readInit(await ask(initCall, signal, { type, text: JSON.stringify(body) }));
		},
		status: async (signal) => readStatus(await ask(statusCall, signal)),
		tickle: async (signal) => readTickle(await ask(tickleCall, signal), Date.now()),
		validate: async (signal) => readValidate(await ask(validateCall, signal), Date.now()),
		reauthenticate: async (signal) => readReauthenticate(await ask(reauthenticateCall, signal)),
		logout: async (signal) => {
			const outcome = readLogout(await ask(logoutCall, signal));
			if (outcome.kind !== "unconfirmed") cookies.clear();
			return outcome;
		},
		accounts: async (signal) => readAccounts(await ask(accountsCall, signal)),
	});
}
