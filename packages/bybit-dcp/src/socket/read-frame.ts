import { authReply, pong, subscribeReply, topicPush } from "../generated/check.ts";
import type { components } from "../generated/schema.ts";
import type { BybitUnexpectedMessage, TopicMessage } from "../options.ts";

type Schemas = components["schemas"];

/** A reply to a request. */
export type ReplyFrame = Schemas["AuthReply"] | Schemas["SubscribeReply"] | Schemas["Pong"];

/** A received frame and its kind. */
type Received =
	| { readonly type: "reply"; readonly frame: ReplyFrame }
	| { readonly type: "topic"; readonly message: TopicMessage }
	| { readonly type: "unexpected"; readonly unexpected: BybitUnexpectedMessage };

/**
 * Frames with more characters than this are not parsed. The frames that this client uses have a few hundred characters.
 */
const longestFrame = 1_000_000;

/** Parses and checks a frame. Never throws. */
export function readFrame(data: unknown): Received {
	if (typeof data !== "string") return unexpected("binary", "a binary frame");
	if (data.length > longestFrame) return unexpected("too-long", `${data.length} characters, more than ${longestFrame}`);
	let value: unknown;
	try {
		value = JSON.parse(data);
	} catch {
		return unexpected("not-json", `${data.length} characters that are not JSON`);
	}
	if (typeof value !== "object" || value === null) return unexpected("unknown-form", "JSON that is not an object");
	if ("topic" in value) {
		if (!topicPush(value)) return unexpected("unknown-form", "a topic message that does not match the spec");
		// The cast is safe: the condition has verified that the topic is a string.
		const frame = value as Record<string, unknown> & { topic: string };
		return { type: "topic", message: { topic: frame.topic, frame } };
	}
	const op = "op" in value ? value.op : undefined;
	// The casts are safe: each check is generated from the same schema as the type.
	if (op === "auth" && authReply(value)) return { type: "reply", frame: value as Schemas["AuthReply"] };
	if (op === "subscribe" && subscribeReply(value)) {
		return { type: "reply", frame: value as Schemas["SubscribeReply"] };
	}
	if (op === "pong" && pong(value)) return { type: "reply", frame: value as Schemas["Pong"] };
	return unexpected("unknown-form", "neither a reply nor a topic message");
}

function unexpected(reason: BybitUnexpectedMessage["reason"], detail: string): Received {
	return { type: "unexpected", unexpected: { reason, detail } };
}
