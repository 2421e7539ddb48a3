import type { components } from "../generated/bybit-dcp.ts";
import type { Wire, WireEnd } from "../venue.ts";
import type { BybitAccount } from "./account.ts";
import type { ActiveFaults } from "./active-faults.ts";
import type { ResolvedBybitOptions } from "./options.ts";
import { isTopic } from "./topics.ts";
import { checkAuth, type FindKey } from "./verify-signature.ts";

type Schemas = components["schemas"];

/** The members of the simulated venue that its WebSocket connections use. */
export interface PrivateHost {
	readonly options: ResolvedBybitOptions;
	/** All open connections, whether authenticated or not. */
	readonly connections: Set<PrivateConnection>;
	accountOf(apiKey: unknown): BybitAccount | undefined;
	readonly findKey: FindKey;
	readonly faults: ActiveFaults;
	serverTime(): number;
	onFrame(connection: string, frame: unknown): void;
}

/** One connection to the private WebSocket. */
export class PrivateConnection implements WireEnd {
	readonly id: string;
	readonly idleLimitMs: number;
	/**
	 * Time of the last ping or pushed message, in epoch milliseconds. Replies to auth and subscribe requests do not count
	 * as activity.
	 */
	lastActivity = Date.now();
	/** The account of the connection; undefined until it has authenticated. */
	#account: BybitAccount | undefined;
	readonly #topics = new Set<string>();
	readonly #wire: Wire;
	readonly #host: PrivateHost;
	/** Whether the connection has ended. Frames that arrive afterwards are ignored. */
	#hasEnded = false;

	constructor(id: string, wire: Wire, idleLimitMs: number, host: PrivateHost) {
		this.id = id;
		this.idleLimitMs = idleLimitMs;
		this.#wire = wire;
		this.#host = host;
		host.connections.add(this);
	}

	message(data: string | Uint8Array): void {
		if (this.#hasEnded) return;
		const frame = readFrame(data);
		this.#host.onFrame(this.id, frame ?? "not JSON");
		const reply = frame ? this.#answer(frame) : this.#refusal({}, "", "Failed to decode incoming data:");
		if (reply) this.#wire.send(JSON.stringify(reply));
	}

	/** Sends a text unchanged as one frame. */
	sendText(text: string): void {
		this.#wire.send(text);
	}

	closed(code: number): void {
		this.#end(code !== 1006);
	}

	/** Closes the connection without a close frame, as the venue does with idle connections. */
	drop(): void {
		this.#end(false);
		this.#wire.drop();
	}

	/** Closes the connection with a TCP reset, as a restarted host does. */
	resetTransport(): void {
		this.#end(false);
		if (this.#wire.reset) this.#wire.reset();
		else this.#wire.drop();
	}

	/** Closes the connection with a close frame, as a server does before maintenance. */
	hangUp(code: number, reason: string): void {
		this.#end(false);
		this.#wire.close(code, reason);
	}

	/** Ends the connection's subscription to a topic, by default to all topics, without telling the client. */
	loseTopics(topic?: string): void {
		if (topic === undefined) this.#topics.clear();
		else this.#topics.delete(topic);
		this.#account?.onTopicsLeft(this.id, this.#topics, true);
	}

	/** Pushes data to the connection if it is subscribed to the topic. */
	push(topic: string, data: unknown): void {
		if (!this.#topics.has(topic)) return;
		this.lastActivity = Date.now();
		const time = this.#host.serverTime();
		// Messages of the `execution.fast` topics have no id.
		const id = topic.startsWith("execution.fast") ? {} : { id: `${this.id}-${time}` };
		this.#wire.send(JSON.stringify({ ...id, topic, creationTime: time, data }));
	}

	#end(isClean: boolean): void {
		const { connections, options } = this.#host;
		this.#hasEnded = true;
		connections.delete(this);
		this.#account?.connections.delete(this);
		this.#account?.onTopicsLeft(this.id, new Set(), !isClean || options.leavingCounts);
	}

	/**
	 * The reply to a request; undefined if the fault `withhold` suppresses it. As at the real venue, the order of the
	 * members depends on the kind of reply.
	 */
	#answer(frame: Readonly<Record<string, unknown>>): object | undefined {
		const { withheld } = this.#host.faults;
		const requestId = typeof frame["req_id"] === "string" ? { req_id: frame["req_id"] } : {};
		switch (frame["op"]) {
			case "auth": {
				if (withheld.auth) return undefined;
				const errorText = this.#auth(frame["args"]);
				if (errorText === undefined) return this.#success(requestId, "auth");
				return { conn_id: this.id, op: "auth", ...requestId, ret_msg: errorText, success: false };
			}
			case "subscribe": {
				if (withheld.subscribe) return undefined;
				const errorText = this.#subscribe(frame["args"]);
				if (errorText === undefined) return this.#success(requestId, "subscribe");
				return this.#refusal(requestId, "subscribe", errorText);
			}
			case "unsubscribe":
				this.#unsubscribe(frame["args"]);
				return { ...requestId, success: true, ret_msg: "", op: "unsubscribe", conn_id: this.id };
			case "ping":
				this.#onPing();
				return withheld.pong ? undefined : { ...requestId, ...this.#pong() };
			default:
				return this.#refusal(requestId, String(frame["op"] ?? ""), "error:invalid op");
		}
	}

	#success(requestId: object, op: "auth" | "subscribe"): Schemas["AuthReply"] | Schemas["SubscribeReply"] {
		return { ...requestId, success: true, ret_msg: "", op, conn_id: this.id };
	}

	#refusal(requestId: object, op: string, retMsg: string): object {
		return { success: false, ret_msg: retMsg, conn_id: this.id, ...requestId, op };
	}

	/**
	 * Authenticates the connection. Returns the error text, or undefined on success. The connection stays open in both
	 * cases.
	 */
	#auth(args: unknown): string | undefined {
		const { faults, findKey, serverTime, accountOf } = this.#host;
		const errorText = faults.takeRefusal("auth") ?? checkAuth(args, findKey, serverTime());
		if (errorText === undefined && Array.isArray(args)) {
			this.#account = accountOf(args[0]);
			this.#account?.connections.add(this);
		}
		return errorText;
	}

	#subscribe(args: unknown): string | undefined {
		const { faults, options } = this.#host;
		const account = this.#account;
		const requested = Array.isArray(args) ? args.map(String) : [];
		if (!account) return "Request not authorized";
		const fault = faults.takeRefusal("subscribe");
		if (fault === "wrong-host") return `error:handler not found,topic:${requested[0]}`;
		if (fault !== undefined && fault !== "already") return fault;
		const unknown = requested.find((topic) => !isTopic(topic));
		if (unknown !== undefined && options.badTopic === "refuses-all") return `error:handler not found,topic:${unknown}`;
		for (const topic of requested) {
			if (!isTopic(topic)) return `error:handler not found,topic:${topic}`;
			if (this.#topics.has(topic)) return `error:already subscribed,topic:${topic}`;
			if (!account.subscribe(this.id, topic)) return "Request not authorized";
			this.#topics.add(topic);
		}
		return fault === "already" ? `error:already subscribed,topic:${requested[0]}` : undefined;
	}

	#unsubscribe(args: unknown): void {
		for (const topic of Array.isArray(args) ? args.map(String) : []) this.#topics.delete(topic);
		this.#account?.onTopicsLeft(this.id, this.#topics, this.#host.options.leavingCounts);
	}

	#onPing(): void {
		this.lastActivity = Date.now();
		this.#account?.onPing(this.id);
	}

	#pong(): Schemas["Pong"] {
		return { op: "pong", args: [String(this.#host.serverTime())], conn_id: this.id };
	}
}

function readFrame(data: string | Uint8Array): Readonly<Record<string, unknown>> | undefined {
	if (typeof data !== "string") return undefined;
	try {
		const value: unknown = JSON.parse(data);
		// The cast is safe: each member is checked before it is used.
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
