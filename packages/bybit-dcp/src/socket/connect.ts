import { callSafely } from "@x/base/call-safely";
import { withDeadline } from "@x/base/clock";
import { OptionError } from "@x/base/errors";
import { safeCause } from "@x/base/redact";
import { createSignature } from "../auth/signer.ts";
import { abortedError, BybitError, isBybitError, packageName, timeoutError } from "../errors.ts";
import type { components } from "../generated/schema.ts";
import {
	type BybitCallOptions,
	type BybitSocketOptions,
	checkCallOptions,
	type ResolvedOptions,
	resolveOptions,
} from "../options.ts";
import { type BybitConnection, PrivateConnection } from "./connection.ts";

type SocketOptions = ResolvedOptions & { readonly WebSocket: typeof WebSocket };

/**
 * How long a login request may take to arrive, in milliseconds. The venue's sample code uses 1 000, which is too short
 * for a slow network.
 */
const authLifetimeMs = 10_000;

/**
 * Opens a private connection and logs in. Resolves when the venue has acknowledged the login.
 *
 * A new connection protects no orders yet: subscribe to the product's topic ({@link BybitConnection.subscribeDcp}),
 * ping regularly, and read the time window back ({@link BybitHttp.queryDcp}).
 *
 * @param callOptions - `timeoutMs` replaces both `connectTimeoutMs` and `authTimeoutMs`.
 * @throws BybitError of kind `timeout`, `network`, `auth`, `signer`, `closed` or `aborted`, after closing the
 * connection; OptionError.
 * @see https://bybit-exchange.github.io/docs/v5/ws/connect
 */
export async function connectBybit(
	options: BybitSocketOptions,
	callOptions: BybitCallOptions = {},
): Promise<BybitConnection> {
	const resolved = resolveSocketOptions(options);
	checkCallOptions(callOptions);
	const { signal, timeoutMs } = callOptions;
	if (signal?.aborted) throw abortedError("connect");
	const connection = new PrivateConnection(createSocket(resolved), resolved);
	try {
		await open(connection, resolved, timeoutMs ?? resolved.connectTimeoutMs, signal);
		// An error that the callback throws must not prevent the login.
		callSafely(() => resolved.onConnected?.());
		await authenticate(connection, resolved, timeoutMs ?? resolved.authTimeoutMs, signal);
		return connection;
	} catch (error) {
		// The close is not awaited, because closing a half-open connection would delay the error.
		void connection.close();
		throw error;
	}
}

/**
 * Checks options without opening a connection.
 *
 * @throws OptionError.
 */
export function checkBybitSocketOptions(options: BybitSocketOptions): void {
	resolveSocketOptions(options);
}

function resolveSocketOptions(options: BybitSocketOptions): SocketOptions {
	const resolved = resolveOptions(options);
	const { WebSocket = globalThis.WebSocket } = resolved;
	if (typeof WebSocket === "function") return { ...resolved, WebSocket };
	throw new OptionError(packageName, "WebSocket", "must be given: this platform has no global WebSocket");
}

function createSocket({ WebSocket, wsUrl, redact }: SocketOptions): WebSocket {
	try {
		return new WebSocket(wsUrl);
	} catch (error) {
		const cause = safeCause(error, redact);
		throw new BybitError("network", "the WebSocket could not be created", { call: "connect", cause });
	}
}

async function open(
	connection: PrivateConnection,
	{ wsUrl }: ResolvedOptions,
	timeoutMs: number,
	signal: AbortSignal | undefined,
): Promise<void> {
	const call = "connect";
	try {
		await connection.open({ call, timeoutMs, signal });
	} catch (error) {
		if (!isBybitError(error) || error.kind !== "closed") throw error;
		const { closeCode } = error;
		const { host } = new URL(wsUrl);
		throw new BybitError("network", `${host} refused the handshake or the connection broke`, { call, closeCode });
	}
}

async function authenticate(
	connection: PrivateConnection,
	{ apiKey, sign, redact, now, wsUrl }: ResolvedOptions,
	ms: number,
	signal: AbortSignal | undefined,
): Promise<void> {
	const call = "auth";
	// One deadline covers the signing and the reply, because a signer may take long, for example when it calls another
	// machine.
	const deadline = { ms, signal, onTimeout: () => timeoutError(call, ms), onAbort: () => abortedError(call) };
	const reply = await withDeadline(deadline, async (cut) => {
		const expires = Math.floor(now()) + authLifetimeMs;
		const signature = await createSignature(sign, `GET/realtime${expires}`, call);
		cut.throwIfAborted();
		const frame = { op: "auth" as const, args: [apiKey, expires, signature] };
		return connection.request<components["schemas"]["AuthReply"]>("auth", { call, timeoutMs: ms, signal: cut }, frame);
	});
	if (reply.success) return;
	const venueMessage = redact(reply.ret_msg ?? "");
	// The advice names all likely causes, because the reply to a refused login has no code, and its text is not reliable. To
	// find out whether the key is wrong, the caller can make a signed HTTP call.
	const todo =
		"Check this machine's clock, the key, the secret and the host: most often the login had expired on arrival. " +
		`The host was ${new URL(wsUrl).hostname}.`;
	throw new BybitError("auth", `refused (${venueMessage})`, { call, venueMessage, todo });
}
