import { after, monotonicMs } from "@x/base/clock";
import { type DeribitError, isDeribitError } from "../errors.ts";
import { creditsError, type RateLimitOfPool } from "../limits/credit-rate-limiter.ts";
import type { DeribitCallOptions } from "../method-types.ts";
import { checkCallOptions, type DeribitResolvedOptions } from "../options.ts";
import { PlacedOrders } from "../protection/placed-orders.ts";
import { type OnSettled, ProtectionSettings } from "../protection/protection-settings.ts";
import { KnownSecrets } from "../redact.ts";
import type { RelayedCall } from "../relay/relayed-call.ts";
import { notify, notifyProtectionChanged, reportUnexpected } from "./call-user-handlers.ts";
import { type ConnectionEnd, describeEnd, endError } from "./connection-end.ts";
import { encodeRelayed, encodeRequest, requestError, sendError } from "./encode-request.ts";
import { abortError, PendingCalls } from "./pending-calls.ts";
import { type DeribitNotification, type JsonObject, longestFrame, readFrame } from "./read-frame.ts";
import { replyError, venueError } from "./reply-result.ts";
import { Subscriptions } from "./subscriptions.ts";
import { VenueNotices } from "./venue-notices.ts";

/** The request id of the `public/test` requests that answer a `test_request`. The ids of other calls begin at 1. */
const testReplyId = 0;
const testReply = `{"jsonrpc":"2.0","id":${testReplyId},"method":"public/test","params":{}}`;
const methodName = /^(public|private)(\/\w+)+$/;
/**
 * Methods that cannot be relayed, because they would end the connection or change the account that it is logged in to.
 */
const ownMethods: ReadonlySet<string> = new Set([
	"public/auth",
	"public/exchange_token",
	"public/fork_token",
	"private/logout",
]);

/**
 * JSON-RPC over an open socket: calls, notifications and the end of the connection.
 *
 * Each `test_request` is answered inside the socket's event, before any code of the user runs.
 */
export class RpcConnection {
	/** Secrets to remove from every error of this connection. */
	readonly secrets = new KnownSecrets();
	readonly #socket: WebSocket;
	readonly #options: DeribitResolvedOptions;
	readonly #calls = new PendingCalls();
	readonly #settings: ProtectionSettings;
	readonly #orders = new PlacedOrders();
	readonly #subscriptions = new Subscriptions();
	readonly #notices = new VenueNotices();
	readonly #onEnd: (() => void)[] = [];
	readonly #onNotification = new Set<(notification: DeribitNotification, text: string) => void>();
	#ended: AbortController | undefined;
	#end: ConnectionEnd | undefined;
	#error: DeribitError | undefined;
	#closing: "logout" | "disconnect" | undefined;
	#receivedAt = monotonicMs();
	#sentAt = monotonicMs();

	constructor(socket: WebSocket, options: DeribitResolvedOptions) {
		this.#socket = socket;
		this.#options = options;
		this.#settings = new ProtectionSettings(() => notifyProtectionChanged(options));
		socket.addEventListener("message", (event) => this.#onMessage(event.data));
		socket.addEventListener("close", (event) => this.#finish(event.code));
	}

	/** A signal that aborts when the connection ends; its reason is a {@link DeribitError} of kind `closed`. */
	get ended(): AbortSignal {
		// The AbortController is created only when it is needed, because creating it is slow.
		if (!this.#ended) {
			this.#ended = new AbortController();
			if (this.#end) this.#ended.abort(this.#endError());
		}
		return this.#ended.signal;
	}

	/** Registers a listener for the end of the connection. The listener is called before {@link ended} aborts. */
	onEnd(listener: () => void): void {
		this.#onEnd.push(listener);
	}

	/** Whether the connection has neither ended nor is closing. */
	get isOpen(): boolean {
		return !this.#end && !this.#closing;
	}

	/** Milliseconds since the last frame. */
	get silentMs(): number {
		return monotonicMs() - this.#receivedAt;
	}

	/** Cancel-on-disconnect, heartbeats and login of this connection, as known from the replies. */
	get settings(): Pick<ProtectionSettings, "cancelOnDisconnect" | "heartbeatSeconds" | "areTokensRejected"> {
		return this.#settings;
	}

	/** The orders placed over this connection. */
	get orders(): Pick<PlacedOrders, "ids" | "unanswered" | "hasUnlistedQuotes"> {
		return this.#orders;
	}

	/** The channels that this connection is subscribed to. */
	get subscriptions(): Pick<Subscriptions, "has"> {
		return this.#subscriptions;
	}

	/**
	 * Sends a request and waits for its reply, which is not checked against the spec. If the credits allow, the request
	 * is sent before the first `await`.
	 *
	 * @param onSent - called once the request is sent. Passed for `private/logout` only. A request with this function is sent
	 * even if the connection is closing.
	 */
	async exchange(
		method: string,
		params: unknown,
		options: DeribitCallOptions = {},
		onSent?: () => void,
	): Promise<JsonObject> {
		const { signal, timeoutMs = this.#options.callTimeoutMs, fromReserve = false } = options;
		if (!this.isOpen) throw this.#endError();
		if (signal?.aborted) throw abortError(method);
		// The venue accepts a method name with a leading slash too, but `ProtectionSettings` would not recognise that method, and so
		// miss a change that the call makes.
		if (!methodName.test(method))
			throw requestError(method, "the name of a method must be public/… or private/… in lower case");
		checkCallOptions(options);
		this.secrets.add(params);
		let cancelQueued: (() => void) | undefined;
		let onSettingSettled: OnSettled | undefined;
		const id = this.#calls.nextId();
		const reply = this.#calls.wait(id, {
			call: method,
			timeoutMs,
			signal,
			onSettled: () => {
				cancelQueued?.();
				onSettingSettled?.();
			},
			onReply: (body) => {
				this.secrets.add(body["result"]);
				onSettingSettled?.(body);
				this.#recordReply(id, method, params, body);
			},
		});
		const send = (): void => {
			try {
				onSettingSettled = this.#send(id, method, params, encodeRequest(id, method, params));
				onSent?.();
			} catch (error) {
				this.#calls.fail(id, () => sendError(method, error));
			}
		};
		const { credits } = this.#options;
		const waitMs = credits.waitMs(method, fromReserve);
		if (waitMs === 0) {
			credits.spend(method);
			send();
		} else if (this.#options.whenCreditsAreSpent === "refuse" || waitMs > timeoutMs) {
			this.#calls.fail(id, () => creditsError(method, waitMs));
		} else {
			// If the connection has begun to close before the credits are available, the request fails. Only `private/logout`,
			// the request with `onSent`, is sent nevertheless.
			cancelQueued = credits.enqueue(method, fromReserve, () =>
				this.isOpen || onSent ? send() : void this.#calls.fail(id, () => this.#endError()),
			);
		}
		return reply;
	}

	/**
	 * Sends the request of another program at once.
	 *
	 * @throws {DeribitError} when the request was not sent. Then neither `onReply` nor `onFailure` is called.
	 */
	relay(call: RelayedCall): void {
		const { method, params, paramsText, onReply, onFailure } = call;
		const { timeoutMs = this.#options.callTimeoutMs, fromReserve = false } = call;
		if (!this.isOpen) throw this.#endError();
		if (!methodName.test(method))
			throw requestError(method, "the name of a method must be public/… or private/… in lower case");
		if (ownMethods.has(method))
			throw requestError(method, "relaying it would end the connection or change its account");
		const { credits } = this.#options;
		const waitMs = credits.waitMs(method, fromReserve);
		if (waitMs > 0) throw creditsError(method, waitMs);
		const id = this.#calls.nextId();
		const text = encodeRelayed(id, method, paramsText);
		let onSettingSettled: OnSettled | undefined;
		try {
			onSettingSettled = this.#send(id, method, params, text);
		} catch (error) {
			throw sendError(method, error);
		}
		credits.spend(method);
		this.#calls.add(id, {
			call: method,
			timeoutMs,
			onSettled: () => onSettingSettled?.(),
			onReply: (body, replyText) => {
				onSettingSettled?.(body);
				this.#recordReply(id, method, params, body);
				onReply(replyText, body);
			},
			onFailure,
		});
	}

	/** The rate limit of a method: see `DeribitCredits.limitOf`. */
	rateLimitOf(method: string): RateLimitOfPool | undefined {
		return this.#options.credits.limitOf(method);
	}

	/** Calls `listener` inside the socket's event with each notification. The returned function removes the listener. */
	onNotification(listener: (notification: DeribitNotification, text: string) => void): () => void {
		this.#onNotification.add(listener);
		return () => this.#onNotification.delete(listener);
	}

	/**
	 * Sends `private/logout`, to which the venue replies only when it refuses.
	 *
	 * @throws {DeribitError} when the logout was refused or could not be sent. The connection stays open, because closing
	 * it without a logout would cancel the orders.
	 */
	async logout(invalidateToken: boolean): Promise<void> {
		const method = "private/logout";
		const options = { timeoutMs: this.#options.closeTimeoutMs, fromReserve: true };
		let isSent = false;
		const exchange = this.exchange(method, { invalidate_token: invalidateToken }, options, () => {
			isSent = true;
		});
		this.#closing = "logout";
		try {
			const { error } = await exchange;
			if (error === undefined) return;
			throw this.#venueError(method, error);
		} catch (error) {
			if (this.#end) return;
			// The logout was sent, but no close frame came before the deadline: this side gives up waiting.
			if (isSent && isDeribitError(error) && error.kind === "timeout") return this.#finish(undefined);
			this.#closing = undefined;
			throw error;
		}
	}

	/** Closes the socket without `private/logout`. */
	disconnect(): void {
		this.#closing = "disconnect";
		this.#closeSocket(1000);
	}

	/** Waits at most `closeTimeoutMs` for the end of a connection that is closing. */
	async whenEnded(): Promise<ConnectionEnd> {
		if (!this.#end) {
			const cancelTimer = after(this.#options.closeTimeoutMs, () => this.#finish(undefined));
			await new Promise<void>((resolve) => this.onEnd(resolve));
			cancelTimer();
		}
		return this.#end ?? this.#describeEnd(undefined);
	}

	/** Sends a request and records what the request may change on this connection. */
	#send(id: number, method: string, params: unknown, text: string): OnSettled | undefined {
		const onSettled = this.#settings.onSend(method, params);
		this.#subscriptions.onSend(method, params);
		this.#socket.send(text);
		this.#sentAt = monotonicMs();
		this.#orders.onSent(id, method, params);
		return onSettled;
	}

	/** Records what the reply to a request says about this connection. */
	#recordReply(id: number, method: string, params: unknown, body: JsonObject): void {
		this.#settings.onReply(method, params, body);
		this.#orders.onReply(id, body, method);
		this.#subscriptions.onReply(method, params, body);
	}

	#onMessage(data: unknown): void {
		// Ignore frames after the end: when this side gave up waiting for the close frame, the socket may deliver more
		// frames.
		if (this.#end) return;
		this.#receivedAt = monotonicMs();
		const frame = readFrame(data);
		if (frame.kind === "test-request") {
			this.#answerTestRequest();
		} else if (frame.kind === "notification") {
			this.#notices.readNotification(frame.notification);
			this.#orders.onNotification(frame.notification);
			// The cast is safe: only a text frame is read as a notification.
			for (const listener of this.#onNotification) listener(frame.notification, data as string);
			notify(this.#options, frame.notification);
		} else if (frame.kind === "reply") {
			// The cast is safe: only a text frame is read as a reply.
			this.#onReply(frame.id, frame.body, data as string);
		} else if (frame.kind === "too-long") {
			this.#onLongFrame(frame.id, frame.length);
		} else if (frame.kind === "unexpected") {
			reportUnexpected(this.#options, frame.message);
		}
	}

	#onReply(id: unknown, body: JsonObject, text: string): void {
		if (this.#notices.readReply(body)) this.#options.credits.drain();
		if (id === testReplyId) {
			if ("error" in body) this.#reportTestReplyFailed(this.#venueError("public/test", body["error"]));
			return;
		}
		if (this.#calls.resolve(id, body, text)) return;
		this.#orders.onReply(id, body);
		const type = id === undefined || id === null ? "reply-without-id" : "reply-to-nothing";
		const cause = body["error"] === undefined ? undefined : this.#venueError("a request", body["error"]);
		reportUnexpected(this.#options, { type, detail: "a reply that no call waits for", ...(cause && { cause }) });
	}

	#onLongFrame(id: number | undefined, length: number): void {
		const detail = `a frame of ${length} characters (at most ${longestFrame} are read)`;
		const failed =
			id !== undefined && this.#calls.fail(id, (call) => replyError({ call, secrets: [] }, "/", `it is ${detail}`));
		if (!failed) reportUnexpected(this.#options, { type: "long-frame", detail });
	}

	#answerTestRequest(): void {
		if (!this.isOpen) return;
		try {
			this.#socket.send(testReply);
		} catch (error) {
			this.#reportTestReplyFailed(sendError("public/test", error));
			return;
		}
		this.#sentAt = monotonicMs();
		// The reply is sent even if no credits are left: if no reply came, the venue would certainly end the session.
		this.#options.credits.spend("public/test");
	}

	#reportTestReplyFailed(cause: DeribitError): void {
		reportUnexpected(this.#options, {
			type: "answer-failed",
			detail: "a test_request of the venue could not be answered",
			cause,
		});
	}

	#venueError(call: string, error: unknown): DeribitError {
		return venueError(error, { call, secrets: this.secrets });
	}

	#describeEnd(closeCode: number | undefined): ConnectionEnd {
		const sendIdleMs = monotonicMs() - this.#sentAt;
		const idleMs = Math.min(sendIdleMs, this.silentMs);
		const isArmed = this.#settings.cancelOnDisconnect.value;
		return describeEnd({ ...this.#notices.ages, closeCode, closing: this.#closing, idleMs, sendIdleMs, isArmed });
	}

	/**
	 * The error of a connection that has ended or is closing. The error is created only when it is needed, because
	 * creating it takes as long as a call.
	 */
	#endError(): DeribitError {
		if (!this.#end) return endError(this.#describeEnd(undefined));
		this.#error ??= endError(this.#end);
		return this.#error;
	}

	/**
	 * Ends the connection; has no effect if the connection has ended.
	 *
	 * @param closeCode - the code of the close event; undefined when this side gives up waiting.
	 */
	#finish(closeCode: number | undefined): void {
		if (this.#end) return;
		this.#end = this.#describeEnd(closeCode);
		if (closeCode === undefined) this.#closeSocket();
		for (const listener of this.#onEnd) listener();
		this.#ended?.abort(this.#endError());
		this.#calls.failAll(() => this.#endError());
	}

	#closeSocket(code?: number): void {
		try {
			this.#socket.close(code);
		} catch {
			// An error of a custom WebSocket class is ignored here, because the connection has ended either way.
		}
	}
}
