import { withDeadline } from "@x/base/clock";
import { unexpectedFailure } from "@x/base/errors";
import { isRecord } from "@x/base/objects";
import { DeribitError, isDeribitError } from "../errors.ts";
import type { components } from "../generated/schema.ts";
import type { DeribitAuthParams, DeribitCallOptions } from "../method-types.ts";
import type { DeribitResolvedOptions } from "../options.ts";
import { requestError } from "../socket/encode-request.ts";
import { abortError } from "../socket/pending-calls.ts";
import {
	checkDeribitCredentials,
	type DeribitAuthorization,
	type DeribitCredentials,
	type DeribitTokens,
	Grant,
} from "./credentials-and-tokens.ts";
import { type DeribitSessionNames, sessionNamesIn } from "./session-name-registry.ts";
import { deribitSignature, randomNonce } from "./signature.ts";

type Auth = (params: DeribitAuthParams, options?: DeribitCallOptions) => Promise<components["schemas"]["Tokens"]>;

const invalidCredentials = 13004;
/**
 * The venue's error codes for a refresh token that was used or replaced (-32602), and for a refresh token that is not
 * valid over this connection (13009).
 */
const refreshTokenSpent: ReadonlySet<number | undefined> = new Set([-32602, 13009]);

/** The methods that can start a named session. */
const methodsWithNames: ReadonlySet<string> = new Set(["public/auth", "public/exchange_token", "public/fork_token"]);

/** The login of one connection. The tokens of a login are not used for any other connection. */
export class Login {
	readonly #auth: Auth;
	readonly #url: URL;
	readonly #crypto: DeribitResolvedOptions["crypto"];
	readonly #names: DeribitSessionNames;
	readonly #callTimeoutMs: number;
	#credentials: DeribitCredentials | undefined;
	#grant: Grant | undefined;
	#renewing: Promise<DeribitAuthorization> | undefined;
	#invalidCredentials: DeribitError | undefined;

	/** @param auth - calls `public/auth`. */
	constructor(auth: Auth, { url, crypto, sessionNames, callTimeoutMs }: DeribitResolvedOptions) {
		this.#auth = auth;
		this.#url = url;
		this.#crypto = crypto;
		this.#names = sessionNames;
		this.#callTimeoutMs = callTimeoutMs;
	}

	get authorization(): DeribitAuthorization | undefined {
		return this.#grant?.authorization;
	}

	get tokens(): DeribitTokens | undefined {
		return this.#grant && { ...this.#grant.tokens };
	}

	get renewInMs(): number | undefined {
		return this.#grant?.renewInMs;
	}

	async authenticate(credentials: DeribitCredentials, options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		checkDeribitCredentials(credentials);
		const { clientId, clientSecret, grant, authScope } = credentials;
		const proof =
			clientSecret === undefined || grant === "client_signature"
				? await this.#sign(credentials, options)
				: ({ grant_type: "client_credentials", client_secret: clientSecret } as const);
		const params = { ...proof, client_id: clientId };
		const tokens = await this.#auth(authScope === undefined ? params : { ...params, scope: authScope }, options);
		this.#grant = new Grant(tokens);
		this.#credentials = { ...credentials };
		this.#invalidCredentials = undefined;
		return this.#grant.authorization;
	}

	/** Renews the tokens. Concurrent calls share one renewal. */
	renew(options?: DeribitCallOptions): Promise<DeribitAuthorization> {
		this.#renewing ??= this.#renew(options).finally(() => {
			this.#renewing = undefined;
		});
		return this.#renewing;
	}

	/**
	 * Claims the session names that a request contains. Must be called before the request is sent.
	 *
	 * @throws {DeribitError} of kind `request` for a name that is in use.
	 */
	claimNames(method: string, params: unknown): void {
		if (!methodsWithNames.has(method) || !isRecord(params)) return;
		const { client_id: clientId = this.#credentials?.clientId, scope, session_name: sessionName } = params;
		const names = typeof scope === "string" ? sessionNamesIn(scope) : [];
		if (typeof sessionName === "string") names.push(sessionName);
		for (const name of names) this.#names.claim(`${this.#url.host} ${clientId}`, name, this);
	}

	/** Releases the session names of this connection. */
	release(): void {
		this.#names.release(this);
	}

	async #renew(options: DeribitCallOptions | undefined): Promise<DeribitAuthorization> {
		const credentials = this.#credentials;
		if (!this.#grant || !credentials) {
			throw requestError("public/auth", "this connection has no tokens to renew. Authenticate it first");
		}
		// Do not retry: the credentials stay wrong, and the venue counts each refused login against the IP address.
		if (this.#invalidCredentials) throw this.#invalidCredentials;
		try {
			const { refreshToken } = this.#grant.tokens;
			this.#grant = new Grant(await this.#auth({ grant_type: "refresh_token", refresh_token: refreshToken }, options));
			return this.#grant.authorization;
		} catch (error) {
			if (!isDeribitError(error) || !refreshTokenSpent.has(error.venueCode)) throw this.#noteInvalidCredentials(error);
		}
		try {
			return await this.authenticate(credentials, options);
		} catch (error) {
			throw this.#noteInvalidCredentials(error);
		}
	}

	#noteInvalidCredentials(error: unknown): unknown {
		if (isDeribitError(error) && error.venueCode === invalidCredentials) this.#invalidCredentials = error;
		return error;
	}

	async #sign({ clientSecret, signer }: DeribitCredentials, options: DeribitCallOptions | undefined) {
		const nonce = randomNonce(this.#crypto);
		const timestamp = Date.now();
		const signature =
			clientSecret === undefined
				? await this.#signatureOf(signer, `${timestamp}\n${nonce}\n`, options)
				: await deribitSignature({ clientSecret, timestamp, nonce }, this.#crypto.subtle);
		return { grant_type: "client_signature", timestamp, nonce, data: "", signature } as const;
	}

	/** Calls the user's signer; fails if the signer has not returned a signature before the deadline of the call. */
	async #signatureOf(
		signer: NonNullable<DeribitCredentials["signer"]>,
		text: string,
		{ signal, timeoutMs = this.#callTimeoutMs }: DeribitCallOptions = {},
	): Promise<string> {
		const call = "public/auth";
		const deadline = {
			ms: timeoutMs,
			signal,
			onTimeout: () => new DeribitError(`the signer did not sign within ${timeoutMs} ms`, { kind: "timeout", call }),
			onAbort: () => abortError(call),
		};
		try {
			const signature: unknown = await withDeadline(deadline, async () => signer(text));
			if (typeof signature === "string" && signature !== "") return signature;
		} catch (error) {
			if (isDeribitError(error)) throw error;
			throw requestError(call, unexpectedFailure("the option signer", error));
		}
		throw requestError(call, "the option signer returned no signature (a non-empty string is needed)");
	}
}
