import type { IncomingMessage } from "node:http";
import type { Bot, Bots } from "../bots.ts";

/** By the two forms of the header that every HTTP library can send, also from a user name and a password in a URL. */
export function botOf(request: IncomingMessage, bots: Bots): Bot | undefined {
	const [scheme = "", value = ""] = (request.headers.authorization ?? "").split(" ");
	if (scheme.toLowerCase() === "bearer") return bots.byLocalToken(value);
	if (scheme.toLowerCase() !== "basic") return undefined;
	const [name = "", ...token] = Buffer.from(value, "base64").toString().split(":");
	return bots.byCredentials(name, token.join(":"));
}
