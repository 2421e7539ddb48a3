import type { IncomingMessage } from "node:http";
import type { Bot, Bots } from "../bot-tokens.ts";

/** Identifies a bot by the header `authorization` as Bearer or Basic; libraries send Basic for a user name and password in a URL. */
export function identifyBot(request: IncomingMessage, bots: Bots): Bot | undefined {
	const [scheme = "", value = ""] = (request.headers.authorization ?? "").split(" ");
	if (scheme.toLowerCase() === "bearer") return bots.byLocalToken(value);
	if (scheme.toLowerCase() !== "basic") return undefined;
	const [name = "", ...token] = Buffer.from(value, "base64").toString().split(":");
	return bots.byCredentials(name, token.join(":"));
}
