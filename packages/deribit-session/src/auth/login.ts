import { type DeribitError, isDeribitError } from "../errors.ts";
import type { components } from "../generated/schema.ts";
import type { DeribitAuthParams, DeribitCallOptions } from "../methods.ts";
import type { ResolvedOptions } from "../options.ts";
import { isObject } from "../socket/frames.ts";
import { misuse } from "../socket/request.ts";
import {
	checkedCredentials,
	type DeribitAuthorization,
	type DeribitCredentials,
	type DeribitTokens,
	readTokens,
} from "./authorization.ts";
import { Renewal } from "./renewal.ts";
import { type DeribitSessionNames, sessionNamesIn } from "./session-names.ts";
import { deribitSignature, randomNonce } from "./signature.ts";

type Ask = (params: DeribitAuthParams, options?: DeribitCallOptions) => Promise<components["schemas"]["Tokens"]>;

const invalidCredentials = 13004;
/** What the venue says to a refresh token that was used or replaced, and to one it does not take here. */
const spent: ReadonlySet<number | undefined> = new Set([-32602, 13009]);

/** The methods that begin a named session. */
const naming: ReadonlySet<string> = new Set(["public/auth", "public/exchange_token", "public/fork_token"]);

/** Who one connection is to the venue. Its tokens never leave it for another connection, and end with it. */
export class Login {
	readonly #ask: Ask;
	readonly #url: URL;
	readonly #crypto: ResolvedOptions["crypto"];
	readonly #names: DeribitSessionNames;
	#credentials: DeribitCredentials | undefined;
	#granted: { authorization: DeribitAuthorization; tokens: DeribitTokens; renewal: Renewal } | undefined;
	#renewing: Promise<DeribitAuthorization> | undefined;
	#refused: DeribitError | undefined;

	constructor(ask: Ask, { url, crypto, sessionNames }: ResolvedOptions) {
		this.#ask = ask;
		this.#url = url;
		this.#crypto = crypto;
		this.#names = sessionNames;
	}

	get authorization(): DeribitAuthorization | undefined {
		return this.#granted?.authorization;
	}

	get tokens(): DeribitTokens | undefined {
		return this.#granted && { ...this.#granted.tokens };
	}

	get renewInMs(): number | undefined {
		return this.#granted?.renewal.inMs;
	}

	async authenticate(credentials: DeribitCredentials, options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		const { clientId, clientSecret, grant, scope } = checkedCredentials(credentials);
		const proof =
			grant === "client_signature"
				? await this.#sign(clientSecret)
				: ({ grant_type: grant, client_secret: clientSecret } as const);
		const params = { ...proof, client_id: clientId };
		const result = await this.#ask(scope === undefined ? params : { ...params, scope }, options);
		const authorization = this.#take(result);
		this.#credentials = { ...credentials };
		this.#refused = undefined;
		return authorization;
	}

	/** One at a time: who comes while one is under way gets the result of that one. */
	renew(options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		this.#renewing ??= this.#renew(options).finally(() => {
			this.#renewing = undefined;
		});
		return this.#renewing;
	}

	/**
	 * To be told of every request that is about to be sent: takes the session names in it.
	 *
	 * @throws {DeribitError} of kind `request` for a name that is in use.
	 */
	claimNames(method: string, params: unknown): void {
		if (!naming.has(method) || !isObject(params)) return;
		const { client_id: clientId = this.#credentials?.clientId, scope, session_name: forked } = params;
		const names = typeof scope === "string" ? sessionNamesIn(scope) : [];
		if (typeof forked === "string") names.push(forked);
		for (const name of names) this.#names.claim(`${this.#url.host} ${clientId}`, name, this);
	}

	/** The connection is over or being left: its session names are free again. */
	release(): void {
		this.#names.release(this);
	}

	async #renew(options: DeribitCallOptions | undefined): Promise<DeribitAuthorization> {
		const credentials = this.#credentials;
		if (!this.#granted || !credentials) {
			throw misuse("public/auth", "there is nothing to renew: authenticate this connection first");
		}
		if (this.#refused) throw this.#refused;
		try {
			const { refreshToken } = this.#granted.tokens;
			return this.#take(await this.#ask({ grant_type: "refresh_token", refresh_token: refreshToken }, options));
		} catch (error) {
			if (!isDeribitError(error) || !spent.has(error.code)) throw this.#remember(error);
		}
		try {
			return await this.authenticate(credentials, options);
		} catch (error) {
			throw this.#remember(error);
		}
	}

	/** Wrong credentials stay wrong: asking again would only count against the address. */
	#remember(error: unknown): unknown {
		if (isDeribitError(error) && error.code === invalidCredentials) this.#refused = error;
		return error;
	}

	#take(result: components["schemas"]["Tokens"]): DeribitAuthorization {
		const { authorization, tokens } = readTokens(result);
		this.#granted = { authorization, tokens, renewal: new Renewal(authorization) };
		return authorization;
	}

	async #sign(clientSecret: string) {
		const nonce = randomNonce(this.#crypto);
		const timestamp = Date.now();
		const signature = await deribitSignature({ clientSecret, timestamp, nonce }, this.#crypto.subtle);
		return { grant_type: "client_signature", timestamp, nonce, data: "", signature } as const;
	}
}
