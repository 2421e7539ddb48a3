import { randomBytes } from "node:crypto";
import type { components } from "../generated/ibkr-session.ts";
import type { SimFaults, WireReply, WireRequest } from "../venue.ts";
import { errorReply, json, problem } from "./build-replies.ts";
import { IbkrOAuth1, type IbkrOAuthFault, withoutConsumer } from "./oauth1-server.ts";
import type { IbkrSettings } from "./options.ts";
import type { IbkrSession } from "./session.ts";
import { findInvalidPart } from "./verify-jwt.ts";

type Schemas = components["schemas"];

/** The endpoints of OAuth 1.0a and OAuth 2.0, and the authorization of API calls. */
export class IbkrOAuth {
	readonly faults: SimFaults<IbkrOAuthFault>;
	readonly #settings: IbkrSettings;
	readonly #session: IbkrSession;
	readonly #oauth1: IbkrOAuth1 | undefined;
	#accessToken: string | undefined;
	#sessionBearer: { readonly token: string; readonly address: unknown } | undefined;

	constructor(settings: IbkrSettings, session: IbkrSession) {
		this.#settings = settings;
		this.#session = session;
		this.#oauth1 = settings.consumer && new IbkrOAuth1(settings.consumer, settings, () => session.login());
		this.faults = this.#oauth1?.faults ?? withoutConsumer;
	}

	/** Invalidates the session tokens. */
	endLogin(): void {
		this.#oauth1?.endLogin();
		this.#sessionBearer = undefined;
	}

	/** Whether a request is authorized, or the error reply that says what is wrong with its authorization. */
	authorize(request: WireRequest): boolean | WireReply {
		const { headers, remoteAddress } = request;
		const header = headers["authorization"];
		const { mode, client } = this.#settings;
		if (mode === "gateway") return true;
		if (mode === "oauth1") {
			if (!this.#oauth1) return header?.startsWith("OAuth ") === true;
			return this.#oauth1.authorize(request);
		}
		const bearer = this.#sessionBearer;
		if (bearer === undefined || header !== `Bearer ${bearer.token}`) return false;
		return client?.bindAddress !== true || bearer.address === remoteAddress;
	}

	/** Whether the query of a WebSocket handshake has a valid token. */
	authorizesSocket(query: URLSearchParams): boolean {
		const { mode, client } = this.#settings;
		if (mode === "gateway") return true;
		if (mode === "oauth1") {
			const token = query.get("oauth_token");
			return token !== null && (this.#oauth1?.hasAccessToken(token) ?? true);
		}
		const token = query.get("bearer_token");
		return token !== null && (client === undefined || token === this.#sessionBearer?.token);
	}

	/** The reply to an OAuth call; undefined for any other call. */
	reply(request: WireRequest): WireReply | undefined {
		const { method, url, headers, body } = request;
		if (method !== "POST") return undefined;
		const authorization = headers["authorization"];
		switch (url.pathname) {
			case "/v1/api/oauth/request_token":
				if (this.#oauth1) return this.#oauth1.requestToken(request);
				return replyIfSigned(authorization, () => ({ oauth_token: hex(10) }) satisfies Schemas["OAuthRequestToken"]);
			case "/v1/api/oauth/access_token":
				if (this.#oauth1) return this.#oauth1.accessToken(request);
				return replyIfSigned(
					authorization,
					() =>
						({
							is_paper: true,
							oauth_token: hex(10),
							oauth_token_secret: randomBytes(256).toString("base64"),
						}) satisfies Schemas["OAuthAccessToken"],
				);
			case "/v1/api/oauth/live_session_token":
				if (this.#oauth1) return this.#oauth1.liveSessionToken(request);
				return replyIfSigned(authorization, () => {
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
		const { client } = this.#settings;
		const now = Math.floor((Date.now() + this.#settings.clockOffsetMs) / 1_000);
		const isWellFormed =
			type?.startsWith("application/x-www-form-urlencoded") &&
			form.get("grant_type") === "client_credentials" &&
			form.get("scope") === "sso-sessions.write" &&
			form.get("client_assertion_type") === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" &&
			isJwt(form.get("client_assertion"));
		if (!isWellFormed) return problem(400, "Bad Request");
		const expectedClaims = client && { iss: client.id, sub: client.id, aud: "/token" };
		const invalidPart =
			client && findInvalidPart(form.get("client_assertion") ?? "", client, { ...expectedClaims }, now);
		if (invalidPart) return problem(400, `Invalid client assertion: ${invalidPart}`);
		this.#accessToken = hex(32);
		return json({
			access_token: this.#accessToken,
			token_type: "Bearer",
			scope: "sso-sessions.write",
			expires_in: 86_399,
		} satisfies Schemas["OAuth2Token"]);
	}

	#ssoSession(authorization: string | undefined, type: string | undefined, body: string): WireReply {
		if (this.#accessToken === undefined || authorization !== `Bearer ${this.#accessToken}`) {
			return problem(401, "Access token expired");
		}
		if (type !== "application/jwt" || !isJwt(body)) return problem(400, "Bad Request");
		const { client } = this.#settings;
		const now = Math.floor((Date.now() + this.#settings.clockOffsetMs) / 1_000);
		const invalidPart = client && findInvalidPart(body, client, { iss: client.id, credential: client.credential }, now);
		if (invalidPart) return problem(403, `Invalid session request: ${invalidPart}`);
		// The cast is safe: each member is checked before it is used.
		const claims = client && (JSON.parse(Buffer.from(body.split(".")[1] ?? "", "base64url").toString()) as object);
		const address = claims && "ip" in claims ? claims.ip : undefined;
		if (client && typeof address !== "string") return problem(400, "Invalid session request: ip");
		this.#sessionBearer = { token: hex(32), address };
		this.#session.login();
		const { token } = this.#sessionBearer;
		const session: Schemas["SsoSession"] = { active: true, access_token: token, token_type: "Bearer" };
		return json(session);
	}
}

function replyIfSigned(authorization: string | undefined, reply: () => object): WireReply {
	if (!authorization?.startsWith("OAuth ")) return errorReply(401, "id: 1, error: invalid consumer");
	return json(reply());
}

function isJwt(value: string | null): boolean {
	return value !== null && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(value);
}

function hex(bytes: number): string {
	return randomBytes(bytes).toString("hex");
}
