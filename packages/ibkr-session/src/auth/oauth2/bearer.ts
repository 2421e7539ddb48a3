import { IbkrError } from "../../errors.ts";
import { IbkrHidden } from "../../hidden.ts";
import { type Names, onlyKnown } from "../../known.ts";
import type { IbkrAuthorize } from "../../options.ts";
import { oauthOver } from "./client.ts";
import { importSigner, looksLikePkcs8, type Signer } from "./jwt.ts";
import { type IbkrOAuthOptions, oauthNames, resolveOAuthOptions } from "./options.ts";
import { Renewing } from "./renewing.ts";
import { VenueClock } from "./venue-clock.ts";

/** A client of OAuth 2.0 and the user it logs in. */
export interface IbkrBearerOptions extends IbkrOAuthOptions {
	/** Name of the application at the venue, as it was given at its registration. */
	readonly clientId: string;
	/** Name of the key at the venue, such as `main`. */
	readonly keyId: string;
	/** PEM text of the RSA private key in PKCS#8 (`BEGIN PRIVATE KEY`). */
	readonly privateKey: string;
	/** The user name. */
	readonly credential: string;
	/**
	 * The public address that the calls will come from, to which the venue binds the session. A function is asked anew for
	 * each session: after a change of address, `renew()` is all it takes.
	 */
	readonly ip: string | (() => string | Promise<string>);
	/** How long before its end a session is made again, 0 to 43 200 000. Default 3 600 000. */
	readonly renewBeforeMs?: number;
}

/** The session's bearer token. */
export interface BearerSession {
	/** Goes into the `Authorization` header of every call, and into the socket's address. */
	readonly token: IbkrHidden<string>;
	/** When it ends, in epoch milliseconds of the venue's clock. */
	readonly expiresAt: number;
}

/** What proves the calls of one user. Hand `authorize` and `fetch` to `createIbkrHttp`. */
export interface IbkrBearer {
	/** Makes the session when there is none, and again before its end. */
	readonly authorize: IbkrAuthorize;
	/** The `fetch` option, which measures the venue's clock on the way: a JWT with a wrong time is refused. */
	readonly fetch: typeof fetch;
	/** The session in use, made when there is none. */
	session(): Promise<BearerSession>;
	/** Makes a new session, because the venue said that the old one is gone. Calls at the same time share one. */
	renew(): Promise<BearerSession>;
	/** Milliseconds by which the venue's clock is ahead of this machine's, as far as measured. */
	readonly clockOffsetMs: number;
}

/** The venue's own example dates a JWT back by so much, for clocks that differ a little. */
const backSeconds = 10;
const assertionSeconds = 20;
const sessionSeconds = 86_400;

/**
 * OAuth 2.0 from a private key to the bearer of every call: client assertion, access token, session. Portable: it signs
 * with Web Crypto.
 *
 * @throws IbkrError of kind `options`.
 */
export function createIbkrBearer(options: IbkrBearerOptions): IbkrBearer {
	const { clientId, keyId, privateKey, credential, ip, renewBeforeMs } = checked(options);
	const clock = new VenueClock();
	const settings = resolveOAuthOptions(options);
	const watched = clock.watching(settings.fetch);
	const oauth = oauthOver({ ...settings, fetch: watched });
	let signer: Promise<Signer> | undefined;
	const make = async (): Promise<BearerSession> => {
		signer ??= importSigner(privateKey, keyId);
		const sign = await signer;
		const address = typeof ip === "function" ? await ip() : ip;
		if (!isText(address)) throw wrong("ip", "a text, or a function that gives one", address);
		const issued = clock.seconds() - backSeconds;
		const clientAssertion = await sign({
			iss: clientId,
			sub: clientId,
			aud: "/token",
			iat: issued,
			exp: issued + backSeconds + assertionSeconds,
		});
		const bearer = (await oauth.oauth2Token({ clientAssertion })).accessToken.reveal();
		const iat = clock.seconds() - backSeconds;
		const assertion = await sign({
			ip: address,
			credential,
			iss: clientId,
			iat,
			// A day from then, and not from now: with a clock that is a little ahead it would be more than the venue gives.
			exp: iat + sessionSeconds,
		});
		const session = await oauth.ssoSession({ bearer, assertion });
		if (session.active === false) {
			throw new IbkrError("POST /gw/api/v1/sso-sessions was answered with a session that is not active", {
				kind: "refused",
				call: "POST /gw/api/v1/sso-sessions",
				because: "not-active",
			});
		}
		return {
			token: new IbkrHidden(session.accessToken.reveal()),
			expiresAt: (iat + sessionSeconds) * 1_000,
		};
	};
	/** A second attempt when the first showed that the venue's clock is another than ours. */
	const makeInTime = async (): Promise<BearerSession> => {
		const { steps } = clock;
		try {
			return await make();
		} catch (error) {
			if (clock.steps === steps) throw error;
			return make();
		}
	};
	const current = new Renewing(makeInTime, () => clock.now(), renewBeforeMs);
	return Object.freeze<IbkrBearer>({
		authorize: async () => ({ authorization: `Bearer ${(await current.get()).token.reveal()}` }),
		fetch: watched,
		session: () => current.get(),
		renew: () => current.renew(),
		get clockOffsetMs() {
			return clock.offsetMs;
		},
	});
}

const names: Names<IbkrBearerOptions> = {
	...oauthNames,
	clientId: 1,
	keyId: 1,
	privateKey: 1,
	credential: 1,
	ip: 1,
	renewBeforeMs: 1,
};

function checked(options: IbkrBearerOptions): Required<Omit<IbkrBearerOptions, keyof IbkrOAuthOptions>> {
	onlyKnown(options, names);
	const { clientId, keyId, privateKey, credential, ip, renewBeforeMs = 3_600_000 } = options;
	for (const [name, value] of Object.entries({ clientId, keyId, credential })) {
		if (!isText(value)) throw wrong(name, "a text that is not empty", value);
	}
	if (!looksLikePkcs8(privateKey)) throw wrong("privateKey", "PEM text of a private key in PKCS#8", privateKey);
	if (!isText(ip) && typeof ip !== "function") throw wrong("ip", "a text, or a function that gives one", ip);
	if (typeof renewBeforeMs !== "number" || !(renewBeforeMs >= 0 && renewBeforeMs <= 43_200_000)) {
		throw wrong("renewBeforeMs", "a number of milliseconds from 0 to 43200000", renewBeforeMs);
	}
	return { clientId, keyId, privateKey, credential, ip, renewBeforeMs };
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value.trim() !== "";
}

function wrong(name: string, expected: string, value: unknown): IbkrError {
	const message = `the option ${name} must be ${expected}, and a value of type ${typeof value} was given that is not`;
	return new IbkrError(message, { kind: "options" });
}
