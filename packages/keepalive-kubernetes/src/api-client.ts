import { type IncomingMessage, Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent, request } from "node:https";
import { isRecord } from "@x/base/objects";
import { redact } from "@x/base/redact";
import { type Credentials, credentialsOf, type ReadCredentials } from "./credentials.ts";
import { packageName, type ResolvedOptions } from "./options.ts";

/** A reply of the API server: either a success or a refusal that the caller expects. */
export interface Reply {
	readonly isOk: boolean;
	readonly body: unknown;
}

/** A refusal that the caller expects, such as `NotFound` for an object that does not exist. */
export interface ExpectedRefusal {
	readonly reason: "NotFound" | "Conflict" | "AlreadyExists";
	/**
	 * The name of the object. The refusal has to contain this name: a `NotFound` without it means that the namespace or the path does not
	 * exist.
	 */
	readonly name: string;
}

/** A reply before its body is parsed. */
interface RawReply {
	readonly status: number;
	readonly headers: IncomingMessage["headers"];
	readonly text: string;
}

/** The most bytes that a reply may have. A longer reply is an error, because a Lease has only a few kilobytes. */
const longestReplyBytes = 1_000_000;

/**
 * Sends requests to the API server over a few connections, which stay open. Uses `node:https`, because the `fetch` of Node.js
 * has no option for the certificate authority to trust.
 */
export class ApiClient {
	readonly #url: string;
	readonly #readCredentials: ReadCredentials;
	readonly #agent: PlainAgent;
	#clockOffsetMs = 0;

	constructor(options: ResolvedOptions) {
		this.#url = options.url;
		this.#readCredentials = credentialsOf(options);
		const limits = { keepAlive: true, maxSockets: 8 } as const;
		this.#agent = options.url.startsWith("https:") ? new Agent(limits) : new PlainAgent(limits);
	}

	/** The current time by the API server's clock, in epoch milliseconds. Computed from the last reply, and exact to a second. */
	now(): number {
		return Date.now() + this.#clockOffsetMs;
	}

	/**
	 * Sends one request. Repeats it with a newly read token when the API server refuses the token.
	 *
	 * @param expected - refusals that are returned; any other refusal is thrown as an error.
	 * @throws Error that quotes the API server's reply, without the token. When the signal aborts, throws the signal's reason.
	 */
	async send(
		method: "GET" | "POST" | "PUT",
		path: string,
		signal: AbortSignal,
		expected: readonly ExpectedRefusal[] = [],
		content?: unknown,
	): Promise<Reply> {
		const what = `${method} ${path}`;
		signal.throwIfAborted();
		let credentials = await this.#readCredentials(signal);
		let reply = await this.#exchange(what, method, path, content, credentials, signal);
		if (reply.status === 401) {
			const next = await this.#readCredentials(signal, true);
			if (next.token !== credentials.token) {
				credentials = next;
				reply = await this.#exchange(what, method, path, content, credentials, signal);
			}
		}
		const body = parsed(reply.text);
		const isOk = reply.status >= 200 && reply.status < 300;
		if (isOk && isRecord(body)) return { isOk, body };
		if (!isOk && expected.some((refusal) => isRefusal(body, refusal))) return { isOk, body };
		throw new Error(`${packageName}: ${what} failed: ${said(reply, body, credentials)}${advice(reply)}`);
	}

	async #exchange(
		what: string,
		method: string,
		path: string,
		content: unknown,
		{ token, ca }: Credentials,
		signal: AbortSignal,
	): Promise<RawReply> {
		const url = new URL(this.#url + path);
		const body = content === undefined ? "" : JSON.stringify(content);
		const headers = {
			accept: "application/json",
			"user-agent": "x-keepalive-kubernetes",
			...(token !== undefined && { authorization: `Bearer ${token}` }),
			...(body !== "" && { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
		};
		const options = { method, headers, agent: this.#agent, signal };
		try {
			const reply = await new Promise<RawReply>((resolve, reject) => {
				const onReply = (message: IncomingMessage): void => readReply(message, resolve, reject);
				const sent =
					url.protocol === "https:"
						? request(url, { ...options, ...(ca !== undefined && { ca }) }, onReply)
						: plainRequest(url, options, onReply);
				sent.on("error", reject);
				sent.end(body);
			});
			const serverMs = Date.parse(reply.headers.date ?? "");
			this.#clockOffsetMs = Number.isNaN(serverMs) ? 0 : serverMs - Date.now();
			return reply;
		} catch (error) {
			this.#closeIdle();
			signal.throwIfAborted();
			throw new Error(`${packageName}: ${what} failed: ${redact(reasonOf(error), [token], { maxLength: 300 })}.`);
		}
	}

	/**
	 * Closes the idle connections after a failed request, because they may be dead too. On a dead connection, the next request would have
	 * to time out.
	 */
	#closeIdle(): void {
		for (const sockets of Object.values(this.#agent.freeSockets)) {
			for (const socket of [...(sockets ?? [])]) socket.destroy();
		}
	}
}

function readReply(message: IncomingMessage, resolve: (reply: RawReply) => void, reject: (error: Error) => void): void {
	const chunks: Buffer[] = [];
	let bytes = 0;
	message.on("data", (chunk: Buffer) => {
		bytes += chunk.length;
		if (bytes > longestReplyBytes) message.destroy(new Error(`the reply has more than ${longestReplyBytes} bytes`));
		else chunks.push(chunk);
	});
	message.on("error", reject);
	message.on("end", () => {
		const { statusCode: status = 0, headers } = message;
		resolve({ status, headers, text: Buffer.concat(chunks).toString() });
	});
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** Whether the API server itself sent this refusal. A proxy in front of the API server may answer with the same HTTP status. */
function isRefusal(body: unknown, { reason, name }: ExpectedRefusal): boolean {
	if (!isRecord(body) || body["kind"] !== "Status" || body["reason"] !== reason) return false;
	return isRecord(body["details"]) && body["details"]["name"] === name;
}

/** The text with which an error message quotes a reply, without secrets. */
function said({ status, text }: RawReply, body: unknown, { token }: Credentials): string {
	const isStatus = isRecord(body) && body["kind"] === "Status";
	const clean = (words: unknown): string => redact(String(words), [token], { maxLength: 500 });
	if (isStatus) return `${status} ${clean(body["reason"])}: ${JSON.stringify(clean(body["message"]))}.`;
	return text === "" ? `${status} without a body.` : `${status}: ${JSON.stringify(clean(text))}.`;
}

function advice({ status, headers }: RawReply): string {
	if (status >= 200 && status < 300) return " The reply is not a JSON object: check option url.";
	if (status >= 300 && status < 400) return " Redirects are not followed: check option url.";
	if (status === 401) return " Check the token of the service account.";
	if (status === 403) return " Give the service account a role that may get, create and update leases.";
	const retryAfter = headers["retry-after"];
	return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter)
		? ` The API server asks to wait for ${retryAfter} s.`
		: "";
}

function reasonOf(error: unknown): string {
	if (!(error instanceof Error)) return "unknown error";
	// When connecting fails for several addresses, the error has no message, so its code or name is shown.
	return error.message || ("code" in error ? String(error.code) : error.name);
}
