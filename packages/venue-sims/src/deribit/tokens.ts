import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { components } from "../generated/deribit-session.ts";
import { Failure, invalid } from "./failure.ts";
import type { Settings } from "./options.ts";
import { narrow } from "./scope.ts";

/** What one authentication gave. */
export interface Grant {
	accessToken: string;
	refreshToken: string;
	scope: string[];
	/** Epoch milliseconds. */
	expiresAt: number;
	/** The named session it belongs to. */
	session: string | undefined;
	/** The connection it is tied to otherwise; undefined for one made over HTTP. */
	connection: string | undefined;
	refreshedAt: number;
	/** When the session of that name began. */
	openedAt: number;
}

interface Asked {
	scope: string | undefined;
	connection: string | undefined;
}

/** The venue's tokens and named sessions. */
export class Tokens {
	readonly #settings: Settings;
	readonly #grants = new Set<Grant>();
	readonly #usedNonces = new Set<string>();
	/** Set by a lever: the key exists no more. */
	revoked = false;
	/** Set by a lever: by how much the venue's clock is ahead of this machine's, in milliseconds. */
	skewMs = 0;

	constructor(settings: Settings) {
		this.#settings = settings;
	}

	byCredentials(clientId: string, clientSecret: string, asked: Asked): Grant {
		this.checkCredentials(clientId, clientSecret);
		return this.#issue(asked);
	}

	checkCredentials(clientId: string, clientSecret: string): void {
		const right = clientId === this.#settings.clientId && clientSecret === this.#settings.clientSecret;
		if (this.revoked || !right) throw new Failure(13004);
	}

	bySignature(
		signed: { clientId: string; timestamp: number; nonce: string; data: string; signature: string },
		asked: Asked,
	): Grant {
		const { clientId, timestamp, nonce, data, signature } = signed;
		const key = this.#settings.clientSecret;
		const wanted = createHmac("sha256", key).update(`${timestamp}\n${nonce}\n${data}`).digest();
		const given = Buffer.from(signature, "hex");
		const right = given.length === wanted.length && timingSafeEqual(given, wanted);
		const stale = Math.abs(Date.now() + this.skewMs - timestamp) > 60_000;
		if (this.revoked || clientId !== this.#settings.clientId || !right || stale) throw new Failure(13004);
		if (nonce !== "" && this.#usedNonces.has(nonce)) throw invalid("nonce", "invalid value");
		this.#usedNonces.add(nonce);
		return this.#issue(asked);
	}

	byRefreshToken(refreshToken: string, asked: Asked): Grant {
		const old = this.#holding(refreshToken, asked.connection);
		this.#grants.delete(old);
		const tie = old.session === undefined ? [] : [`session:${old.session}`];
		return this.#issue({ ...asked, scope: [asked.scope ?? rights(old), ...tie].join(" ") }, old.openedAt);
	}

	/** Tokens of another subaccount; the caller's own stay good. */
	exchange(refreshToken: string, subjectId: number, asked: Asked): Grant {
		const own = this.#holding(refreshToken, asked.connection);
		if (!this.#settings.subaccounts.includes(subjectId)) throw invalid("subject_id", "invalid value");
		return this.#issue({ ...asked, scope: asked.scope ?? rights(own) });
	}

	fork(refreshToken: string, name: string, connection: string | undefined): Grant {
		const own = this.#holding(refreshToken, connection);
		if (own.session === undefined) throw invalid("refresh_token", "invalid value");
		return this.#issue({ scope: `${rights(own)} session:${name}`, connection });
	}

	/** The grant behind an access token, if it is good here and now. */
	withAccessToken(accessToken: string, connection: string | undefined): Grant | undefined {
		const grant = [...this.#grants].find((candidate) => candidate.accessToken === accessToken);
		return grant && this.isGood(grant, connection) ? grant : undefined;
	}

	isGood(grant: Grant, connection: string | undefined): boolean {
		const tied = grant.session === undefined && grant.connection !== connection;
		return this.#grants.has(grant) && grant.expiresAt > Date.now() && !tied;
	}

	/** Logout: everything made in that session, or over that connection, is void. */
	invalidate(grant: Grant): void {
		for (const other of this.#grants) {
			const same =
				grant.session === undefined ? other.connection === grant.connection : other.session === grant.session;
			if (same) this.#grants.delete(other);
		}
	}

	/** Every refresh token is used up; says how many it were. */
	spend(): number {
		for (const grant of this.#grants) grant.refreshToken = "";
		return this.#grants.size;
	}

	/** Every token ends; says how many it were. */
	void(): number {
		const count = this.#grants.size;
		this.#grants.clear();
		return count;
	}

	/** The end of a connection ends what is tied to it. */
	connectionEnded(connection: string): void {
		for (const grant of this.#grants) {
			if (grant.session === undefined && grant.connection === connection) this.#grants.delete(grant);
		}
	}

	/** Names of the live sessions, the one that ends next for one too many first. */
	sessions(): string[] {
		const named = [...this.#grants].filter((grant) => grant.session !== undefined);
		const by = this.#settings.evicts === "stalest" ? "refreshedAt" : "openedAt";
		return named.sort((a, b) => a[by] - b[by]).map((grant) => grant.session ?? "");
	}

	#holding(refreshToken: string, connection: string | undefined): Grant {
		const grant = [...this.#grants].find((candidate) => refreshToken !== "" && candidate.refreshToken === refreshToken);
		// A token that was used or replaced is an invalid parameter to this venue, not a lack of authorisation.
		if (!grant) throw invalid("refresh_token", "invalid value");
		if (grant.session === undefined && grant.connection !== connection) {
			throw new Failure(13009, { reason: "invalid_token" });
		}
		return grant;
	}

	#issue({ scope, connection }: Asked, began?: number): Grant {
		const { granted, session, expiresInSeconds } = narrow(scope ?? "", this.#settings);
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
			openedAt: openedAt ?? began ?? performance.now(),
		};
		this.#grants.add(grant);
		return grant;
	}

	/** A second login under a name spends the first one's refresh token; one name too many ends the stalest session. */
	#makeRoom(session: string): void {
		const others = [...new Set(this.sessions())].filter((name) => name !== session);
		const ending = new Set(others.slice(0, Math.max(0, others.length - this.#settings.maxSessions + 1)));
		for (const grant of this.#grants) {
			if (grant.session === session && this.#settings.secondLogin === "spends") grant.refreshToken = "";
			if (grant.session !== undefined && ending.has(grant.session)) this.#grants.delete(grant);
		}
	}
}

/** A grant in the venue's words. */
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

function rights(grant: Grant): string {
	return grant.scope.filter((token) => /^(account|trade|wallet):/.test(token)).join(" ");
}

/** About 310 characters in three parts, the first an instant: what real ones look like. */
function token(expiresAt: number): string {
	return `${expiresAt}.${randomBytes(6).toString("base64url")}.${randomBytes(216).toString("base64url")}`;
}
