import { monotonicMs, sleep, withDeadline } from "@x/base/clock";
import {
	connectIbkr,
	type IbkrConnection,
	type IbkrHidden,
	type IbkrSocketOptions,
	isIbkrError,
	isOptionError,
} from "@x/ibkr-session";
import type { SessionError } from "../../session-error.ts";
import { openFailed, replyIncomplete } from "./error-disposition.ts";
import type { IbkrSettings, IbkrSocketSettings } from "./options.ts";

/**
 * Connects the socket of a session.
 *
 * @param key - the session key in the reply to the latest tickle.
 */
export async function connectSocket(
	key: IbkrHidden<string> | undefined,
	{ mode, client }: Pick<IbkrSettings, "mode" | "client">,
	{ token, ticMs: _, deadMs: __, ...options }: IbkrSocketSettings,
	onStatus: NonNullable<IbkrSocketOptions["onStatus"]>,
	signal: AbortSignal,
): Promise<IbkrConnection> {
	if (!key) throw replyIncomplete("tickle", "key for the socket");
	const { baseUrl, callTimeoutMs } = client;
	const proof =
		token && mode !== "gateway" ? { token: { version: mode, value: await tokenOf(token, callTimeoutMs, signal) } } : {};
	// The connect waits long enough for a heartbeat, which IBKR sends every ten seconds. With a heartbeat, the socket counts as
	// connected, even if IBKR has not recognized its session.
	const readyTimeoutMs = Math.max(callTimeoutMs, 12_000);
	try {
		return await connectIbkr({ ...options, ...proof, session: key, baseUrl, readyTimeoutMs, onStatus }, { signal });
	} catch (error) {
		if (isOptionError(error) && error.option === "token.value") throw tokenFailed("returned no usable token");
		throw error;
	}
}

/** Calls the option `token`. Of the errors that the option throws, only an IbkrError is shown: another may contain a secret. */
function tokenOf(
	token: NonNullable<IbkrSocketSettings["token"]>,
	ms: number,
	signal: AbortSignal,
): Promise<string | IbkrHidden<string>> {
	const onTimeout = (): SessionError => tokenFailed(`took longer than ${ms} ms`);
	return withDeadline({ ms, signal, onTimeout }, async () => {
		try {
			return await token();
		} catch (error) {
			throw isIbkrError(error) ? error : tokenFailed("failed");
		}
	});
}

const tokenRetryMs = 10_000;
const tokenFailed = (how: string): SessionError => openFailed(`option socket.token ${how}`, tokenRetryMs);

const checkIntervalMs = 5_000;
/** If a timer is late by this many milliseconds, this process had stalled, so missing frames are not the venue's fault. */
const stallMs = 1_000;

/** Events of a watched socket. */
export interface SocketEvents {
	/** Called if a frame has come since the last check; it came `ageMs` milliseconds ago. */
	onAlive(ageMs: number): void;
	/** Called if the socket is dead. After this, no other function is called. */
	onDead(reason: string): void;
	/** Called if the login or the brokerage session may be gone. */
	onDoubt(): void;
}

/** Sends `tic` at its interval and detects a dead socket, until the socket ends or the signal aborts. */
export async function watchSocket(
	socket: IbkrConnection,
	{ ticMs, deadMs }: Pick<IbkrSocketSettings, "ticMs" | "deadMs">,
	events: SocketEvents,
	signal: AbortSignal,
): Promise<void> {
	const over = AbortSignal.any([signal, socket.ended]);
	let lastHeardAt = socket.lastHeardAt;
	let heardAt = monotonicMs();
	let ticAt = heardAt;
	events.onAlive(0);
	while (!over.aborted) {
		const before = monotonicMs();
		const stepMs = Math.min(checkIntervalMs, ticMs, deadMs);
		await sleep(stepMs, over);
		if (over.aborted) break;
		const now = monotonicMs();
		const hasStalled = now - before > stepMs + stallMs;
		if (hasStalled || socket.lastHeardAt !== lastHeardAt) {
			// After a stall this timer runs before the frames that have arrived are read. So the socket gets the full time again.
			heardAt = hasStalled ? now : now - Math.min(Math.max(0, Date.now() - socket.lastHeardAt), stepMs);
			if (!hasStalled) events.onAlive(now - heardAt);
			lastHeardAt = socket.lastHeardAt;
		}
		if (now - heardAt >= deadMs) return events.onDead(`no frame came for ${deadMs} ms`);
		if (now - ticAt < ticMs) continue;
		ticAt = now;
		// A missing reply to `tic` is ignored: any frame proves the socket alive, and a heartbeat comes every ten seconds.
		void socket.tic().then(
			({ alive }) => {
				if (!alive) events.onDoubt();
			},
			() => undefined,
		);
	}
	if (!signal.aborted) events.onDead("it closed");
}
