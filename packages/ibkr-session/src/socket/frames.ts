import { socketSts, socketSystem, socketTicReply } from "../generated/check.ts";
import type { components } from "../generated/schema.ts";
import type { IbkrUnexpectedMessage } from "./options.ts";

type Schemas = components["schemas"];

/** The brokerage session as the socket's frames told it so far. A member that no frame had is missing. */
export interface IbkrSocketStatus {
	/** False: the brokerage session is gone, as far as a frame can tell; frames can be late, so ask the status. */
	readonly authenticated?: boolean;
	/** To the venue's backend, whether authenticated or not. */
	readonly connected?: boolean;
	/** Account data is loaded. Servers before March 2026 do not send it. */
	readonly established?: boolean;
	/** True ends nothing here: it is the brokerage session's trouble and no reason to connect again. */
	readonly competing?: boolean;
}

/** What the venue answered to a `tic`. */
export interface IbkrTicReply {
	/** Whether the session is alive; a missing member counts as true. */
	readonly alive: boolean;
	/** Last request, epoch milliseconds. */
	readonly lastAccessed?: number;
}

/** A frame by what it means. */
export type Frame =
	/** The session is recognised: from now on subscriptions are heard. */
	| { readonly kind: "recognised" }
	| { readonly kind: "heartbeat" }
	| { readonly kind: "status"; readonly change: IbkrSocketStatus }
	| { readonly kind: "tic"; readonly reply: IbkrTicReply }
	| { readonly kind: "waiting" }
	| { readonly kind: "topic"; readonly topic: string; readonly frame: Readonly<Record<string, unknown>> }
	| { readonly kind: "strange"; readonly reason: IbkrUnexpectedMessage["reason"] };

export function readFrame(data: unknown): Frame {
	// JSON in a binary frame is JSON all the same.
	const text = data instanceof ArrayBuffer ? new TextDecoder().decode(data) : data;
	if (typeof text !== "string") return { kind: "strange", reason: "binary" };
	let frame: unknown;
	try {
		frame = JSON.parse(text);
	} catch {
		return { kind: "strange", reason: "not-json" };
	}
	const unknown = { kind: "strange", reason: "unknown-form" } as const;
	if (typeof frame !== "object" || frame === null || Array.isArray(frame)) return unknown;
	const { topic, message } = frame as { topic?: unknown; message?: unknown };
	if (topic === undefined && message === "waiting for session") return { kind: "waiting" };
	if (typeof topic !== "string") return unknown;
	// Each check is generated from the schema of the type that it allows to assume.
	switch (topic) {
		case "system":
			if (!socketSystem(frame)) return unknown;
			return { kind: (frame as Schemas["SocketSystem"]).success ? "recognised" : "heartbeat" };
		case "sts":
			if (!socketSts(frame)) return unknown;
			return { kind: "status", change: flagsOf((frame as Schemas["SocketSts"]).args) };
		case "tic":
			if (!socketTicReply(frame)) return unknown;
			return { kind: "tic", reply: ticOf(frame as Schemas["SocketTicReply"]) };
		default:
			return { kind: "topic", topic, frame: frame as Readonly<Record<string, unknown>> };
	}
}

/** The flags that are there: a frame often has one alone, and the others stay as they were. */
function flagsOf({ authenticated, connected, established, competing }: Schemas["SocketSts"]["args"]): IbkrSocketStatus {
	const flags = Object.entries({ authenticated, connected, established, competing });
	return Object.fromEntries(flags.filter(([, value]) => typeof value === "boolean"));
}

function ticOf({ alive, lastAccessed }: Schemas["SocketTicReply"]): IbkrTicReply {
	return { alive: alive ?? true, ...(typeof lastAccessed === "number" ? { lastAccessed } : {}) };
}
