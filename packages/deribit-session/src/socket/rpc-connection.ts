import { Secrets } from "../auth/secrets.ts";
import { type DeribitError, isDeribitError } from "../errors.ts";
import { lacksCredits, paymentOf } from "../limits/credits.ts";
import type { DeribitCallOptions } from "../methods.ts";
import { milliseconds, type ResolvedOptions } from "../options.ts";
import { Signs } from "../platform/maintenance-notices.ts";
import { PlacedOrders } from "../protection/placed-orders.ts";
import { Arming } from "../protection/protection-changes.ts";
import type { Outcome } from "../protection/setting-call.ts";
import { after, monotonicMs } from "../time.ts";
import { type Ended, endError, endedBy } from "./ending.ts";
import { type JsonObject, readFrame } from "./frames.ts";
import { notify, reportStrange } from "./notify.ts";
import { abortedCall, Calls } from "./pending-calls.ts";
import { refusal } from "./replies.ts";
import { encodeRequest, misuse, sendFailure } from "./request.ts";

/** All answers to probes have this id, which no call has: nobody waits for what the venue says to them. */
const answerId = 0;
const answer = `{"jsonrpc":"2.0","id":${answerId},"method":"public/test","params":{}}`;
const methodName = /^(public|private)\/\w+$/;

/**
 * An open socket with its calls, its reflex and its one end.
 *
 * The reflex: each `test_request` is answered inside the socket's event, before any code of the user runs.
 */
export class Line {
	/** What no error of this line may show. */
	readonly secrets = new Secrets();
	readonly #socket: WebSocket;
	readonly #options: ResolvedOptions;
	readonly #calls = new Calls();
	readonly #arming = new Arming();
	readonly #orders = new PlacedOrders();
	readonly #signs = new Signs();
	readonly #onEnd: (() => void)[] = [];
	#ended: AbortController | undefined;
	#end: Ended | undefined;
	#error: DeribitError | undefined;
	#leaving: "logout" | "disconnect" | undefined;
	#heardAt = monotonicMs();
	#sentAt = monotonicMs();

	constructor(socket: WebSocket, options: ResolvedOptions) {
		this.#socket = socket;
		this.#options = options;
		socket.addEventListener("message", (event) => this.#hear(event.data));
		socket.addEventListener("close", (event) => this.#finish(event.code));
	}

	/** Aborts once, at the end; the reason is a {@link DeribitError} of kind `closed`. */
	get ended(): AbortSignal {
		// Made when it is first asked for: it costs as much as a call.
		if (!this.#ended) {
			this.#ended = new AbortController();
			if (this.#end) this.#ended.abort(this.#endError());
		}
		return this.#ended.signal;
	}

	/** Calls back once, at the end, before {@link ended} aborts. */
	onEnd(listener: () => void): void {
		this.#onEnd.push(listener);
	}

	/** True until it ends or is being left. */
	get isUp(): boolean {
		return !this.#end && !this.#leaving;
	}

	/** Milliseconds since the last frame. */
	get silentMs(): number {
		return monotonicMs() - this.#heardAt;
	}

	/** What this connection heard of its own switch and heartbeats. */
	get arming(): Pick<Arming, "switch" | "heartbeat"> {
		return this.#arming;
	}

	/** The orders placed over it. */
	get orders(): Pick<PlacedOrders, "ids" | "unanswered"> {
		return this.#orders;
	}

	/**
	 * Sends a request, before its first await when the credits cover it, and waits for its reply: result or error, unread.
	 *
	 * @param onSent - for the call that leaves: told when it is out, which it may be although the line is being left.
	 */
	async exchange(
		method: string,
		params: unknown,
		{ signal, timeoutMs = this.#options.callTimeoutMs, fromReserve = false }: DeribitCallOptions = {},
		onSent?: () => void,
	): Promise<JsonObject> {
		if (!this.isUp) throw this.#endError();
		if (signal?.aborted) throw abortedCall(method);
		// The venue takes a leading slash too, and a switch thrown by such a name would go by unseen.
		if (!methodName.test(method)) throw misuse(method, "a method is public/… or private/…, in small letters");
		milliseconds("timeoutMs", timeoutMs);
		this.secrets.learn(params);
		let takeBack: (() => void) | undefined;
		let arming: Outcome | undefined;
		const onFinish = (): void => {
			takeBack?.();
			arming?.();
		};
		const id = this.#calls.nextId();
		const onReply = (body: JsonObject): void => {
			this.secrets.learn(body["result"]);
			arming?.(body);
			this.#orders.heard(id, body, method);
		};
		const reply = this.#calls.wait(id, { method, timeoutMs, ...(signal && { signal }), onReply, onFinish });
		const send = (): void => {
			try {
				const text = encodeRequest(id, method, params);
				arming = this.#arming.sent(method, params);
				this.#socket.send(text);
				this.#sentAt = monotonicMs();
				this.#orders.sent(id, method);
				onSent?.();
			} catch (error) {
				this.#calls.fail(id, sendFailure(method, error));
			}
		};
		const { whenCreditsAreSpent } = this.#options;
		const payment = paymentOf(method);
		const credits = payment === "subscription" ? this.#options.credits.subscriptions : this.#options.credits;
		const urgent = fromReserve || payment === "urgent";
		const waitMs = payment === "none" ? 0 : credits.waitMs(urgent);
		if (waitMs === 0) {
			if (payment !== "none") credits.pay();
			send();
		} else if (whenCreditsAreSpent === "refuse" || waitMs > timeoutMs) {
			this.#calls.fail(id, lacksCredits(method, waitMs));
		} else {
			// Whoever is leaving meanwhile lets nothing out behind.
			takeBack = credits.queue(urgent, () => (this.isUp || onSent ? send() : this.#calls.fail(id, this.#endError())));
		}
		return reply;
	}

	/**
	 * Sends `private/logout`, which only a refusal answers.
	 *
	 * @throws {DeribitError} for a refusal, or when it could not be sent; the line stays, since any other close cancels.
	 */
	async logout(invalidateToken: boolean): Promise<void> {
		const method = "private/logout";
		const limits = { timeoutMs: this.#options.closeTimeoutMs, fromReserve: true };
		let isSent = false;
		const exchange = this.exchange(method, { invalidate_token: invalidateToken }, limits, () => {
			isSent = true;
		});
		this.#leaving = "logout";
		try {
			const { error } = await exchange;
			if (error === undefined) return;
			throw this.#refusal(method, error);
		} catch (error) {
			if (this.#end) return;
			// No answer at all: then this side ends it.
			if (isSent && isDeribitError(error) && error.kind === "timeout") return this.#finish(undefined);
			this.#leaving = undefined;
			throw error;
		}
	}

	/** Closes without a word to the venue's session. */
	disconnect(): void {
		this.#leaving = "disconnect";
		this.#shut(1000);
	}

	/** The end of a line that is being left; made on this side when the venue does not within the deadline. */
	async whenEnded(): Promise<Ended> {
		if (!this.#end) {
			const cancel = after(this.#options.closeTimeoutMs, () => this.#finish(undefined));
			await new Promise<void>((resolve) => this.onEnd(resolve));
			cancel();
		}
		return this.#end ?? this.#explain(undefined);
	}

	#hear(data: unknown): void {
		// A line that was given up may come to life again, and nobody may act on its news or take it for up.
		if (this.#end) return;
		this.#heardAt = monotonicMs();
		const frame = readFrame(data);
		if (frame.kind === "test-request") {
			this.#answerTest();
		} else if (frame.kind === "notification") {
			this.#signs.readNotification(frame.notification);
			this.#orders.notified(frame.notification);
			notify(this.#options, frame.notification);
		} else if (frame.kind === "reply") {
			if (this.#signs.readReply(frame.body)) this.#options.credits.emptied();
			if (frame.id === answerId) {
				if ("error" in frame.body) this.#answerFailed(this.#refusal("public/test", frame.body["error"]));
				return;
			}
			if (this.#calls.settle(frame.id, frame.body)) return;
			this.#orders.heard(frame.id, frame.body);
			this.#reportStray(frame.id, frame.body);
		} else if (frame.kind === "strange") {
			reportStrange(this.#options, frame.strange);
		}
	}

	#answerTest(): void {
		if (!this.isUp) return;
		try {
			this.#socket.send(answer);
		} catch (error) {
			this.#answerFailed(sendFailure("public/test", error));
			return;
		}
		this.#sentAt = monotonicMs();
		// Paid whatever there is: unanswered, the probe costs the session for sure.
		this.#options.credits.pay();
	}

	#answerFailed(cause: DeribitError): void {
		reportStrange(this.#options, { type: "answer-failed", detail: "a test_request could not be answered", cause });
	}

	#reportStray(id: unknown, { error }: JsonObject): void {
		const type = id === undefined || id === null ? "reply-without-id" : "reply-to-nothing";
		const cause = error === undefined ? undefined : this.#refusal("a request", error);
		reportStrange(this.#options, { type, detail: "a reply that no call waits for", ...(cause && { cause }) });
	}

	#refusal(method: string, error: unknown): DeribitError {
		return refusal(error, { method, secrets: this.secrets });
	}

	#explain(closeCode: number | undefined): Ended {
		const unsentMs = monotonicMs() - this.#sentAt;
		const quietMs = Math.min(unsentMs, this.silentMs);
		const armed = this.#arming.switch.value;
		return endedBy({ ...this.#signs.now(), closeCode, leaving: this.#leaving, quietMs, unsentMs, armed });
	}

	/** Its end, or that it is being left, as an error: made when somebody wants it, since it costs as much as a call. */
	#endError(): DeribitError {
		if (!this.#end) return endError(this.#explain(undefined));
		this.#error ??= endError(this.#end);
		return this.#error;
	}

	/** The first end counts. Without a close code it is made here, for want of one from the venue. */
	#finish(closeCode: number | undefined): void {
		if (this.#end) return;
		this.#end = this.#explain(closeCode);
		if (closeCode === undefined) this.#shut();
		for (const listener of this.#onEnd) listener();
		this.#ended?.abort(this.#endError());
		this.#calls.failAll(() => this.#endError());
	}

	#shut(code?: number): void {
		try {
			this.#socket.close(code);
		} catch {
			// A class that was handed in may throw; the end goes on without its close.
		}
	}
}
