import { isRecord } from "@x/base/objects";
import { checks } from "../generated/check.ts";
import type { components } from "../generated/schema.ts";
import type { DeribitUnexpectedMessage } from "./call-user-handlers.ts";

/**
 * A notification of a subscribed channel. The member `label` is present when the call to `private/subscribe` passed a
 * label.
 */
export type DeribitNotification = components["schemas"]["SubscriptionFrame"]["params"];

/** A JSON object that was not checked against the spec. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A frame from the venue. The kind of a frame is recognised by which members are present, never by the order of the
 * members, which varies.
 */
export type Frame =
	| { readonly kind: "test-request" }
	| { readonly kind: "heartbeat" }
	| { readonly kind: "notification"; readonly notification: DeribitNotification }
	| { readonly kind: "reply"; readonly id: unknown; readonly body: JsonObject }
	| { readonly kind: "too-long"; readonly id: number | undefined; readonly length: number }
	| { readonly kind: "unexpected"; readonly message: DeribitUnexpectedMessage };

/**
 * The longest frame that is parsed, in characters. Parsing a longer frame would block the event loop. The longest lists
 * that the venue sends have a few megabytes.
 *
 * @internal
 */
export const longestFrame = 8_000_000;

/**
 * Parses one frame. Never throws.
 *
 * @internal
 */
export function readFrame(data: unknown): Frame {
	if (typeof data !== "string") return unexpected("binary-frame", "a binary frame");
	if (data.length > longestFrame) {
		// Every reply to a call begins with the members `jsonrpc` and `id`. The id can therefore be read without parsing the whole
		// frame, and the call fails at once. If the venue ever changes the order, the id is not found: the call fails at its deadline.
		const id = /^\{"jsonrpc":"2\.0","id":(\d{1,15}),/.exec(data.slice(0, 100))?.[1];
		return { kind: "too-long", id: id === undefined ? undefined : Number(id), length: data.length };
	}
	let frame: unknown;
	try {
		frame = JSON.parse(data);
	} catch {
		return unexpected("not-json", `a frame of ${data.length} characters that is not JSON`);
	}
	if (!isRecord(frame)) return unexpected("unknown-frame", "a frame that is not a JSON object");
	const { method } = frame;
	if (method === "heartbeat") return readHeartbeat(frame);
	if (method === "subscription") return readSubscription(frame);
	if (method === undefined && ("id" in frame || "result" in frame || "error" in frame)) {
		return { kind: "reply", id: frame["id"], body: frame };
	}
	return unexpected("unknown-frame", "a frame that is not a reply, heartbeat or notification");
}

function readHeartbeat(frame: JsonObject): Frame {
	// The frame is not checked against the spec: a test_request with unexpected members must be answered too, or the venue
	// closes the connection and cancels its orders.
	if (isRecord(frame["params"]) && frame["params"]["type"] === "test_request") return { kind: "test-request" };
	return checks.HeartbeatFrame(frame)
		? { kind: "heartbeat" }
		: unexpected("unknown-frame", `an invalid heartbeat frame: ${mismatch(checks.HeartbeatFrame.errors)}`);
}

function readSubscription(frame: JsonObject): Frame {
	if (!checks.SubscriptionFrame(frame)) {
		return unexpected("unknown-frame", `an invalid notification: ${mismatch(checks.SubscriptionFrame.errors)}`);
	}
	// The cast is safe: the check has verified the members of the type.
	return { kind: "notification", notification: frame["params"] as DeribitNotification };
}

/**
 * The first difference between a frame and the spec. The text does not contain the value, which may be secret.
 *
 * @internal
 */
export function mismatch(errors: { instancePath: string; message?: string }[] | null | undefined): string {
	const first = errors?.[0];
	return `${first?.instancePath || "/"} ${first?.message ?? "does not match the spec"}`;
}

function unexpected(type: DeribitUnexpectedMessage["type"], detail: string): Frame {
	return { kind: "unexpected", message: { type, detail } };
}
