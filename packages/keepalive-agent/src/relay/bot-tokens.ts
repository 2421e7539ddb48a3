import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { BotConfig } from "./relay-config.ts";

/** A bot that has logged in. */
export interface Bot extends Omit<BotConfig, "token"> {
	/** The bot's name, which is also its client id. */
	readonly name: string;
}

/** Tokens that the relay itself has issued. The venue does not know them. */
export interface LocalTokens {
	readonly access_token: string;
	readonly refresh_token: string;
	readonly expires_in: number;
	readonly token_type: "bearer";
}

/** What a bot has signed, and the signature, as in the parameter `client_signature` or in the header `deri-hmac-sha256`. */
export interface Signed {
	readonly clientId: string;
	readonly timestamp: number;
	readonly nonce: string;
	readonly data: string;
	readonly signature: string;
}

/** The lifetime, in seconds, that Deribit gives to tokens which belong to a connection. */
const expiresInSeconds = 31_536_000;
/** The time in a signature may differ from this machine's clock by at most this many milliseconds, as at Deribit. */
const maxSkewMs = 60_000;

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
const isEqual = (given: string, right: string): boolean => timingSafeEqual(digest(given), digest(right));

/**
 * Identifies the bots of one session by their local tokens. The access and refresh tokens that this class issues are signed with the bot's
 * local token and not stored. Such a token is valid until it expires or the local token is replaced.
 */
export class Bots {
	readonly #bots = new Map<string, Bot & { readonly token: string }>();

	constructor(bots: Readonly<Record<string, BotConfig>>, session: string) {
		for (const [name, bot] of Object.entries(bots)) {
			if (bot.sessions.includes(session)) this.#bots.set(name, { ...bot, name });
		}
	}

	get names(): readonly string[] {
		return [...this.#bots.keys()];
	}

	byCredentials(clientId: string, secret: string): Bot | undefined {
		const bot = this.#bots.get(clientId);
		// The token is compared even if the name is unknown, so that the time of the answer does not tell which names exist.
		const isRight = isEqual(secret, bot?.token ?? "");
		return bot && isRight ? bot : undefined;
	}

	/**
	 * Finds the bot with this local token. The tokens of all bots are compared, so that the time of the comparison tells nothing about a
	 * token.
	 */
	byLocalToken(token: string): Bot | undefined {
		return [...this.#bots.values()].filter((bot) => isEqual(token, bot.token)).at(0);
	}

	bySignature({ clientId, timestamp, nonce, data, signature }: Signed): Bot | undefined {
		const bot = this.#bots.get(clientId);
		const right = sign(bot?.token ?? "", `${timestamp}\n${nonce}\n${data}`, "hex");
		const isRight = isEqual(signature.toLowerCase(), right);
		return bot && isRight && Math.abs(Date.now() - timestamp) <= maxSkewMs ? bot : undefined;
	}

	byAccessToken(token: string): Bot | undefined {
		return this.#byToken("access", token);
	}

	byRefreshToken(token: string): Bot | undefined {
		return this.#byToken("refresh", token);
	}

	tokensFor({ name }: Bot): LocalTokens {
		const until = Date.now() + expiresInSeconds * 1_000;
		const secret = this.#bots.get(name)?.token ?? "";
		const make = (use: TokenUse): string => {
			const text = `${until}.${Buffer.from(name).toString("base64url")}`;
			return `${text}.${sign(secret, `${use}.${text}`, "base64url")}`;
		};
		return {
			access_token: make("access"),
			refresh_token: make("refresh"),
			expires_in: expiresInSeconds,
			token_type: "bearer",
		};
	}

	#byToken(use: TokenUse, token: string): Bot | undefined {
		const [until = "", encoded = "", signature = ""] = token.split(".");
		const bot = this.#bots.get(Buffer.from(encoded, "base64url").toString());
		const isRight = isEqual(signature, sign(bot?.token ?? "", `${use}.${until}.${encoded}`, "base64url"));
		return bot && isRight && Number(until) > Date.now() ? bot : undefined;
	}
}

type TokenUse = "access" | "refresh";

const sign = (secret: string, text: string, encoding: "hex" | "base64url"): string =>
	createHmac("sha256", secret).update(text).digest(encoding);
