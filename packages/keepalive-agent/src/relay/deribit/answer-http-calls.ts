import type { IncomingMessage, ServerResponse } from "node:http";
import type { Bot, Bots } from "../bot-tokens.ts";
import { readRequestBody } from "../request-body.ts";
import { permissionsOf } from "./answer-local-calls.ts";
import type { Caller, DeribitRelay, Reply } from "./deribit-relay.ts";
import { login } from "./login.ts";
import { methodKind, webSocketOnly } from "./method-kind.ts";
import { readQuery } from "./parse-query-string.ts";
import { forbidden, notLoggedIn, webSocketRequired } from "./refusals.ts";
import { maxRequestBytes, readRequest } from "./rpc.ts";

/**
 * Answers an HTTP request like Deribit: a GET with a query, or a POST with JSON-RPC.
 *
 * @param path - the path from `/api/v2` on, unchanged, because clients sign it.
 */
export async function answerHttp(
	relay: DeribitRelay,
	path: string,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const [pathname = "", queryText = ""] = path.split("?");
	const method = pathname.replace(/^\/api\/v2\/?/, "");
	const body = request.method === "POST" ? String(await readRequestBody(request, maxRequestBytes)) : "";
	const read =
		body === ""
			? readQuery(method, new URLSearchParams(queryText))
			: readRequest(body, method === "" ? undefined : method);
	const reply: Reply = (text, isError) => send(response, text, isError);
	const nobody: Caller = { bot: undefined };
	if ("error" in read) return relay.refuse(nobody, read.idText, { reason: "not-readable", error: read.error }, reply);
	const byHeader = identifyBot(request, path, body, relay.bots);
	const byToken = read.accessToken === undefined ? undefined : relay.bots.byAccessToken(read.accessToken);
	const caller: Caller = { bot: byToken ?? byHeader };
	const { idText } = read;
	if (webSocketOnly.has(read.method)) return relay.refuse(caller, idText, webSocketRequired, reply);
	if (read.method === "public/auth") {
		const outcome = login(read.params, relay.bots, permissionsOf(relay));
		if ("error" in outcome)
			return relay.refuse(nobody, idText, { reason: "not-logged-in", error: outcome.error }, reply);
		return reply(relay.replies.result(idText, JSON.stringify(outcome.result)), false);
	}
	if (read.accessToken !== undefined && !byToken && read.method.startsWith("private/")) {
		return relay.refuse(caller, idText, notLoggedIn, reply);
	}
	if (byHeader && byToken && byHeader.name !== byToken.name) {
		return relay.refuse(caller, idText, forbidden("the token belongs to another bot"), reply);
	}
	relay.pass(caller, read, methodKind(read.method), reply);
}

/** Sends a reply. A failed call is answered with status 400, as at Deribit. */
function send(response: ServerResponse, text: string, isError: boolean): void {
	response.writeHead(isError ? 400 : 200, {
		"content-type": "application/json",
		"content-length": Buffer.byteLength(text),
		"cache-control": "no-store",
	});
	response.end(text);
}

/** Identifies the bot by the header `authorization`, in the three forms that Deribit accepts. */
function identifyBot(request: IncomingMessage, path: string, body: string, bots: Bots): Bot | undefined {
	const [scheme = "", value = ""] = (request.headers.authorization ?? "").split(" ");
	switch (scheme.toLowerCase()) {
		case "bearer":
			return bots.byAccessToken(value);
		case "basic": {
			const [id = "", ...secret] = Buffer.from(value, "base64").toString().split(":");
			return bots.byCredentials(id, secret.join(":"));
		}
		case "deri-hmac-sha256": {
			const members = new Map(
				value.split(",").map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]),
			);
			const get = (name: string): string => members.get(name) ?? "";
			const signed = { clientId: get("id"), timestamp: Number(get("ts")), nonce: get("nonce"), signature: get("sig") };
			// A client may sign either the path as Deribit knows it or the full path at the relay.
			const paths = [path, request.url ?? ""];
			return paths
				.map((each) => bots.bySignature({ ...signed, data: `${request.method}\n${each}\n${body}\n` }))
				.find((bot) => bot !== undefined);
		}
		default:
			return undefined;
	}
}
