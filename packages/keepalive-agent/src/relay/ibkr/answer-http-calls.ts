import type { IncomingMessage, ServerResponse } from "node:http";
import { anonymous } from "../relay-config.ts";
import { readRequestBody } from "../request-body.ts";
import type { IbkrRelay } from "./ibkr-relay.ts";
import { identifyBot } from "./identify-bot.ts";
import { type Answer, notLoggedIn, refusal } from "./refusals.ts";

/** The longest body of a call, in bytes. An order with many legs has only a few kilobytes. */
const maxBodyBytes = 262_144;

const methods: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "DELETE"]);

const wrongMethod = refusal(405, "not-readable", "the method must be GET, POST, PUT or DELETE");
const tooLarge = refusal(413, "not-readable", `the body is larger than ${maxBodyBytes} bytes`);

/**
 * Answers an HTTP request like IBKR's gateway.
 *
 * @param path - the path below `/v1/api`, from its slash on, with the query.
 */
export async function answerIbkr(
	relay: IbkrRelay,
	path: string,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	const refuse = (bot: string, answer: Answer & { readonly refused: NonNullable<Answer["refused"]> }): void => {
		relay.countRefusal(bot, answer.refused);
		send(response, answer);
	};
	const bot = identifyBot(request, relay.bots);
	if (!bot) return refuse(anonymous, notLoggedIn);
	const { method = "" } = request;
	if (!methods.has(method)) return refuse(bot.name, wrongMethod);
	const isTooLarge = Number(request.headers["content-length"] ?? 0) > maxBodyBytes;
	const body = isTooLarge ? undefined : await readRequestBody(request, maxBodyBytes);
	if (!body || body.length > maxBodyBytes) return refuse(bot.name, tooLarge);
	const gone = new AbortController();
	response.once("close", () => gone.abort());
	const at = path.indexOf("?");
	const answer = await relay.answer({
		bot,
		method,
		path: at < 0 ? path : path.slice(0, at),
		query: at < 0 ? "" : path.slice(at),
		body,
		contentType: request.headers["content-type"],
		signal: gone.signal,
	});
	send(response, answer);
}

/**
 * Sends an answer. The answer contains only one header of the venue, the content type, because cookies and other headers could show the
 * venue's session.
 */
function send(response: ServerResponse, { status, contentType, body, retryAfter, refused }: Answer): void {
	response.writeHead(status, {
		...(contentType !== undefined && { "content-type": contentType }),
		...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
		// A bot that is refused because of the rate limit may be flooding the relay, so its connection is closed.
		...(refused === "rate-limit" && { connection: "close" }),
		...(status === 401 && { "www-authenticate": 'Basic realm="relay"' }),
		"content-length": Buffer.byteLength(body),
		"cache-control": "no-store",
		"x-content-type-options": "nosniff",
	});
	response.end(body);
}
