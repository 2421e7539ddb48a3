import { checks } from "../generated/check.ts";
import type { components } from "../generated/schema.ts";
import type { DeribitUnexpectedMessage } from "./unexpected.ts";

/** News of a subscribed channel. `label` is there when a private subscription was given one. */
export type DeribitNotification = components["schemas"]["SubscriptionFrame"]["params"];

/** A JSON object, unread. */
export type JsonObject = Record<string, unknown>;

/** A frame of the venue, told apart by what is in it: the order of members differs and has changed. */
export type Frame =
	| { kind: "test-request" }
	| { kind: "heartbeat" }
	| { kind: "notification"; notification: DeribitNotification }
	| { kind: "reply"; id: unknown; body: JsonObject }
	| { kind: "strange"; strange: DeribitUnexpectedMessage };

/** Reads one frame. Never throws. */
export function readFrame(data: unknown): Frame {
	if (typeof data !== "string") return strange("binary-frame", "a frame that is not text");
	let frame: unknown;
	try {
		frame = JSON.parse(data);
	} catch {
		return strange("not-json", `a frame of ${data.length} characters that is not JSON`);
	}
	if (!isObject(frame)) return strange("unknown-frame", "a frame that is no JSON object");
	const { method } = frame;
	if (method === "heartbeat") return readHeartbeat(frame);
	if (method === "subscription") return readSubscription(frame);
	if (method === undefined && ("id" in frame || "result" in frame || "error" in frame)) {
		return { kind: "reply", id: frame["id"], body: frame };
	}
	return strange("unknown-frame", "a frame that is neither reply, heartbeat nor notification");
}

function readHeartbeat(frame: JsonObject): Frame {
	// Only the one member that matters is asked for: a probe that is odd elsewhere must still be answered, or the
	// venue closes and cancels.
	if (isObject(frame["params"]) && frame["params"]["type"] === "test_request") return { kind: "test-request" };
	return checks.HeartbeatFrame(frame)
		? { kind: "heartbeat" }
		: strange("unknown-frame", `a heartbeat frame: ${mismatch(checks.HeartbeatFrame.errors)}`);
}

function readSubscription(frame: JsonObject): Frame {
	if (!checks.SubscriptionFrame(frame)) {
		return strange("unknown-frame", `a notification: ${mismatch(checks.SubscriptionFrame.errors)}`);
	}
	// The check has just found the members that the type promises.
	return { kind: "notification", notification: frame["params"] as DeribitNotification };
}

/** True for an object that is no array. */
export function isObject(value: unknown): value is JsonObject {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first difference to the spec, in words that never quote the value. */
export function mismatch(errors: { instancePath: string; message?: string }[] | null | undefined): string {
	const first = errors?.[0];
	return `${first?.instancePath || "/"} ${first?.message ?? "is not as the spec says"}`;
}

function strange(type: DeribitUnexpectedMessage["type"], detail: string): Frame {
	return { kind: "strange", strange: { type, detail } };
}
