import { authReply, pong, subscribeReply, topicPush } from "../generated/check.ts";
import type { components } from "../generated/schema.ts";
import type { BybitTopicMessage, BybitUnexpectedMessage } from "../options.ts";

type Schemas = components["schemas"];

/** The answer to a request of ours. */
export type ReplyFrame = Schemas["AuthReply"] | Schemas["SubscribeReply"] | Schemas["Pong"];

/** What one received frame is. */
export type Received =
	| { readonly type: "reply"; readonly frame: ReplyFrame }
	| { readonly type: "topic"; readonly message: BybitTopicMessage }
	| { readonly type: "strange"; readonly strange: BybitUnexpectedMessage };

/** Reads a frame without trusting any of it. Never throws. */
export function readFrame(data: unknown): Received {
	if (typeof data !== "string") return strange("binary", "a binary frame");
	let value: unknown;
	try {
		value = JSON.parse(data);
	} catch {
		return strange("not-json", `a text of ${data.length} characters that is not JSON`);
	}
	if (typeof value !== "object" || value === null) return strange("unknown-form", "JSON that is no object");
	if ("topic" in value) {
		if (!topicPush(value)) return strange("unknown-form", "a topic message of another form");
		// The check has seen an object with a text as its topic.
		const frame = value as Record<string, unknown> & { topic: string };
		return { type: "topic", message: { topic: frame.topic, frame } };
	}
	const op = "op" in value ? value.op : undefined;
	// Each cast follows the check generated from that very schema.
	if (op === "auth" && authReply(value)) return { type: "reply", frame: value as Schemas["AuthReply"] };
	if (op === "subscribe" && subscribeReply(value)) {
		return { type: "reply", frame: value as Schemas["SubscribeReply"] };
	}
	if (op === "pong" && pong(value)) return { type: "reply", frame: value as Schemas["Pong"] };
	return strange("unknown-form", "an object that is neither a reply nor a topic message");
}

function strange(reason: BybitUnexpectedMessage["reason"], detail: string): Received {
	return { type: "strange", strange: { reason, detail } };
}
