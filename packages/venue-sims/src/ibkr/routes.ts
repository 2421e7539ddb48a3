import type { components } from "../generated/ibkr-session.ts";
import type { WireReply, WireRequest } from "../venue.ts";
import { accountsReply, portfolioAccountsReply } from "./account-replies.ts";
import { empty, errorReply, html, json, jsonWithoutType, redirectToLoginPage, text } from "./build-replies.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrOrderCalls } from "./order-calls.ts";
import type { IbkrSession } from "./session.ts";

type Schemas = components["schemas"];

/** Answers the API calls, whose paths no longer have the prefix `/v1/api` or `/v1/portal`. */
export class IbkrRoutes {
	readonly #settings: IbkrSettings;
	readonly #session: IbkrSession;
	readonly #orderCalls: IbkrOrderCalls;
	/** Whether the nightly reset is in progress. */
	isResetting = false;
	/** Whether `/sso/validate` replies that the login is invalid, even while it is valid. */
	validatesFalse = false;

	constructor(settings: IbkrSettings, session: IbkrSession, orderCalls: IbkrOrderCalls) {
		this.#settings = settings;
		this.#session = session;
		this.#orderCalls = orderCalls;
	}

	/**
	 * The reply to a request.
	 *
	 * @param isAuthorized - whether the request has valid credentials.
	 */
	reply(request: WireRequest, path: string, isAuthorized: boolean): WireReply {
		if (this.isResetting && path.startsWith("/iserver/")) return empty(503);
		const loggedIn = isAuthorized && this.#session.loggedIn;
		const reply = loggedIn ? this.#replyLoggedIn(request, path) : this.#replyLoggedOut(path);
		// Each request of a logged-in user keeps the session alive.
		if (loggedIn) this.#session.touch();
		return reply;
	}

	#replyLoggedOut(path: string): WireReply {
		const { loggedOut, redirectToLogin } = this.#settings;
		const denied = redirectToLogin ? redirectToLoginPage() : text(401, "Access Denied");
		switch (path) {
			case "/tickle":
				return loggedOut.tickle === 200 ? json({ error: "no session" }) : denied;
			case "/iserver/auth/status":
				return loggedOut.status === 200 ? json(this.#session.status()) : denied;
			case "/iserver/auth/ssodh/init":
				if (loggedOut.init === 503) return errorReply(503, "service unavailable");
				return loggedOut.init === 410 ? empty(410) : denied;
			case "/sso/validate":
				return loggedOut.validate === 200 ? json({ RESULT: false }) : denied;
			case "/logout":
				return loggedOut.logout === 200 ? jsonWithoutType({ status: true }) : denied;
			default:
				return denied;
		}
	}

	#replyLoggedIn(request: WireRequest, path: string): WireReply {
		switch (`${request.method} ${path}`) {
			case "POST /tickle":
			case "GET /tickle":
				return json(this.#tickle());
			case "POST /iserver/auth/status":
			case "GET /iserver/auth/status":
				if (!["both", request.method].includes(this.#settings.statusVerb)) return errorReply(400, "Bad Request");
				return json(this.#session.status());
			case "POST /iserver/auth/ssodh/init":
				return this.#init(request);
			case "GET /iserver/reauthenticate":
			case "POST /iserver/reauthenticate":
				if (!this.#settings.reauthenticate) return html(404, "Resource not found");
				this.#session.init(false);
				return json({ message: "triggered" });
			case "GET /sso/validate":
				if (this.#settings.mode === "oauth1") return text(401, "Access Denied");
				return json(this.validatesFalse ? { RESULT: false } : this.#validate());
			case "POST /logout":
			case "GET /logout":
				if (this.#settings.logoutEndsLogin) this.#session.endLogin();
				else this.#session.endBrokerage();
				return jsonWithoutType({ status: true });
			case "GET /iserver/accounts":
				return this.#accounts();
			case "GET /portfolio/accounts":
				return json(portfolioAccountsReply(this.#session));
			default:
				return this.#orderCalls.reply(request, path) ?? html(404, "Resource not found");
		}
	}

	#tickle(): Schemas["SuccessfulTickleResponse"] {
		const gatewayFields = { ssoExpires: this.#session.ssoExpires(), collission: false, userId: 100_000_001 };
		return {
			session: this.#session.id,
			...(this.#settings.mode === "oauth1" ? {} : gatewayFields),
			hmds: { error: "no bridge" },
			iserver: { authStatus: this.#session.details() },
		};
	}

	#init(request: WireRequest): WireReply {
		const flags = initFlags(request);
		if (flags.publish === "false") return json({ error: "failed to generate sso dh token" }, 500);
		return json(this.#session.init(flags.compete === "true"));
	}

	#validate() {
		const { loggedInAt, isPaper } = this.#session;
		const { userName, loginMs, expires, region } = this.#settings;
		const end = loggedInAt + loginMs;
		return {
			SFT: 1,
			IS_PENDING_APPLICANT: false,
			SF_ENABLED: true,
			HARDWARE_INFO: "",
			UNIQUE_LOGIN_ID: `sim-login-${loggedInAt}`,
			AUTH_TIME: loggedInAt,
			SF_CONFIG: "",
			USER_NAME: userName,
			CREDENTIAL_TYPE: 0,
			IS_FREE_TRIAL: false,
			LOGIN_TYPE: isPaper ? 2 : 1,
			LANDING_APP: "PORTAL",
			CREDENTIAL: userName,
			ANOMALOUS_LOGIN: false,
			RESULT: true,
			IP: "192.0.2.1",
			USER_ID: 100_000_001,
			EXPIRES: expires === "instant" ? end : end - Date.now(),
			TOKEN: this.#session.id,
			took: 1,
			IS_MASTER: false,
			features: {
				env: "PROD",
				wlms: true,
				realtime: true,
				bond: true,
				optionChains: true,
				calendar: true,
				newMf: true,
			},
			region,
		};
	}

	#accounts(): WireReply {
		const { accountsWithoutBrokerage, accountsWhileLoading } = this.#settings;
		switch (this.#session.brokerage) {
			case "none":
				return accountsWithoutBrokerage === 401
					? text(401, "not authenticated")
					: errorReply(400, "Bad Request: no bridge");
			case "loading":
				return accountsWhileLoading === 200 ? json({}) : errorReply(400, "Bad Request: no bridge");
			case "taken":
				return json({});
			case "live":
				this.#session.accountsAsked = true;
				return json(accountsReply(this.#session));
		}
	}
}

/**
 * The flags of a call to `/iserver/auth/ssodh/init`, which the venue accepts as JSON booleans, as JSON strings, in a form and in the query.
 */
function initFlags({ url, headers, body }: WireRequest): { publish?: string; compete?: string } {
	const query = Object.fromEntries(url.searchParams);
	if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
		return { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
	}
	try {
		const flags: unknown = body === "" ? {} : JSON.parse(body);
		// The cast is safe for any JSON value. `Object.entries` throws for null, which the `catch` below handles, and returns no flags for a
		// number or boolean. The values of the flags are converted to strings.
		const entries = Object.entries(flags as Record<string, unknown>);
		return { ...query, ...Object.fromEntries(entries.map(([name, value]) => [name, String(value)])) };
	} catch {
		return query;
	}
}
