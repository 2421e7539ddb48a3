import { isRecord } from "@x/base/objects";
import { longestBodyBytes } from "@x/base/read-body";
import { socketSts, socketSystem, socketTicReply } from "../generated/check.ts";
import type { components } from "../generated/schema.ts";
import type { IbkrUnexpectedMessage } from "./options.ts";

type Schemas = components["schemas"];

/** The state of the brokerage session, merged from all messages so far. A member is absent until a message has it. */
export interface IbkrSocketStatus {
	/** If false, the brokerage session has probably ended. Messages can be late, so check with `status()`. */
	readonly authenticated?: boolean;
	/** Whether the venue's server is connected to its backend. It can be connected without being authenticated. */
	readonly connected?: boolean;
	/** Whether account data is loaded. The venue's servers did not send this flag before March 2026. */
	readonly established?: boolean;
	/** Whether another login of the user holds the brokerage session. Even if true, this connection stays open. */
	readonly competing?: boolean;
}

/** The reply to a `tic`. */
export interface IbkrTicReply {
	/** Whether the session is alive; a missing member counts as true. */
	readonly alive: boolean;
	/** When the venue received the last request of the session, in epoch milliseconds. */
	readonly lastAccessed?: number;
}

/** A parsed message. */
export type Frame =
	/** The venue recognized the session, and accepts subscriptions from now on. */
	| { readonly kind: "recognized" }
	| { readonly kind: "heartbeat" }
	| { readonly kind: "status"; readonly change: IbkrSocketStatus }
	| { readonly kind: "tic"; readonly reply: IbkrTicReply }
	/** The venue waits until this side has sent the session. */
	| { readonly kind: "waiting" }
	| { readonly kind: "topic"; readonly topic: string; readonly frame: Readonly<Record<string, unknown>> }
	| { readonly kind: "unexpected"; readonly reason: IbkrUnexpectedMessage["reason"] };

export function readFrame(data: unknown): Frame {
	if (sizeOf(data) > longestBodyBytes) return { kind: "unexpected", reason: "too-long" };
	// The venue may send JSON in a binary frame.
	const text = data instanceof ArrayBuffer ? new TextDecoder().decode(data) : data;
	if (typeof text !== "string") return { kind: "unexpected", reason: "binary" };
	let frame: unknown;
	try {
		frame = JSON.parse(text);
	} catch {
		return { kind: "unexpected", reason: "not-json" };
	}
	const unknown = { kind: "unexpected", reason: "unknown-form" } as const;
	if (!isRecord(frame)) return unknown;
	const { topic, message } = frame;
	if (topic === undefined && message === "waiting for session") return { kind: "waiting" };
	if (typeof topic !== "string") return unknown;
	// The casts are safe: each check is generated from the same schema as the type.
	switch (topic) {
		case "system":
			if (!socketSystem(frame)) return unknown;
			return { kind: (frame as Schemas["SocketSystem"]).success ? "recognized" : "heartbeat" };
		case "sts":
			if (!socketSts(frame)) return unknown;
			return { kind: "status", change: flagsOf((frame as Schemas["SocketSts"]).args) };
		case "tic":
			if (!socketTicReply(frame)) return unknown;
			return { kind: "tic", reply: ticOf(frame as Schemas["SocketTicReply"]) };
		default:
			return { kind: "topic", topic, frame };
	}
}

function sizeOf(data: unknown): number {
	if (data instanceof ArrayBuffer) return data.byteLength;
	return typeof data === "string" ? data.length : 0;
}

/** The flags that the message has. Often a message has only one flag, and all other flags keep their values. */
function flagsOf({ authenticated, connected, established, competing }: Schemas["SocketSts"]["args"]): IbkrSocketStatus {
	const flags = Object.entries({ authenticated, connected, established, competing });
	return Object.fromEntries(flags.filter(([, value]) => typeof value === "boolean"));
}

function ticOf({ alive, lastAccessed }: Schemas["SocketTicReply"]): IbkrTicReply {
	return { alive: alive ?? true, ...(typeof lastAccessed === "number" ? { lastAccessed } : {}) };
}
