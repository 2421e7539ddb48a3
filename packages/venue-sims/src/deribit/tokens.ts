import { randomBytes } from "node:crypto";
import type { components } from "../generated/deribit-session.ts";
import { DeribitFailure, invalid } from "./error-reply.ts";
import type { DeribitSettings } from "./options.ts";
import { grantScope } from "./token-scope.ts";
import { type SignatureCheck, signatureCheck } from "./verify-signature.ts";

/** A grant: the tokens that one login was given. */
export interface Grant {
	accessToken: string;
	refreshToken: string;
	scope: string[];
	/** When the tokens expire, in epoch milliseconds. */
	expiresAt: number;
	/** Name of the session that the tokens belong to, if any. */
	session: string | undefined;
	/**
	 * Id of the connection that the tokens belong to; undefined for tokens of a named session and for tokens issued over
	 * HTTP.
	 */
	connection: string | undefined;
	refreshedAt: number;
	/** When the named session began. */
	openedAt: number;
}

interface GrantRequest {
	scope: string | undefined;
	connection: string | undefined;
}

/** The venue's tokens and named sessions. */
export class Tokens {
	readonly #settings: DeribitSettings;
	readonly #grants = new Set<Grant>();
	readonly #usedNonces = new Set<string>();
	readonly #isSignature: SignatureCheck;
	/** Whether the credentials are rejected. Set by the fault `revoke`. */
	revoked = false;
	/** By how many milliseconds the venue's clock is ahead of this machine's. Set by the fault `skew`. */
	skewMs = 0;

	constructor(settings: DeribitSettings) {
		this.#settings = settings;
		this.#isSignature = signatureCheck(settings);
	}

	byCredentials(clientId: string, clientSecret: string, request: GrantRequest): Grant {
		this.checkCredentials(clientId, clientSecret);
		return this.#issue(request);
	}

	checkCredentials(clientId: string, clientSecret: string): void {
		const { publicKey, ...key } = this.#settings;
		// An API key with a public key has no secret, so a login by secret is always refused.
		const isValid = publicKey === undefined && clientId === key.clientId && clientSecret === key.clientSecret;
		if (this.revoked || !isValid) throw new DeribitFailure(13004);
	}

	bySignature(
		signed: { clientId: string; timestamp: number; nonce: string; data: string; signature: string },
		request: GrantRequest,
	): Grant {
		const { clientId, timestamp, nonce, data, signature } = signed;
		const isSigned = this.#isSignature(`${timestamp}\n${nonce}\n${data}`, signature);
		// If the timestamp is NaN, the comparison is false, so the timestamp is not fresh.
		const isFresh = Math.abs(Date.now() + this.skewMs - timestamp) <= 60_000;
		if (this.revoked || clientId !== this.#settings.clientId || !isSigned || !isFresh) throw new DeribitFailure(13004);
		if (nonce !== "" && this.#usedNonces.has(nonce)) throw invalid("nonce", "invalid value");
		this.#usedNonces.add(nonce);
		return this.#issue(request);
	}

	byRefreshToken(refreshToken: string, request: GrantRequest): Grant {
		const old = this.#findByRefreshToken(refreshToken, request.connection);
		this.#grants.delete(old);
		const sessionScope = old.session === undefined ? [] : [`session:${old.session}`];
		return this.#issue(
			{ ...request, scope: [request.scope ?? accessScope(old), ...sessionScope].join(" ") },
			old.openedAt,
		);
	}

	/** Issues tokens of another subaccount. The caller's own tokens stay valid. */
	exchange(refreshToken: string, subjectId: number, request: GrantRequest): Grant {
		const own = this.#findByRefreshToken(refreshToken, request.connection);
		if (!this.#settings.subaccounts.includes(subjectId)) throw invalid("subject_id", "invalid value");
		return this.#issue({ ...request, scope: request.scope ?? accessScope(own) });
	}

	fork(refreshToken: string, name: string, connection: string | undefined): Grant {
		const own = this.#findByRefreshToken(refreshToken, connection);
		if (own.session === undefined) throw invalid("refresh_token", "invalid value");
		return this.#issue({ scope: `${accessScope(own)} session:${name}`, connection });
	}

	/** The grant that an access token belongs to, if the token is valid on this connection now. */
	withAccessToken(accessToken: string, connection: string | undefined): Grant | undefined {
		const grant = [...this.#grants].find((candidate) => candidate.accessToken === accessToken);
		return grant && this.isValid(grant, connection) ? grant : undefined;
	}

	isValid(grant: Grant, connection: string | undefined): boolean {
		const isOtherConnection = grant.session === undefined && grant.connection !== connection;
		return this.#grants.has(grant) && grant.expiresAt > Date.now() && !isOtherConnection;
	}

	/** Invalidates all tokens of the grant's named session or, if there is none, all tokens of its connection. To be called on logout. */
	invalidate(grant: Grant): void {
		for (const other of this.#grants) {
			const isSame =
				grant.session === undefined ? other.connection === grant.connection : other.session === grant.session;
			if (isSame) this.#grants.delete(other);
		}
	}

	/** Invalidates all refresh tokens and returns their number. */
	spendRefreshTokens(): number {
		for (const grant of this.#grants) grant.refreshToken = "";
		return this.#grants.size;
	}

	/** Invalidates all tokens and returns the number of grants (logins) that the tokens belonged to. */
	voidAll(): number {
		const count = this.#grants.size;
		this.#grants.clear();
		return count;
	}

	/** Invalidates the tokens that belong to a connection that ended. */
	onConnectionEnd(connection: string): void {
		for (const grant of this.#grants) {
			if (grant.session === undefined && grant.connection === connection) this.#grants.delete(grant);
		}
	}

	/** Names of the open sessions. If one more session would exceed `maxSessions`, the first one of this list ends. */
	sessions(): string[] {
		const named = [...this.#grants].filter((grant) => grant.session !== undefined);
		const by = this.#settings.evicts === "stalest" ? "refreshedAt" : "openedAt";
		return named.sort((a, b) => a[by] - b[by]).map((grant) => grant.session ?? "");
	}

	#findByRefreshToken(refreshToken: string, connection: string | undefined): Grant {
		const grant = [...this.#grants].find((candidate) => refreshToken !== "" && candidate.refreshToken === refreshToken);
		// The venue replies to a used or replaced refresh token with "invalid parameter", not with "unauthorized".
		if (!grant) throw invalid("refresh_token", "invalid value");
		if (grant.session === undefined && grant.connection !== connection) {
			throw new DeribitFailure(13009, { reason: "invalid_token" });
		}
		return grant;
	}

	#issue({ scope, connection }: GrantRequest, beganAt?: number): Grant {
		const { granted, session, expiresInSeconds } = grantScope(scope ?? "", this.#settings);
		const openedAt = [...this.#grants].find((other) => session !== undefined && other.session === session)?.openedAt;
		if (session !== undefined) this.#makeRoom(session);
		const expiresAt = Date.now() + expiresInSeconds * 1_000;
		const grant: Grant = {
			accessToken: token(expiresAt),
			refreshToken: token(expiresAt),
			scope: granted,
			expiresAt,
			session,
			connection: session === undefined ? connection : undefined,
			refreshedAt: performance.now(),
			openedAt: openedAt ?? beganAt ?? performance.now(),
		};
		this.#grants.add(grant);
		return grant;
	}

	/**
	 * Prepares a login under a session name: invalidates the refresh token of an earlier login under this name (option `secondLogin`), and
	 * ends other sessions that would exceed `maxSessions`.
	 */
	#makeRoom(session: string): void {
		const others = [...new Set(this.sessions())].filter((name) => name !== session);
		const evicted = new Set(others.slice(0, Math.max(0, others.length - this.#settings.maxSessions + 1)));
		for (const grant of this.#grants) {
			if (grant.session === session && this.#settings.secondLogin === "spends") grant.refreshToken = "";
			if (grant.session !== undefined && evicted.has(grant.session)) this.#grants.delete(grant);
		}
	}
}

/** The result of an authentication call. */
export function tokensResult(grant: Grant, state?: string): components["schemas"]["Tokens"] {
	return {
		enabled_features: [],
		access_token: grant.accessToken,
		expires_in: Math.round((grant.expiresAt - Date.now()) / 1_000),
		refresh_token: grant.refreshToken,
		scope: grant.scope.join(" "),
		token_type: "bearer",
		...(state === undefined ? {} : { state }),
	};
}

function accessScope(grant: Grant): string {
	return grant.scope.filter((token) => /^(account|trade|wallet):/.test(token)).join(" ");
}

/**
 * A random token in the format of a real one: about 310 characters in three parts, the first of which is a timestamp.
 */
function token(expiresAt: number): string {
	return `${expiresAt}.${randomBytes(6).toString("base64url")}.${randomBytes(216).toString("base64url")}`;
}
