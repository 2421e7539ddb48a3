import { type BybitDcpTopic, type BybitProduct, bybitTopicOf, requireProduct } from "../dcp/product.ts";
import { BybitError, failed } from "../errors.ts";
import type { components } from "../generated/schema.ts";
import { integer } from "../option-checks.ts";
import type { BybitTopicMessage, BybitUnexpectedMessage, ResolvedSocketOptions } from "../options.ts";
import { monotonicMs, withDeadline } from "../time.ts";
import { type ReplyFrame, readFrame } from "./frames.ts";
import { type Asking, Requests } from "./pending-requests.ts";
import type { BybitConnection, BybitPong, BybitSubscribed } from "./private-socket.ts";

type Schemas = components["schemas"];
type Sent = Schemas["AuthRequest"] | Schemas["SubscribeRequest"] | Schemas["PingRequest"];

/** What a connection needs of its options once it has been made: the rest is not kept for its life. */
type Kept = Pick<
	ResolvedSocketOptions,
	"subscribeTimeoutMs" | "pongTimeoutMs" | "closeTimeoutMs" | "redact" | "onTopic" | "onUnexpected"
>;

/** The connection itself. `connectBybit` opens and authenticates it before anybody else sees it. */
export class PrivateSocket implements BybitConnection {
	readonly #options: Kept;
	readonly #socket: WebSocket;
	readonly #requests = new Requests();
	/** Made when somebody asks for it, like what is behind `close`: most of what an idle connection would weigh. */
	#ended: AbortController | undefined;
	#reason: BybitError | undefined;
	#closed: PromiseWithResolvers<{ acknowledged: boolean }> | undefined;
	#topics: readonly string[] = [];
	#strangeFrames = 0;

	/** Takes a socket that has just been made. */
	constructor(socket: WebSocket, options: Kept) {
		const { subscribeTimeoutMs, pongTimeoutMs, closeTimeoutMs, redact, onTopic, onUnexpected } = options;
		this.#options = { subscribeTimeoutMs, pongTimeoutMs, closeTimeoutMs, redact, onTopic, onUnexpected };
		this.#socket = socket;
		socket.binaryType = "arraybuffer";
		// One listener for all that happens: a thousand idle connections would keep four thousand closures.
		const hear = (event: Event | MessageEvent | CloseEvent): void => this.#hear(event);
		socket.addEventListener("open", hear, { once: true });
		for (const type of ["message", "error", "close"]) socket.addEventListener(type, hear);
	}

	#hear(event: Event | MessageEvent | CloseEvent): void {
		if ("data" in event) this.#receive(event.data);
		else if ("code" in event) {
			this.#whenClosed().resolve({ acknowledged: event.code !== 1006 });
			this.#end(this.#closedError(event.code, event.reason));
			// In Node 22 a refused handshake is an `error` and no `close` follows; once it is open, `close` does.
		} else if (this.#socket.readyState !== 1) this.#end(this.#closedError(1006, ""));
		else this.#requests.settle({ op: "open" });
	}

	get ended(): AbortSignal {
		this.#ended ??= new AbortController();
		if (this.#reason) this.#ended.abort(this.#reason);
		return this.#ended.signal;
	}

	get topics(): readonly string[] {
		return [...this.#topics];
	}

	get strangeFrames(): number {
		return this.#strangeFrames;
	}

	/** Waits until the socket is open. To be called in the tick in which it was made. */
	async open(asking: Asking): Promise<void> {
		await this.#requests.ask("open", asking, () => undefined);
	}

	/** Sends a request and waits for its answer. */
	request<Frame extends ReplyFrame>(op: Frame["op"], asking: Asking, what: Omit<Sent, "req_id">): Promise<Frame> {
		return this.#requests.ask<Frame>(op, asking, (id) => {
			const { attempt } = asking;
			const cause = this.#reason;
			if (cause) {
				const { closeCode } = cause;
				throw failed("closed", attempt, "was not sent: the connection has ended.", { cause, closeCode });
			}
			try {
				this.#socket.send(JSON.stringify({ req_id: id, ...what }));
			} catch {
				// The standard lets send() throw; what it throws may quote the frame.
				throw failed("closed", attempt, "could not be sent.");
			}
		});
	}

	async subscribe(topic: string, signal?: AbortSignal): Promise<BybitSubscribed> {
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
		if (!this.#topics.includes(topic)) this.#topics = this.#topics.concat(topic);
		const asking = { attempt, ms: subscribeTimeoutMs, signal };
		const sent = { op: "subscribe" as const, args: [topic] };
		const reply = await this.request<Schemas["SubscribeReply"]>("subscribe", asking, sent);
		if (reply.success) return { topic, already: false };
		const venueMessage = redact(reply.ret_msg ?? "");
		if (/already subscribed/i.test(venueMessage)) return { topic, already: true };
		this.#topics = this.#topics.filter((one) => one !== topic);
		// Of another topic it says that there is none of that name: the private host answers so as well.
		const wrongHost = topic.startsWith("dcp.") && /handler not found/i.test(venueMessage);
		const advice = wrongHost
			? "This is not the venue's private host: the dcp.* topics exist there only."
			: "This connection does not protect that topic's orders.";
		const what = `was refused (${venueMessage}). ${advice}`;
		throw failed(wrongHost ? "wrong-host" : "subscribe", attempt, what, { venueMessage });
	}

	async subscribeDcp(
		product: BybitProduct,
		signal?: AbortSignal,
	): Promise<BybitSubscribed & { readonly topic: BybitDcpTopic }> {
		requireProduct("subscribeDcp", product);
		const topic = bybitTopicOf(product);
		const { already } = await this.subscribe(topic, signal);
		return { topic, already };
	}

	async ping(signal?: AbortSignal, timeoutMs = this.#options.pongTimeoutMs): Promise<BybitPong> {
		integer("timeoutMs", timeoutMs, 1, 600_000);
		const sentAt = monotonicMs();
		await this.request<Schemas["Pong"]>("pong", { attempt: "ping", ms: timeoutMs, signal }, { op: "ping" });
		return { roundTripMs: monotonicMs() - sentAt };
	}

	async close(): Promise<{ readonly acknowledged: boolean }> {
		const attempt = "close";
		this.#end(new BybitError("closed", "the connection was closed on this side.", { attempt }));
		try {
			this.#socket.close(1000);
		} catch {
			// Already closing, which is what was asked for.
		}
		const { promise } = this.#whenClosed();
		// A half-open socket never answers: waiting for it would be waiting for ever.
		return withDeadline(this.#options.closeTimeoutMs, undefined, attempt, () => promise).catch(() => ({
			acknowledged: false,
		}));
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

	#closedError(closeCode: number, text: string): BybitError {
		const said = text === "" ? "" : ` (${this.#options.redact(text)})`;
		const advice =
			"If no other connection is subscribed, the venue cancels one window from now: connect again at once.";
		return new BybitError("closed", `the connection ended with ${closeCode}${said}. ${advice}`, { closeCode });
	}

	#receive(data: unknown): void {
		if (this.#reason) return;
		const received = readFrame(data);
		if (received.type === "topic") this.#tellTopic(received.message);
		else if (received.type === "strange") this.#strange(received.strange);
		else if (!this.#requests.settle(received.frame)) {
			this.#strange({ reason: "unasked", detail: `an answer to no open request (${received.frame.op})` });
		}
	}

	/** In a microtask of its own: whatever the handler does, the frames behind this one are still read. */
	#tellTopic(message: BybitTopicMessage): void {
		const { onTopic, redact } = this.#options;
		if (!onTopic) return;
		Promise.resolve(message)
			.then(onTopic)
			.catch(() =>
				this.#strange({ reason: "handler-threw", detail: `onTopic threw for a message of ${redact(message.topic)}` }),
			);
	}

	#strange(strange: BybitUnexpectedMessage): void {
		this.#strangeFrames += 1;
		const { onUnexpected } = this.#options;
		if (!onUnexpected) return;
		// Its own failure has nobody left to be told to.
		Promise.resolve(strange)
			.then(onUnexpected)
			.catch(() => undefined);
	}
}
