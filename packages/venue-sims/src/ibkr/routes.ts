import type { components } from "../generated/ibkr-session.ts";
import type { WireReply, WireRequest } from "../venue.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrOrders } from "./orders.ts";
import { empty, errorReply, html, json, jsonWithoutType, redirectToLoginPage, text } from "./replies.ts";
import type { IbkrSession } from "./session.ts";

type Schemas = components["schemas"];

/** The API calls below the base path. */
export class IbkrRoutes {
	readonly #settings: IbkrSettings;
	readonly #session: IbkrSession;
	readonly #orders: IbkrOrders;
	/** Whether the nightly reset is in progress. */
	isResetting = false;

	constructor(settings: IbkrSettings, session: IbkrSession, orders: IbkrOrders) {
		this.#settings = settings;
		this.#session = session;
		this.#orders = orders;
	}

	/** @param isAuthorized - whether the request has valid credentials. */
	reply(request: WireRequest, path: string, isAuthorized: boolean): WireReply {
		if (this.isResetting && path.startsWith("/iserver/")) return empty(503);
		const loggedIn = isAuthorized && this.#session.loggedIn;
		const reply = loggedIn ? this.#replyLoggedIn(request, path) : this.#replyLoggedOut(path);
		// Requests keep the session alive.
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
				return json(this.#session.status());
			case "POST /iserver/auth/ssodh/init":
				return this.#init(request);
			case "GET /iserver/reauthenticate":
			case "POST /iserver/reauthenticate":
				if (!this.#settings.reauthenticate) return html(404, "Resource not found");
				this.#session.init(false);
				return json({ message: "triggered" });
			case "GET /sso/validate":
				return this.#settings.mode === "oauth1" ? text(401, "Access Denied") : json(this.#validate());
			case "POST /logout":
			case "GET /logout":
				if (this.#settings.logoutEndsLogin) this.#session.endLogin();
				else this.#session.endBrokerage();
				return jsonWithoutType({ status: true });
			case "GET /iserver/accounts":
				return this.#accounts();
			case "GET /portfolio/accounts":
				return json(this.#settings.accounts.map((id) => ({ id, accountId: id })));
			default:
				return this.#order(request, path);
		}
	}

	#tickle(): Schemas["SuccessfulTickleResponse"] {
		const gatewayFields = { ssoExpires: this.#session.ssoExpires(), collission: false, userId: 100_000_001 };
		return {
			session: this.#session.id,
			...(this.#settings.mode === "oauth1" ? {} : gatewayFields),
			hmds: { error: "no bridge" },
			iserver: { authStatus: { ...this.#session.flags(), message: "" } },
		};
	}

	#init(request: WireRequest): WireReply {
		const flags = initFlags(request);
		if (flags.publish === "false") return json({ error: "failed to generate SSO token" }, 500);
		return json(this.#session.init(flags.compete === "true"));
	}

	#validate(): Schemas["SsoValidateResponse"] {
		const end = this.#session.loggedInAt + this.#settings.loginMs;
		return {
			USER_ID: 100_000_001,
			USER_NAME: this.#settings.userName,
			RESULT: true,
			AUTH_TIME: this.#session.loggedInAt,
			SF_ENABLED: false,
			IS_FREE_TRIAL: false,
			CREDENTIAL: this.#settings.userName,
			IP: "192.0.2.1",
			EXPIRES: this.#settings.expires === "instant" ? end : end - Date.now(),
			QUALIFIED_FOR_MOBILE_AUTH: null,
			LANDING_APP: "UNIVERSAL",
			IS_MASTER: false,
			lastAccessed: this.#session.lastAccessed,
			LOGIN_TYPE: 2,
			PAPER_USER_NAME: this.#settings.userName,
			features: {
				env: "PROD",
				wlms: true,
				realtime: true,
				bond: true,
				optionChains: true,
				calendar: true,
				newMf: true,
			},
			region: this.#settings.region,
		};
	}

	#accounts(): WireReply {
		const { accountsWithoutBrokerage, accountsWhileLoading, accounts } = this.#settings;
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
				return json({ accounts: [...accounts], selectedAccount: accounts[0] ?? null });
		}
	}

	#order(request: WireRequest, path: string): WireReply {
		const [, account, resource, id] = /^\/iserver\/account\/(?:([^/]+)\/)?(orders?)(?:\/([^/]+))?$/.exec(path) ?? [];
		if (resource === undefined) return html(404, "Resource not found");
		if (this.#session.brokerage !== "live") return text(401, "not authenticated");
		if (!this.#session.accountsAsked) return errorReply(400, "Bad Request: Please query /accounts first");
		if (account === undefined && resource === "orders" && request.method === "GET") return this.#orders.replyToList();
		if (account === undefined || !this.#settings.accounts.includes(account))
			return errorReply(400, "Bad Request: account");
		if (resource === "orders" && request.method === "POST") return this.#orders.replyToPlace(request.body);
		if (resource === "order" && id !== undefined && request.method === "DELETE") return this.#orders.replyToCancel(id);
		return html(404, "Resource not found");
	}
}

/** The flags of init. The venue accepts JSON booleans, JSON strings, a form and a query. */
function initFlags({ url, headers, body }: WireRequest): { publish?: string; compete?: string } {
	const query = Object.fromEntries(url.searchParams);
	if (headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) {
		return { ...query, ...Object.fromEntries(new URLSearchParams(body)) };
	}
	try {
		const flags: unknown = body === "" ? {} : JSON.parse(body);
		const entries = Object.entries(flags as Record<string, unknown>);
		return { ...query, ...Object.fromEntries(entries.map(([name, value]) => [name, String(value)])) };
	} catch {
		return query;
	}
}
