import type { Bot, Bots } from "../bot-tokens.ts";
import type { RpcError } from "./rpc.ts";

/** The result of `public/auth` in Deribit's form, or its error. */
export type LoginOutcome =
	| { readonly bot: Bot; readonly result: Readonly<Record<string, unknown>> }
	| { readonly error: RpcError };

const invalidCredentials: RpcError = { code: 13004, message: "invalid_credentials" };

const invalid = (param: string, reason: string): { readonly error: RpcError } => ({
	error: { code: -32602, message: "Invalid params", data: { reason, param } },
});

/** Logs a bot in. @param scope - the permissions that Deribit has granted to the agent's connection. */
export function login(params: Readonly<Record<string, unknown>>, bots: Bots, scope: string): LoginOutcome {
	const { grant_type: grant, state } = params;
	const found = identifyBot(grant, params, bots);
	if ("error" in found) return found;
	const result = {
		...bots.tokensFor(found.bot),
		scope,
		enabled_features: [],
		...(typeof state === "string" && { state }),
	};
	return { bot: found.bot, result };
}

function identifyBot(
	grant: unknown,
	params: Readonly<Record<string, unknown>>,
	bots: Bots,
): { readonly bot: Bot } | { readonly error: RpcError } {
	const text = (name: string): string | undefined => {
		const value = params[name];
		return typeof value === "string" ? value : undefined;
	};
	const or = (bot: Bot | undefined, error: RpcError) => (bot ? { bot } : { error });
	switch (grant) {
		case "client_credentials": {
			const [id, secret] = [text("client_id"), text("client_secret")];
			if (id === undefined) return invalid("client_id", "value is required");
			if (secret === undefined) return invalid("client_secret", "value is required");
			return or(bots.byCredentials(id, secret), invalidCredentials);
		}
		case "client_signature": {
			const [clientId, signature] = [text("client_id"), text("signature")];
			if (clientId === undefined) return invalid("client_id", "value is required");
			if (signature === undefined) return invalid("signature", "value is required");
			// The timestamp is converted, because some clients send it as a number and others as a string.
			const timestamp = Number(params["timestamp"]);
			if (!Number.isFinite(timestamp)) return invalid("timestamp", "value is required");
			const signed = { clientId, signature, timestamp, nonce: text("nonce") ?? "", data: text("data") ?? "" };
			return or(bots.bySignature(signed), invalidCredentials);
		}
		case "refresh_token": {
			const token = text("refresh_token");
			if (token === undefined) return invalid("refresh_token", "value is required");
			// Deribit answers with this error when a refresh token is used a second time.
			return or(bots.byRefreshToken(token), { code: -32602, message: "Invalid params" });
		}
		case undefined:
			return invalid("grant_type", "value is required");
		default:
			return invalid("grant_type", "invalid value");
	}
}
