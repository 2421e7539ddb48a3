import { monotonicMs } from "@x/base/clock";
import { createHttp } from "./http/http-client.ts";
import { type IbkrCallOptions, type IbkrHttpOptions, resolveHttpOptions } from "./options.ts";
import { readAccounts } from "./session/accounts.ts";
import type { IbkrOutcomes } from "./session/call-outcomes.ts";
import { readInit, resolveInitRequest } from "./session/init.ts";
import { readLogout } from "./session/logout.ts";
import { readReauthenticate } from "./session/reauthenticate.ts";
import { isMethodRefused, readStatus } from "./session/status.ts";
import { readTickle } from "./session/tickle.ts";
import { readValidate } from "./session/validate.ts";

/**
 * The session calls of the IBKR Web API.
 *
 * Each call returns what the venue said about the session, and throws an {@link IbkrError} when the reply says nothing
 * about the session. No call is retried, except that `status` tries the other HTTP method if the venue refuses the
 * first. Each call waits for the rate limiter, and no call is sent for 15 minutes after a reply with status 429.
 *
 * @see https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/
 */
export interface IbkrHttp {
	/**
	 * Opens the brokerage session. The outcome `accepted` does not mean that the session is ready: poll `status()` until
	 * it is.
	 */
	init(
		request?: {
			/** Whether to publish the session token. Default true; if false, the venue refuses the call with status 500. */
			readonly publish?: boolean;
			/** Whether to end another brokerage session of the same user. Default false: the other session continues. */
			readonly compete?: boolean;
		},
		options?: IbkrCallOptions,
	): Promise<IbkrOutcomes["init"]>;
	/**
	 * The state of the brokerage session. The call is sent by POST or GET: if the venue refuses one method, the call is
	 * sent by the other method at once.
	 */
	status(options?: IbkrCallOptions): Promise<IbkrOutcomes["status"]>;
	/**
	 * Keeps the Web API session and the brokerage session from timing out, and returns their state. Make this call once a
	 * minute.
	 */
	tickle(options?: IbkrCallOptions): Promise<IbkrOutcomes["tickle"]>;
	/**
	 * Returns whether the login is valid. The venue allows this call once a minute, and does not allow it with OAuth 1.0a.
	 */
	validate(options?: IbkrCallOptions): Promise<IbkrOutcomes["validate"]>;
	/**
	 * Opens the brokerage session again, if the login is valid. The outcome `triggered` means that the request was
	 * accepted, not that the session is open.
	 *
	 * @deprecated The venue replaced this call by `init`; newer servers answer 404.
	 */
	reauthenticate(options?: IbkrCallOptions): Promise<IbkrOutcomes["reauthenticate"]>;
	/** Ends the session and clears the client's cookies. At a gateway, a person must then log in again. Orders stay in the book. */
	logout(options?: IbkrCallOptions): Promise<IbkrOutcomes["logout"]>;
	/**
	 * The accounts, which the venue returns only in a working brokerage session. Make this call once after the session has
	 * opened.
	 */
	accounts(options?: IbkrCallOptions): Promise<IbkrOutcomes["accounts"]>;
}

/**
 * Creates a client for one session. Nothing is sent before the first call.
 *
 * @throws OptionError.
 */
export function createIbkrHttp(options: IbkrHttpOptions = {}): IbkrHttp {
	const settings = resolveHttpOptions(options);
	const { ask, cookies } = createHttp(settings.baseUrl, settings);
	const askStatus = (options: IbkrCallOptions, method: "GET" | "POST") =>
		ask((api) => api.POST("/iserver/auth/status"), options, method);
	let statusMethod: "GET" | "POST" = "POST";
	return Object.freeze<IbkrHttp>({
		init: async (request = {}, options) => {
			const body = resolveInitRequest(request);
			return readInit(await ask((api) => api.POST("/iserver/auth/ssodh/init", { body }), options));
		},
		status: async (options = {}) => {
			const startedAt = monotonicMs();
			const answer = await askStatus(options, statusMethod);
			if (!isMethodRefused(answer)) return readStatus(answer);
			const other = statusMethod === "POST" ? "GET" : "POST";
			const { timeoutMs = settings.callTimeoutMs } = options;
			const left = Math.max(1, timeoutMs - (monotonicMs() - startedAt));
			const second = await askStatus({ ...options, timeoutMs: left }, other);
			if (isMethodRefused(second)) return readStatus(answer);
			statusMethod = other;
			return readStatus(second);
		},
		tickle: async (options) => readTickle(await ask((api) => api.POST("/tickle"), options), Date.now()),
		validate: async (options) => readValidate(await ask((api) => api.GET("/sso/validate"), options), Date.now()),
		reauthenticate: async (options) =>
			readReauthenticate(await ask((api) => api.GET("/iserver/reauthenticate"), options)),
		logout: async (options) => {
			const outcome = readLogout(await ask((api) => api.POST("/logout"), options));
			if (outcome.kind !== "unconfirmed") cookies.clear();
			return outcome;
		},
		accounts: async (options) => readAccounts(await ask((api) => api.GET("/iserver/accounts"), options)),
	});
}
