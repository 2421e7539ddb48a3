import { randomBytes } from "node:crypto";
import type { components } from "../generated/ibkr-session.ts";
import type { SimFault, WireReply, WireRequest } from "../venue.ts";
import { IbkrConsumerDesk } from "./consumer-desk.ts";
import { jwtFault } from "./jwt.ts";
import type { IbkrSettings } from "./options.ts";
import { fault, json, problem } from "./replies.ts";
import type { IbkrSession } from "./session.ts";

type Schemas = components["schemas"];

/** The OAuth calls of both versions. */
export class IbkrOAuthDesk {
	readonly faults: Readonly<Record<string, SimFault>>;
	readonly #settings: IbkrSettings;
	readonly #session: IbkrSession;
	readonly #consumer: IbkrConsumerDesk | undefined;
	#bearer: string | undefined;
	#sessionBearer: { readonly token: string; readonly address: unknown } | undefined;

	constructor(settings: IbkrSettings, session: IbkrSession) {
		this.#settings = settings;
		this.#session = session;
		this.#consumer = settings.consumer && new IbkrConsumerDesk(settings.consumer, settings, () => session.login());
		this.faults = this.#consumer?.faults ?? {};
	}

	/** The tokens of a login that ended are worth nothing. */
	forget(): void {
		this.#consumer?.forget();
		this.#sessionBearer = undefined;
	}

	/** Whether a request carries what its mode asks for; or the refusal that says what is wrong with it. */
	proves({ method, url, headers, remoteAddress }: WireRequest): boolean | WireReply {
		const header = headers["authorization"];
		const { mode, client } = this.#settings;
		if (mode === "gateway") return true;
		if (mode === "oauth1") {
			if (!this.#consumer) return header?.startsWith("OAuth ") === true;
			return this.#consumer.provesCall({ method, url, header });
		}
		const bearer = this.#sessionBearer;
		if (bearer === undefined || header !== `Bearer ${bearer.token}`) return false;
		return client?.bindAddress !== true || bearer.address === remoteAddress;
	}

	/** Whether a handshake's query names the token that its mode asks for. */
	provesSocket(query: URLSearchParams): boolean {
		const { mode, client } = this.#settings;
		if (mode === "gateway") return true;
		if (mode === "oauth1") {
			const token = query.get("oauth_token");
			return token !== null && (this.#consumer?.knows(token) ?? true);
		}
		const token = query.get("bearer_token");
		return token !== null && (client === undefined || token === this.#sessionBearer?.token);
	}

	/** The reply to an OAuth call, or undefined for any other. */
	reply(request: WireRequest): WireReply | undefined {
		const { method, url, headers, body } = request;
		if (method !== "POST") return undefined;
		const authorization = headers["authorization"];
		switch (url.pathname) {
			case "/v1/api/oauth/request_token":
				if (this.#consumer) return this.#consumer.requestToken(request);
				return signed(authorization, () => ({ oauth_token: hex(10) }) satisfies Schemas["OAuthRequestToken"]);
			case "/v1/api/oauth/access_token":
				if (this.#consumer) return this.#consumer.accessToken(request);
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
				if (this.#consumer) return this.#consumer.liveSessionToken(request);
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
		const { client } = this.#settings;
		const now = Math.floor((Date.now() + this.#settings.clockOffsetMs) / 1_000);
		const asked =
			type?.startsWith("application/x-www-form-urlencoded") &&
			form.get("grant_type") === "client_credentials" &&
			form.get("scope") === "sso-sessions.write" &&
			form.get("client_assertion_type") === "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" &&
			isJwt(form.get("client_assertion"));
		if (!asked) return problem(400, "Bad Request");
		const due = client && { iss: client.id, sub: client.id, aud: "/token" };
		const wrong = client && jwtFault(form.get("client_assertion") ?? "", client, { ...due }, now);
		if (wrong) return problem(400, `Invalid client assertion: ${wrong}`);
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
		const { client } = this.#settings;
		const now = Math.floor((Date.now() + this.#settings.clockOffsetMs) / 1_000);
		const wrong = client && jwtFault(body, client, { iss: client.id, credential: client.credential }, now);
		if (wrong) return problem(403, `Invalid session request: ${wrong}`);
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
