import type { components } from "../generated/bybit-dcp.ts";
import type { Wire, WireEnd } from "../venue.ts";
import type { Account } from "./account.ts";
import type { ActiveFaults } from "./active-faults.ts";
import type { ResolvedBybitOptions } from "./options.ts";
import { type FindKey, refuseAuth } from "./signature.ts";

type Schemas = components["schemas"];

const topics = ["dcp.future", "dcp.spot", "dcp.option", "dcp", "order", "execution", "position", "wallet", "greeks"];

/** What a connection needs of its venue. */
export interface PrivateHost {
	readonly options: ResolvedBybitOptions;
	/** Every connection, authenticated or not. */
	readonly connections: Set<PrivateConnection>;
	accountOf(apiKey: unknown): Account | undefined;
	readonly findKey: FindKey;
	readonly faults: ActiveFaults;
	serverTime(): number;
	heard(connection: string, frame: unknown): void;
}

/** One connection to the private path, as the venue sees it. */
export class PrivateConnection implements WireEnd {
	readonly id: string;
	readonly idleLimitMs: number;
	/** Pings and pushed data count; answers to auth and subscribe do not. */
	lastActivity = Date.now();
	/** Known once the connection has authenticated. */
	#account: Account | undefined;
	readonly #topics = new Set<string>();
	readonly #wire: Wire;
	readonly #host: PrivateHost;
	/** What is still on its way to a connection that has ended here reaches nobody. */
	#isOver = false;

	constructor(id: string, wire: Wire, idleLimitMs: number, host: PrivateHost) {
		this.id = id;
		this.idleLimitMs = idleLimitMs;
		this.#wire = wire;
		this.#host = host;
		host.connections.add(this);
	}

	message(data: string | Uint8Array): void {
		if (this.#isOver) return;
		const frame = readFrame(data);
		this.#host.heard(this.id, frame ?? "not JSON");
		const reply = frame ? this.#answer(frame) : refusal("", "Failed to decode incoming data:");
		if (reply) this.#wire.send(JSON.stringify({ ...reply, conn_id: this.id }));
	}

	/** Sends a text as it is, whatever it is. */
	sendText(text: string): void {
		this.#wire.send(text);
	}

	closed(code: number): void {
		const clean = code !== 1006;
		this.#forget(clean);
	}

	/** Ends the connection without a close frame, as the idle rule does. */
	cut(): void {
		this.#forget(false);
		this.#wire.drop();
	}

	/** Ends the connection by a reset, as a machine does that was started anew. */
	reset(): void {
		this.#forget(false);
		if (this.#wire.reset) this.#wire.reset();
		else this.#wire.drop();
	}

	/** Ends the connection with a close frame, as a server does that goes away for maintenance. */
	hangUp(code: number, reason: string): void {
		this.#forget(false);
		this.#wire.close(code, reason);
	}

	/** Loses the connection's topics without a word, as a server may that moves it to another machine. */
	loseTopics(): void {
		this.#topics.clear();
		this.#account?.left(this.id, this.#topics, true);
	}

	push(topic: string, data: unknown): void {
		if (!this.#topics.has(topic)) return;
		this.lastActivity = Date.now();
		const time = this.#host.serverTime();
		this.#wire.send(JSON.stringify({ id: `${this.id}-${time}`, topic, creationTime: time, data }));
	}

	#forget(clean: boolean): void {
		const { connections, options } = this.#host;
		this.#isOver = true;
		connections.delete(this);
		this.#account?.connections.delete(this);
		this.#account?.left(this.id, new Set(), !clean || options.leavingCounts);
	}

	/** The reply without the connection's id; none when it is withheld. */
	#answer(frame: Readonly<Record<string, unknown>>): object | undefined {
		const { withheld } = this.#host.faults;
		const echo = typeof frame["req_id"] === "string" ? { req_id: frame["req_id"] } : {};
		switch (frame["op"]) {
			case "auth": {
				if (withheld.auth) return undefined;
				const refused = this.#auth(frame["args"]);
				return { ...echo, ...(refused === undefined ? success("auth") : refusal("auth", refused)) };
			}
			case "subscribe": {
				if (withheld.subscribe) return undefined;
				const refused = this.#subscribe(frame["args"]);
				return { ...echo, ...(refused === undefined ? success("subscribe") : refusal("subscribe", refused)) };
			}
			case "unsubscribe":
				this.#unsubscribe(frame["args"]);
				return { ...echo, success: true, ret_msg: "", op: "unsubscribe" };
			case "ping":
				this.#pinged();
				return withheld.pong ? undefined : { ...echo, ...this.#pong() };
			default:
				return { ...echo, ...refusal(String(frame["op"] ?? ""), "error:invalid op") };
		}
	}

	/** The text of the refusal, or undefined. The connection stays open after one. */
	#auth(args: unknown): string | undefined {
		const { faults, findKey, serverTime, accountOf } = this.#host;
		const refused = faults.refused.auth ?? refuseAuth(args, findKey, serverTime());
		if (refused === undefined && Array.isArray(args)) {
			this.#account = accountOf(args[0]);
			this.#account?.connections.add(this);
		}
		return refused;
	}

	#subscribe(args: unknown): string | undefined {
		const { faults } = this.#host;
		const account = this.#account;
		const wanted = Array.isArray(args) ? args.map(String) : [];
		const fault = faults.refused.subscribe;
		if (!account) return "Request not authorized";
		if (fault === "wrong-host") return `error:handler not found,topic:${wanted[0]}`;
		if (fault !== undefined && fault !== "already") return fault;
		for (const topic of wanted) {
			if (!topics.includes(topic)) return `error:handler not found,topic:${topic}`;
			if (this.#topics.has(topic)) return `error:already subscribed,topic:${topic}`;
			if (!account.subscribe(this.id, topic)) return "Request not authorized";
			this.#topics.add(topic);
		}
		return fault === "already" ? `error:already subscribed,topic:${wanted[0]}` : undefined;
	}

	#unsubscribe(args: unknown): void {
		for (const topic of Array.isArray(args) ? args.map(String) : []) this.#topics.delete(topic);
		this.#account?.left(this.id, this.#topics, this.#host.options.leavingCounts);
	}

	#pinged(): void {
		this.lastActivity = Date.now();
		this.#account?.pinged(this.id);
	}

	#pong(): Schemas["Pong"] {
		return { op: "pong", args: [String(this.#host.serverTime())] };
	}
}

function success(op: "auth" | "subscribe"): Schemas["AuthReply"] | Schemas["SubscribeReply"] {
	return { success: true, ret_msg: "", op };
}

function refusal(op: string, retMsg: string): object {
	return { op, ret_msg: retMsg, success: false };
}

function readFrame(data: string | Uint8Array): Readonly<Record<string, unknown>> | undefined {
	if (typeof data !== "string") return undefined;
	try {
		const value: unknown = JSON.parse(data);
		// Any object will do: each member is looked at before it is used.
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
