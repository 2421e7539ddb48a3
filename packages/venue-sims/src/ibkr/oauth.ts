import { randomBytes } from "node:crypto";
import type { components } from "../generated/ibkr-session.ts";
import type { WireReply, WireRequest } from "../venue.ts";
import { fault, json, problem } from "./replies.ts";
import type { IbkrSession } from "./session.ts";

type Schemas = components["schemas"];

/** The OAuth calls: forms and shapes as documented. No signature is checked. */
export class IbkrOAuthDesk {
	readonly #session: IbkrSession;
	#bearer: string | undefined;
	#sessionBearer: string | undefined;

	constructor(session: IbkrSession) {
		this.#session = session;
	}

	/** True when a request carries what its mode asks for. */
	proves(mode: "gateway" | "oauth1" | "oauth2", header: string | undefined): boolean {
		if (mode === "gateway") return true;
		if (mode === "oauth1") return header?.startsWith("OAuth ") === true;
		return this.#sessionBearer !== undefined && header === `Bearer ${this.#sessionBearer}`;
	}

	/** The reply to an OAuth call, or undefined for any other. */
	reply({ method, url, headers, body }: WireRequest): WireReply | undefined {
		if (method !== "POST") return undefined;
		const authorization = headers["authorization"];
		switch (url.pathname) {
			case "/v1/api/oauth/request_token":
				return signed(authorization, () => ({ oauth_token: hex(10) }) satisfies Schemas["OAuthRequestToken"]);
			case "/v1/api/oauth/access_token":
				return signed(
					authorization,
					() =>
						({
							is_paper: true,
							oauth_token: hex(10),
							oauth_token_secret: randomBytes(256).toString("base64"),
						}) satisfies Schemas["OAuthAccessToken"],
				);
			case "/v1/api/oauth/live_session_token":
				return signed(authorization, () => {
					this.#session.login();
					return {
						diffie_hellman_response: hex(256),
						live_session_token_signature: hex(20),
						live_session_token_expiration: Date.now() + 86_400_000,
					} satisfies Schemas["OAuthLiveSessionToken"];
				});
			case "/oauth2/api/v1/token":
				return this.#token(headers["content-type"], body);
			case "/gw/api/v1/sso-sessions":
				return this.#ssoSession(authorization, headers["content-type"], body);
			default:
				return undefined;
		}
	}

	#token(type: string | undefined, body: string): WireReply {
		const form = new URLSearchParams(body);
		const asked =
			type?.startsWith("application/x-www-form-urlencoded") &&
			form.get("grant_type") === "client_credentials" &&
			form.get("scope") === "sso-sessions.write" &&
			form.get("client_assertion_type") === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" &&
			isJwt(form.get("client_assertion"));
		if (!asked) return problem(400, "Bad Request");
		this.#bearer = hex(32);
		return json({
			access_token: this.#bearer,
			token_type: "Bearer",
			scope: "sso-sessions.write",
			expires_in: 86_399,
		} satisfies Schemas["OAuth2Token"]);
	}

	#ssoSession(authorization: string | undefined, type: string | undefined, body: string): WireReply {
		if (this.#bearer === undefined || authorization !== `Bearer ${this.#bearer}`) {
			return problem(401, "Access token expired");
		}
		if (type !== "application/jwt" || !isJwt(body)) return problem(400, "Bad Request");
		this.#sessionBearer = hex(32);
		this.#session.login();
		const session: Schemas["SsoSession"] = { active: true, access_token: this.#sessionBearer, token_type: "Bearer" };
		return json(session);
	}
}

function signed(authorization: string | undefined, reply: () => object): WireReply {
	if (!authorization?.startsWith("OAuth ")) return fault(401, "id: 1, error: invalid consumer");
	return json(reply());
}

function isJwt(value: string | null): boolean {
	return value !== null && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value);
}

function hex(bytes: number): string {
	return randomBytes(bytes).toString("hex");
}
