import { withDeadline } from "@x/base/clock";
import {
	anyOf,
	checkOptions,
	func,
	milliseconds,
	type OptionSchema,
	optional,
	rule,
	secret,
} from "@x/base/option-schema";
import { IbkrError, packageName } from "../../errors.ts";
import { IbkrHidden } from "../../hidden-value.ts";
import type { IbkrAuthorize } from "../../options.ts";
import { importSigner, looksLikePkcs8, type Signer } from "./jwt.ts";
import { oauthCalls } from "./oauth-calls.ts";
import { type IbkrOAuthOptions, oauthRules, resolveOAuthOptions } from "./options.ts";
import { RenewedToken } from "./renewed-token.ts";
import { VenueClock } from "./venue-clock.ts";

/** The options of {@link createIbkrBearer}: an OAuth 2.0 application and the user that it logs in. */
export interface IbkrBearerOptions extends IbkrOAuthOptions {
	/** The id that the application got when it was registered at IBKR. */
	readonly clientId: string;
	/** The name of the application's key at IBKR, such as `main`. */
	readonly keyId: string;
	/** PEM text of the RSA private key in PKCS#8 (`BEGIN PRIVATE KEY`). */
	readonly privateKey: string;
	/** The user name at IBKR. */
	readonly credential: string;
	/**
	 * The public IP address from which the calls are sent; the venue binds the session to this address. If `ip` is a
	 * function, it is called for each new session and must return within `callTimeoutMs`. After a change of the address,
	 * call `renew()`.
	 */
	readonly ip: string | (() => string | Promise<string>);
	/** A session is renewed this many milliseconds before it ends, 0 to 43 200 000. Default 3 600 000. */
	readonly renewBeforeMs?: number;
}

/** An object that authenticates the calls of one user. Pass its `authorize` and its `fetch` to `createIbkrHttp`. */
export interface IbkrBearer {
	/**
	 * Pass this function as the option `authorize` of `createIbkrHttp`. It creates the session when there is none, and renews the session
	 * before it ends.
	 */
	readonly authorize: IbkrAuthorize;
	/**
	 * Pass this function as the option `fetch` of `createIbkrHttp`. It measures the venue's clock, because the venue refuses a JWT with a
	 * wrong time.
	 */
	readonly fetch: typeof fetch;
	/** Returns the current session, or creates one when there is none. */
	session(): Promise<{
		/** The bearer token, for the `Authorization` header of every call and for the URL of the socket. */
		readonly token: IbkrHidden<string>;
		/** When the session ends, in epoch milliseconds of the venue's clock. */
		readonly expiresAt: number;
	}>;
	/** Creates a new session after the venue said that the old session has ended. Concurrent calls share one new session. */
	renew(): ReturnType<IbkrBearer["session"]>;
	/** How far the venue's clock is ahead of this machine's clock, in milliseconds; negative when it is behind. */
	readonly clockOffsetMs: number;
}

/** A JWT is dated back by this many seconds, as in IBKR's own example, so that clocks may differ a little. */
const backdateSeconds = 10;
const assertionSeconds = 20;
const sessionSeconds = 86_400;

const textRule = () => rule<string>("a non-blank string", (value) => typeof value === "string" && value.trim() !== "");

const bearerSchema = (): OptionSchema<IbkrBearerOptions> => ({
	...oauthRules(),
	clientId: secret(textRule()),
	keyId: secret(textRule()),
	privateKey: secret(rule("PEM text of a private key in PKCS#8", looksLikePkcs8)),
	credential: secret(textRule()),
	ip: secret(anyOf<IbkrBearerOptions["ip"]>(textRule(), func())),
	renewBeforeMs: optional(milliseconds({ min: 0, max: 43_200_000 })),
});

/**
 * Calls the option `ip`. @throws IbkrError of kind `authorize`. An error that the function throws is not shown, because
 * it may hold a secret.
 */
async function addressOf(ip: () => string | Promise<string>, ms: number): Promise<string> {
	const failed = (how: string): IbkrError =>
		new IbkrError("authorize", `not sent, because option ip ${how}`, { call: "POST /gw/api/v1/sso-sessions" });
	const onTimeout = (): IbkrError => failed(`took longer than ${ms} ms`);
	const address: unknown = await withDeadline({ ms, onTimeout }, async () => {
		try {
			return await ip();
		} catch {
			throw failed("threw or rejected");
		}
	});
	if (typeof address === "string" && address.trim() !== "") return address;
	throw failed("returned no address, or an empty one");
}

/**
 * Logs in by OAuth 2.0 in three steps:
 * - The private key signs a client assertion.
 * - The venue returns an access token for the client assertion.
 * - The access token opens a session, whose bearer token authorizes every call.
 *
 * Signatures are made with Web Crypto, so that the login works in every runtime.
 *
 * @throws OptionError.
 */
export function createIbkrBearer(options: IbkrBearerOptions): IbkrBearer {
	checkOptions(packageName, bearerSchema(), options);
	const { clientId, keyId, privateKey, credential, ip, renewBeforeMs = 3_600_000 } = options;
	const clock = new VenueClock();
	const settings = resolveOAuthOptions(options);
	const fetch = clock.measuredBy(settings.fetch);
	const oauth = oauthCalls({ ...settings, fetch });
	let signer: Promise<Signer> | undefined;
	const createSession = async (): ReturnType<IbkrBearer["session"]> => {
		signer ??= importSigner(privateKey, keyId);
		const sign = await signer;
		const address = typeof ip === "function" ? await addressOf(ip, settings.callTimeoutMs) : ip;
		const issued = clock.seconds() - backdateSeconds;
		const clientAssertion = await sign({
			iss: clientId,
			sub: clientId,
			aud: "/token",
			iat: issued,
			exp: issued + backdateSeconds + assertionSeconds,
		});
		const bearer = (await oauth.oauth2Token({ clientAssertion })).accessToken.reveal();
		const iat = clock.seconds() - backdateSeconds;
		// `iat` is backdated, and `exp` is a day after `iat`. A day after the current time could exceed the venue's limit if this
		// machine's clock is a little ahead.
		const exp = iat + sessionSeconds;
		const assertion = await sign({ ip: address, credential, iss: clientId, iat, exp });
		const session = await oauth.ssoSession({ bearer, assertion });
		if (session.isActive === false) {
			const call = "POST /gw/api/v1/sso-sessions";
			throw new IbkrError("venue", "the venue replied that the new session is not active", {
				call,
				venueCode: "not-active",
			});
		}
		return { token: new IbkrHidden(session.accessToken.reveal()), expiresAt: exp * 1_000 };
	};
	/** Makes a second attempt if the first attempt showed that the venue's clock differs from this machine's clock. */
	const createWithClock = async (): ReturnType<IbkrBearer["session"]> => {
		const { steps } = clock;
		try {
			return await createSession();
		} catch (error) {
			if (clock.steps === steps) throw error;
			return createSession();
		}
	};
	const token = new RenewedToken(createWithClock, () => clock.now(), renewBeforeMs);
	return Object.freeze<IbkrBearer>({
		authorize: async () => ({ authorization: `Bearer ${(await token.get()).token.reveal()}` }),
		fetch,
		session: () => token.get(),
		renew: () => token.renew(),
		get clockOffsetMs() {
			return clock.offsetMs;
		},
	});
}
