import { monotonicMs } from "@x/base/clock";
import { createHttp } from "./http/http.ts";
import { type IbkrCallOptions, type IbkrHttpOptions, resolveHttpOptions } from "./options.ts";
import { readAccounts } from "./session/accounts.ts";
import { readInit, resolveInitRequest } from "./session/init.ts";
import { readLogout } from "./session/logout.ts";
import type { IbkrOutcomes } from "./session/outcomes.ts";
import { readReauthenticate } from "./session/reauthenticate.ts";
import { isMethodRefused, readStatus } from "./session/status.ts";
import { readTickle } from "./session/tickle.ts";
import { readValidate } from "./session/validate.ts";

/**
 * The session calls of the IBKR Web API.
 *
 * Each returns what the venue said about the session, and throws an {@link IbkrError} when nothing was learned about it. No
 * call is retried, except `status` with the other method. Each waits for the rate limiter, and none is sent for 15 minutes after a 429.
 *
 * @see https://www.interactivebrokers.com/campus/ibkr-api-page/cpapi-v1/
 */
export interface IbkrHttp {
	/** Opens the brokerage session. `accepted` does not mean ready: poll `status()`. */
	init(
		request?: {
			/** Publish the session token. Default true; the venue answers false with 500. */
			readonly publish?: boolean;
			/** Whether to end another brokerage session of the same user. Default false: the other session keeps the user. */
			readonly compete?: boolean;
		},
		options?: IbkrCallOptions,
	): Promise<IbkrOutcomes["init"]>;
	/** The state of the brokerage session. Asked by POST or GET: if the venue refuses one, the other is sent at once. */
	status(options?: IbkrCallOptions): Promise<IbkrOutcomes["status"]>;
	/** Keeps the Web API session and the brokerage session from timing out, and returns their state. Call it once a minute. */
	tickle(options?: IbkrCallOptions): Promise<IbkrOutcomes["tickle"]>;
	/** Whether the login is valid. At most once a minute. Not for OAuth 1.0a. */
	validate(options?: IbkrCallOptions): Promise<IbkrOutcomes["validate"]>;
	/**
	 * Opens the brokerage session again, with a login that is valid. `triggered` means accepted, not done.
	 *
	 * @deprecated The venue replaced it by `init`; newer servers answer 404.
	 */
	reauthenticate(options?: IbkrCallOptions): Promise<IbkrOutcomes["reauthenticate"]>;
	/** Ends the session and clears its cookies. At a gateway, a person must log in again. Orders stay in the book. */
	logout(options?: IbkrCallOptions): Promise<IbkrOutcomes["logout"]>;
	/** The accounts, which the venue returns only in a working brokerage session. Call it once after the session opened. */
	accounts(options?: IbkrCallOptions): Promise<IbkrOutcomes["accounts"]>;
}

/**
 * Creates a client of one session. Nothing is sent before the first call.
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
