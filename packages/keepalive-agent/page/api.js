import { makeEventParser } from "./event-stream-parser.js";

/** @import { StreamEvent } from "./event-stream-parser.js" */

const tokenKey = "keepalive-token";
/** The API token. This copy is used if the browser does not let the page store the token. @type {string | undefined} */
let tokenInMemory;

/**
 * The token that the user has entered. It is kept as long as the tab is open, and sent in a header only.
 *
 * @returns {string | undefined}
 */
export function readToken() {
	try {
		return sessionStorage.getItem(tokenKey) ?? tokenInMemory;
	} catch {
		return tokenInMemory;
	}
}

/** Keeps the token as long as the tab is open; if `token` is undefined, forgets the kept one. @param {string | undefined} token */
export function keepToken(token) {
	tokenInMemory = token;
	try {
		if (token === undefined) sessionStorage.removeItem(tokenKey);
		else sessionStorage.setItem(tokenKey, token);
	} catch {
		// The browser does not let the page store the token, so the token is kept in memory only.
	}
}

/** Thrown when the agent has refused a request, or when something other than the agent has answered. */
export class ApiError extends Error {
	/**
	 * @param {number} status
	 * @param {string} message
	 */
	constructor(status, message) {
		super(message);
		this.status = status;
	}
}

/**
 * Sends a request with the token, if there is one.
 *
 * @param {string} path - has no leading slash, because a proxy may serve the page below a path of its own.
 * @param {AbortSignal} signal
 * @param {Readonly<Record<string, string>>} [headers]
 */
async function request(path, signal, headers = {}) {
	const token = readToken();
	const response = await fetch(path, {
		cache: "no-store",
		redirect: "error",
		signal,
		headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
	});
	if (response.ok) return response;
	const detail = await response.json().then(
		(/** @type {unknown} */ body) => textOf(body, "detail"),
		() => undefined,
	);
	throw new ApiError(response.status, detail ?? `the agent answered ${response.status}`);
}

/**
 * Reads one of the agent's JSON documents. Rejects with an ApiError, or with another Error if there was no answer in time.
 *
 * @param {string} path
 * @param {number} timeoutMs
 * @returns {Promise<unknown>}
 */
export async function readJson(path, timeoutMs) {
	const response = await request(path, AbortSignal.timeout(timeoutMs));
	if (!/^application\/json\b/.test(response.headers.get("content-type") ?? "")) {
		throw new ApiError(response.status, "a proxy or another program answered in place of the agent");
	}
	return response.json();
}

/**
 * Returns the member `name` of any value, if that member is a string; otherwise undefined.
 *
 * @param {unknown} value
 * @param {string} name
 * @returns {string | undefined}
 */
export function textOf(value, name) {
	if (typeof value !== "object" || value === null) return undefined;
	const member = Object.getOwnPropertyDescriptor(value, name)?.value;
	return typeof member === "string" ? member : undefined;
}

/** The agent writes to the event stream at least every 15 s. A stream without data for this long is considered dead. */
const silentStreamMs = 40_000;

/**
 * Reads the event stream once, until it ends. Rejects if the stream cannot be opened or breaks.
 *
 * @param {string | undefined} lastId - the id of the last event that was received.
 * @param {AbortSignal} left - the reading ends when this signal aborts.
 * @param {() => void} onOpen
 * @param {(event: StreamEvent) => void} onEvent
 */
export async function readEvents(lastId, left, onOpen, onEvent) {
	const silent = new AbortController();
	const abort = () => silent.abort(new Error("the event stream sent no data for 40 s"));
	let timer = setTimeout(abort, silentStreamMs);
	try {
		const signal = AbortSignal.any([left, silent.signal]);
		const response = await request("v1/events", signal, lastId === undefined ? {} : { "last-event-id": lastId });
		if (!/^text\/event-stream\b/.test(response.headers.get("content-type") ?? "") || !response.body) {
			throw new ApiError(response.status, "a proxy or another program answered in place of the agent");
		}
		onOpen();
		const parse = makeEventParser();
		const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			clearTimeout(timer);
			timer = setTimeout(abort, silentStreamMs);
			for (const event of parse(value)) onEvent(event);
		}
	} finally {
		clearTimeout(timer);
		// The abort closes the connection, which is still open if reading or parsing the stream has failed.
		silent.abort();
	}
}
