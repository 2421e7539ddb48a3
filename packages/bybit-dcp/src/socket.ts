import type { BybitPrivateSocket, Pong, Subscribed } from "./bybit-private-socket.ts";
import { BybitError, isBybitError } from "./errors.ts";
import { type ReplyFrame, readFrame } from "./frames.ts";
import type { components } from "./generated/schema.ts";
import { integer } from "./option-checks.ts";
import type { ResolvedSocketOptions, StrangeFrame, TopicMessage } from "./options.ts";
import { type DcpTopic, isProduct, type Product, products, topicOf } from "./product.ts";
import { Requests } from "./requests.ts";
import { cutAs, monotonicMs, withDeadline } from "./time.ts";

type Schemas = components["schemas"];
type Sent = Schemas["AuthRequest"] | Schemas["SubscribeRequest"] | Schemas["PingRequest"];

/** The connection itself. `connectBybitPrivate` opens and authenticates it before anybody else sees it. */
export class PrivateSocket implements BybitPrivateSocket {
	readonly #options: ResolvedSocketOptions;
	readonly #socket: WebSocket;
	readonly #requests = new Requests();
	readonly #ended = new AbortController();
	readonly #closed = Promise.withResolvers<{ acknowledged: boolean }>();
	readonly #topics = new Set<string>();
	#strangeFrames = 0;

	/** Takes a socket that has just been made; `opened` settles when it is open or has failed. */
	readonly opened: Promise<void>;

	constructor(options: ResolvedSocketOptions, socket: WebSocket) {
		this.#options = options;
		this.#socket = socket;
		socket.binaryType = "arraybuffer";
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		this.opened = promise;
		promise.catch(() => undefined);
		socket.addEventListener("open", () => resolve());
		socket.addEventListener("message", (event: MessageEvent) => this.#receive(event.data));
		// In Node 22 a refused handshake is an `error` and no `close` follows; once it is open, `close` does.
		socket.addEventListener("error", () => {
			if (socket.readyState !== 1) this.#end(this.#closedError(1006, ""));
		});
		socket.addEventListener("close", (event: CloseEvent) => {
			this.#closed.resolve({ acknowledged: event.code !== 1006 });
			this.#end(this.#closedError(event.code, event.reason));
		});
		this.ended.addEventListener("abort", () => reject(this.ended.reason));
	}

	get ended(): AbortSignal {
		return this.#ended.signal;
	}

	get topics(): readonly string[] {
		return [...this.#topics];
	}

	get strangeFrames(): number {
		return this.#strangeFrames;
	}

	/** Sends a request and waits for its answer within `ms`. */
	async request<Frame extends ReplyFrame>(
		op: Frame["op"],
		attempt: string,
		ms: number,
		signal: AbortSignal | undefined,
		sent: (id: string) => Sent,
	): Promise<Frame> {
		this.#throwIfEnded(attempt);
		const { id, answer } = this.#requests.open<Frame>(op);
		try {
			return await withDeadline(ms, signal, cutAs(attempt, ms), () => {
				this.#socket.send(JSON.stringify(sent(id)));
				return answer;
			});
		} catch (error) {
			if (isBybitError(error)) throw error;
			// The standard lets send() throw; what it throws may quote the frame.
			throw new BybitError("closed", `${attempt} could not be sent.`, { attempt });
		} finally {
			this.#requests.forget(id);
		}
	}

	async subscribe(topic: string, signal?: AbortSignal): Promise<Subscribed> {
		if (topic === "dcp") {
			throw new BybitError(
				"options",
				"subscribe: the topic dcp is no longer in use; name dcp.future, dcp.spot or dcp.option.",
			);
		}
		if (typeof topic !== "string" || topic === "")
			throw new BybitError("options", "subscribe: the topic must be a text.");
		const { subscribeTimeoutMs, redact } = this.#options;
		const attempt = `subscribe ${redact(topic)}`;
		// Before the answer: without one the venue may have subscribed it all the same.
		this.#topics.add(topic);
		const reply = await this.request<Schemas["SubscribeReply"]>(
			"subscribe",
			attempt,
			subscribeTimeoutMs,
			signal,
			(id) => ({
				req_id: id,
				op: "subscribe",
				args: [topic],
			}),
		);
		if (reply.success) return { topic, already: false };
		const venueMessage = redact(reply.ret_msg ?? "");
		if (/already subscribed/i.test(venueMessage)) return { topic, already: true };
		this.#topics.delete(topic);
		// Of another topic it says that there is none of that name: the private host answers so as well.
		const wrongHost = topic.startsWith("dcp.") && /handler not found/i.test(venueMessage);
		const advice = wrongHost
			? "This is not the venue's private host: the dcp.* topics exist there only."
			: "This connection does not protect that topic's orders.";
		throw new BybitError(
			wrongHost ? "wrong-host" : "subscribe",
			`${attempt} was refused (${venueMessage}). ${advice}`,
			{
				attempt,
				venueMessage,
			},
		);
	}

	async subscribeDcp(product: Product, signal?: AbortSignal): Promise<Subscribed & { readonly topic: DcpTopic }> {
		if (!isProduct(product)) {
			throw new BybitError("options", `subscribeDcp: product must be one of ${products.join(", ")}; nothing was sent.`);
		}
		const topic = topicOf(product);
		const { already } = await this.subscribe(topic, signal);
		return { topic, already };
	}

	async ping(signal?: AbortSignal, timeoutMs = this.#options.pongTimeoutMs): Promise<Pong> {
		integer("timeoutMs", timeoutMs, 1, 600_000);
		const sentAt = monotonicMs();
		await this.request<Schemas["Pong"]>("pong", "ping", timeoutMs, signal, (id) => ({
			req_id: id,
			op: "ping",
		}));
		return { roundTripMs: monotonicMs() - sentAt };
	}

	async close(): Promise<{ readonly acknowledged: boolean }> {
		this.#end(new BybitError("closed", "the connection was closed on this side.", { attempt: "close" }));
		try {
			this.#socket.close(1000);
		} catch {
			// Already closing, which is what was asked for.
		}
		const { closeTimeoutMs } = this.#options;
		// A half-open socket never answers: waiting for it would be waiting for ever.
		return withDeadline(closeTimeoutMs, undefined, cutAs("close", closeTimeoutMs), () => this.#closed.promise).catch(
			() => ({ acknowledged: false }),
		);
	}

	#end(reason: BybitError): void {
		if (this.ended.aborted) return;
		this.#ended.abort(reason);
		this.#requests.rejectAll(reason);
	}

	#throwIfEnded(attempt: string): void {
		if (!this.ended.aborted) return;
		const reason = isBybitError(this.ended.reason) ? this.ended.reason : undefined;
		const details = { attempt, ...(reason?.closeCode === undefined ? {} : { closeCode: reason.closeCode }) };
		throw new BybitError("closed", `${attempt} was not sent: the connection has ended.`, { ...details, cause: reason });
	}

	#closedError(closeCode: number, text: string): BybitError {
		const said = text === "" ? "" : ` (${this.#options.redact(text)})`;
		const advice =
			"If no other connection is subscribed, the venue cancels one window from now: connect again at once.";
		return new BybitError("closed", `the connection ended with ${closeCode}${said}. ${advice}`, { closeCode });
	}

	#receive(data: unknown): void {
		if (this.ended.aborted) return;
		const received = readFrame(data);
		if (received.type === "topic") this.#tellTopic(received.message);
		else if (received.type === "strange") this.#strange(received.strange);
		else if (!this.#requests.settle(received.frame)) {
			this.#strange({ reason: "unasked", detail: `an answer to no open request (${received.frame.op})` });
		}
	}

	/** In a microtask of its own: whatever the handler does, the frames behind this one are still read. */
	#tellTopic(message: TopicMessage): void {
		const { onTopic, redact } = this.#options;
		if (!onTopic) return;
		Promise.resolve(message)
			.then(onTopic)
			.catch(() =>
				this.#strange({ reason: "handler-threw", detail: `onTopic threw for a message of ${redact(message.topic)}` }),
			);
	}

	#strange(strange: StrangeFrame): void {
		this.#strangeFrames += 1;
		const { onStrange } = this.#options;
		if (!onStrange) return;
		// Its own failure has nobody left to be told to.
		Promise.resolve(strange)
			.then(onStrange)
			.catch(() => undefined);
	}
}
