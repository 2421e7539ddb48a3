import { BybitError, failed, isBybitError } from "../errors.ts";
import type { components } from "../generated/schema.ts";
import { signText } from "../http/exchange.ts";
import { environmentOf } from "../http/ret-code.ts";
import { type BybitSocketOptions, type ResolvedSocketOptions, resolveSocketOptions } from "../options.ts";
import { safeCause } from "../redact.ts";
import { aborted, withDeadline } from "../time.ts";
import type { BybitConnection } from "./private-socket.ts";
import { PrivateSocket } from "./socket-connection.ts";

/** How long an authentication stays good on its way, in milliseconds. One second, as in the venue's sample, is too short for a slow link. */
const authLifeMs = 10_000;

/**
 * Opens a private connection and authenticates it. It resolves when the venue has acknowledged.
 *
 * A connection alone protects nobody: subscribe the product's topic ({@link BybitConnection.subscribeDcp}), ping, and
 * read the configuration back ({@link BybitHttp.queryDcp}).
 *
 * @throws BybitError: `options` before anything connects; `timeout` for the socket or the answer; `network`; `auth` or
 * `environment` when the venue refuses; `closed`; `aborted`. The connection is closed then, since a venue that refuses
 * does not always close it.
 * @see https://bybit-exchange.github.io/docs/v5/ws/connect
 */
export async function connectBybit(options: BybitSocketOptions, signal?: AbortSignal): Promise<BybitConnection> {
	const resolved = resolveSocketOptions(options);
	if (signal?.aborted) throw aborted("connect");
	const socket = new PrivateSocket(construct(resolved), resolved);
	try {
		await open(socket, resolved, signal);
		await authenticate(socket, resolved, signal);
		return socket;
	} catch (error) {
		// Not waited for: the caller learns why at once, and a half-open socket would not answer.
		void socket.close();
		throw error;
	}
}

/**
 * What {@link connectBybit} checks before it connects, for who connects later and wants to know now.
 *
 * @throws BybitError of kind `options`.
 */
export function checkBybitSocketOptions(options: BybitSocketOptions): void {
	resolveSocketOptions(options);
}

function construct({ WebSocket, url, redact }: ResolvedSocketOptions): WebSocket {
	try {
		return new WebSocket(url);
	} catch (error) {
		const cause = safeCause(error, redact);
		throw failed("network", "connect", "failed: no WebSocket could be made.", { cause });
	}
}

async function open(socket: PrivateSocket, options: ResolvedSocketOptions, signal?: AbortSignal): Promise<void> {
	const { host } = new URL(options.url);
	const late = `connect to ${host} did not succeed`;
	try {
		await socket.open({ attempt: "connect", ms: options.connectTimeoutMs, signal, late });
	} catch (error) {
		if (!isBybitError(error) || error.kind !== "closed") throw error;
		const { closeCode } = error;
		const message = `connect to ${host} failed: the handshake was refused or the line was cut.`;
		throw new BybitError("network", message, { attempt: "connect", closeCode });
	}
}

async function authenticate(
	socket: PrivateSocket,
	options: ResolvedSocketOptions,
	signal?: AbortSignal,
): Promise<void> {
	const { apiKey, sign, redact, authTimeoutMs: ms, now } = options;
	const attempt = "auth";
	// One deadline for signing and answer: a signer that asks another machine can hang as well.
	const reply = await withDeadline(ms, signal, attempt, async (cut) => {
		const expires = Math.floor(now()) + authLifeMs;
		const signature = await signText(sign, `GET/realtime${expires}`, attempt, redact);
		cut.throwIfAborted();
		const asking = { attempt, ms, signal: cut };
		const sent = { op: "auth" as const, args: [apiKey, expires, signature] };
		return socket.request<components["schemas"]["AuthReply"]>("auth", asking, sent);
	});
	if (reply.success) return;
	const venueMessage = redact(reply.ret_msg ?? "");
	// This answer has no code, so here alone the text has to tell a wrong key from the rest.
	const wrongKey = /api key is invalid/i.test(venueMessage);
	const advice = wrongKey
		? `A key works in its own environment only: check that key and host belong together. ${environmentOf(options.url)}`
		: "Most often this clock is late or the link was slow, so that the expiry had passed; else the key or secret is wrong.";
	const what = `was refused (${venueMessage}). ${advice}`;
	throw failed(wrongKey ? "environment" : "auth", attempt, what, { venueMessage });
}
