import { callSafely } from "@x/base/call-safely";
import { monotonicMs, withDeadline } from "@x/base/clock";
import { oneOf, rule } from "@x/base/option-schema";
import { type BybitProduct, bybitProducts, bybitTopicOf } from "../dcp/protected-product.ts";
import { BybitError } from "../errors.ts";
import type { components } from "../generated/schema.ts";
import {
	type BybitCallOptions,
	type BybitUnexpectedMessage,
	checkArgument,
	checkCallOptions,
	type ResolvedOptions,
	type TopicMessage,
} from "../options.ts";
import { PendingRequests, type RequestOptions } from "./pending-requests.ts";
import { type ReplyFrame, readFrame } from "./read-frame.ts";

type Schemas = components["schemas"];
type RequestFrame = Schemas["AuthRequest"] | Schemas["SubscribeRequest"] | Schemas["PingRequest"];

/**
 * An authenticated private connection, which does not reconnect.
 *
 * When the last connection of the account that is subscribed to a product's topic is lost, the venue cancels the
 * product's orders once the product's time window has passed.
 */
export interface BybitConnection {
	/** Aborts when the connection has ended. The reason is a {@link BybitError} of kind `closed`. */
	readonly ended: AbortSignal;
	/**
	 * The topics that this connection has requested and the venue has not refused. The reply to a request may still be
	 * missing. Each change creates a new array.
	 *
	 * Topics other than `dcp.*` are a risk: the venue may count the messages that it sends for them as activity of this
	 * connection, and may then not notice that this process has died.
	 */
	readonly topics: readonly string[];
	/** How many messages could not be used, plus how often a callback threw or rejected. */
	readonly unexpectedCount: number;
	/**
	 * Subscribes to a topic. The venue's answer "already subscribed" is a success. `timeoutMs` replaces `subscribeTimeoutMs`.
	 *
	 * @throws BybitError of kind `wrong-host`, `subscribe`, `timeout`, `closed` or `aborted`; OptionError.
	 */
	subscribe(
		topic: string,
		options?: BybitCallOptions,
	): Promise<{
		/** The topic that was subscribed. */
		readonly topic: string;
		/** Whether this connection was subscribed to the topic before. */
		readonly already: boolean;
	}>;
	/**
	 * Subscribes to the topic of a product, so that the venue counts this connection as a subscriber: when the last
	 * subscriber is lost, the venue cancels the product's orders. Throws as {@link subscribe} does.
	 */
	subscribeDcp(
		product: BybitProduct,
		options?: BybitCallOptions,
	): Promise<{
		/** The topic of the product. */
		readonly topic: ReturnType<typeof bybitTopicOf>;
		/** Whether this connection was subscribed to the topic before. */
		readonly already: boolean;
	}>;
	/**
	 * Sends the venue's own ping and waits for its pong. Ping frames of the WebSocket protocol do not keep a private
	 * connection alive. `timeoutMs` replaces `pongTimeoutMs`.
	 *
	 * @returns how long the pong took.
	 * @throws BybitError of kind `timeout`, `closed` or `aborted`; OptionError. The connection stays open.
	 */
	ping(options?: BybitCallOptions): Promise<{ readonly roundTripMs: number }>;
	/**
	 * Closes the connection. **Closing counts as a disconnection:** the venue cancels the product's orders once the
	 * product's time window has passed, unless another connection of the account is subscribed to the same `dcp.*` topic.
	 * No call prevents this cancel.
	 *
	 * @returns whether the venue acknowledged the close. If false, the venue counts the connection as alive until its
	 * idle timeout. `close` never throws, and may be called more than once.
	 */
	close(): Promise<{ readonly acknowledged: boolean }>;
}

/** The options that an open connection still needs. All other options are needed only to open the connection. */
type KeptOptions = Pick<
	ResolvedOptions,
	"subscribeTimeoutMs" | "pongTimeoutMs" | "closeTimeoutMs" | "redact" | "onTopic" | "onTopicsChange" | "onUnexpected"
>;

/**
 * Implements {@link BybitConnection}. `connectBybit` opens and authenticates the connection before it returns it.
 *
 * @internal
 */
export class PrivateConnection implements BybitConnection {
	readonly #options: KeptOptions;
	readonly #socket: WebSocket;
	readonly #requests = new PendingRequests();
	/**
	 * The objects in `#ended` and `#closed` are created when they are first needed, because they would take most of the
	 * memory of an idle connection.
	 */
	#ended: AbortController | undefined;
	#reason: BybitError | undefined;
	#closed: PromiseWithResolvers<{ acknowledged: boolean }> | undefined;
	#topics: readonly string[] = [];
	#unexpectedCount = 0;

	/** @param socket - a WebSocket that was created in the current tick, so that none of its events is missed. */
	constructor(socket: WebSocket, options: KeptOptions) {
		const { subscribeTimeoutMs, pongTimeoutMs, closeTimeoutMs, redact, onTopic, onTopicsChange, onUnexpected } =
			options;
		const timeouts = { subscribeTimeoutMs, pongTimeoutMs, closeTimeoutMs };
		this.#options = { ...timeouts, redact, onTopic, onTopicsChange, onUnexpected };
		this.#socket = socket;
		socket.binaryType = "arraybuffer";
		// One listener for all events saves memory in a process with thousands of connections.
		const onEvent = (event: Event | MessageEvent | CloseEvent): void => this.#onEvent(event);
		socket.addEventListener("open", onEvent, { once: true });
		for (const type of ["message", "error", "close"]) socket.addEventListener(type, onEvent);
	}

	#onEvent(event: Event | MessageEvent | CloseEvent): void {
		if ("data" in event) this.#onMessage(event.data);
		else if ("code" in event) {
			this.#whenClosed().resolve({ acknowledged: event.code !== 1006 });
			this.#end(this.#closedError(event.code, event.reason));
			// In Node 22 a refused handshake causes an `error` event without a `close` event. Once the socket is open, a `close`
			// event always follows.
		} else if (this.#socket.readyState !== 1) this.#end(this.#closedError(1006, ""));
		else this.#requests.settle({ op: "open" });
	}

	get ended(): AbortSignal {
		this.#ended ??= new AbortController();
		if (this.#reason) this.#ended.abort(this.#reason);
		return this.#ended.signal;
	}

	get topics(): readonly string[] {
		return this.#topics;
	}

	get unexpectedCount(): number {
		return this.#unexpectedCount;
	}

	/** Waits until the WebSocket is open. Must be called in the tick in which the WebSocket was created. */
	async open(options: RequestOptions): Promise<void> {
		await this.#requests.request("open", options, () => undefined);
	}

	/** Sends a request and waits for its reply. */
	request<Frame extends ReplyFrame>(
		op: Frame["op"],
		options: RequestOptions,
		frame: Omit<RequestFrame, "req_id">,
	): Promise<Frame> {
		return this.#requests.request<Frame>(op, options, (id) => {
			const { call } = options;
			const cause = this.#reason;
			if (cause) {
				const { closeCode } = cause;
				throw new BybitError("closed", "not sent: the connection has ended. Connect again", { call, cause, closeCode });
			}
			try {
				this.#socket.send(JSON.stringify({ req_id: id, ...frame }));
			} catch {
				// The error has no cause, because the message of the cause may quote the frame.
				throw new BybitError("closed", "not sent: WebSocket.send() failed. Connect again", { call });
			}
		});
	}

	async subscribe(topic: string, options: BybitCallOptions = {}): ReturnType<BybitConnection["subscribe"]> {
		checkCallOptions(options);
		const allowed = rule<string>(
			"a non-empty string other than dcp",
			(value) => typeof value === "string" && value !== "" && value !== "dcp",
		);
		checkArgument("topic", allowed, topic);
		const { redact, subscribeTimeoutMs } = this.#options;
		const { signal, timeoutMs = subscribeTimeoutMs } = options;
		const call = `subscribe ${redact(topic)}`;
		// The topic is added to `topics` before the reply comes: if no reply comes, the venue may have accepted the
		// subscription nevertheless.
		if (!this.#topics.includes(topic)) this.#setTopics(this.#topics.concat(topic));
		const frame = { op: "subscribe" as const, args: [topic] };
		const reply = await this.request<Schemas["SubscribeReply"]>("subscribe", { call, timeoutMs, signal }, frame);
		if (reply.success) return { topic, already: false };
		const venueMessage = redact(reply.ret_msg ?? "");
		if (/already subscribed/i.test(venueMessage)) return { topic, already: true };
		this.#setTopics(this.#topics.filter((one) => one !== topic));
		// The answer "handler not found" means that the host does not know the topic. The private host knows every dcp.*
		// topic. Therefore this answer to a dcp.* topic shows that the connection is to another host.
		const isWrongHost = topic.startsWith("dcp.") && /handler not found/i.test(venueMessage);
		const todo = isWrongHost
			? "Set option wsUrl to the venue's private host: only that has dcp.* topics."
			: "Connect again.";
		throw new BybitError(isWrongHost ? "wrong-host" : "subscribe", `refused (${venueMessage})`, {
			call,
			venueMessage,
			todo,
		});
	}

	#setTopics(topics: readonly string[]): void {
		this.#topics = Object.freeze(topics);
		// A subscription must not fail because the callback `onTopicsChange` throws.
		callSafely(() => this.#options.onTopicsChange?.(topics));
	}

	async subscribeDcp(product: BybitProduct, options?: BybitCallOptions): ReturnType<BybitConnection["subscribeDcp"]> {
		checkArgument("product", oneOf(...bybitProducts), product);
		const topic = bybitTopicOf(product);
		const { already } = await this.subscribe(topic, options);
		return { topic, already };
	}

	async ping(options: BybitCallOptions = {}): Promise<{ readonly roundTripMs: number }> {
		checkCallOptions(options);
		const { signal, timeoutMs = this.#options.pongTimeoutMs } = options;
		const sentAt = monotonicMs();
		await this.request<Schemas["Pong"]>("pong", { call: "ping", timeoutMs, signal }, { op: "ping" });
		return { roundTripMs: monotonicMs() - sentAt };
	}

	async close(): Promise<{ readonly acknowledged: boolean }> {
		this.#end(new BybitError("closed", "the connection was closed by this program"));
		try {
			this.#socket.close(1000);
		} catch {
			// Errors of the socket are ignored, because the connection is ending anyway.
		}
		const { promise } = this.#whenClosed();
		// The deadline is needed because a half-open connection never acknowledges the close.
		const deadline = { ms: this.#options.closeTimeoutMs, onTimeout: () => undefined };
		return withDeadline(deadline, () => promise).catch(() => ({ acknowledged: false }));
	}

	#whenClosed(): PromiseWithResolvers<{ acknowledged: boolean }> {
		this.#closed ??= Promise.withResolvers();
		return this.#closed;
	}

	#end(reason: BybitError): void {
		if (this.#reason) return;
		this.#reason = reason;
		this.#ended?.abort(reason);
		this.#requests.rejectAll(reason);
	}

	#closedError(closeCode: number, closeReason: string): BybitError {
		const quoted = closeReason === "" ? "" : ` (${this.#options.redact(closeReason)})`;
		const todo = "Connect again within the time window, or the venue cancels the orders.";
		return new BybitError("closed", `the connection ended with close code ${closeCode}${quoted}`, { closeCode, todo });
	}

	#onMessage(data: unknown): void {
		if (this.#reason) return;
		const received = readFrame(data);
		if (received.type === "topic") this.#publishTopic(received.message);
		else if (received.type === "unexpected") this.#publishUnexpected(received.unexpected);
		else if (!this.#requests.settle(received.frame)) {
			const detail = `a reply that no request waits for (${received.frame.op})`;
			this.#publishUnexpected({ reason: "unasked", detail });
		}
	}

	/** Calls `onTopic` in a microtask, so that a callback that throws does not affect the handling of later frames. */
	#publishTopic(message: TopicMessage): void {
		const { onTopic, redact } = this.#options;
		if (!onTopic) return;
		Promise.resolve(message)
			.then(onTopic)
			.catch(() => {
				const detail = `onTopic threw for a message of ${redact(message.topic)}`;
				this.#publishUnexpected({ reason: "handler-threw", detail });
			});
	}

	#publishUnexpected(unexpected: BybitUnexpectedMessage): void {
		this.#unexpectedCount += 1;
		const { onUnexpected } = this.#options;
		if (!onUnexpected) return;
		// Errors that `onUnexpected` throws are ignored, because there is no other callback to which they could be reported.
		Promise.resolve(unexpected)
			.then(onUnexpected)
			.catch(() => undefined);
	}
}
