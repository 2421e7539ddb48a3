import { between, chance, pick } from "../world/seeded-random.ts";

/** What may happen to one message on its way to the machine. */
export type FrameFault = "duplicate" | "truncate" | "garbage" | "hold" | "lose";

/** What may happen to one HTTP call. */
export type CallFault = "html" | "empty" | "unavailable" | "hang" | "reset" | "truncate" | "slow" | "garbage";

/** The current state of the network to one venue. */
export interface NetworkState {
	/** Whether the network carries no data, without either side noticing. */
	cut: boolean;
	/** Whether new connections and calls are refused immediately. */
	refuses: boolean;
	/** Whether new connections and calls get no answer, while open connections work. */
	swallows: boolean;
	/** Additional delay in each direction, in milliseconds. */
	delayMs: number;
	/** The share of messages that are affected by a fault, and the kinds of these faults. */
	frames: { readonly share: number; readonly kinds: readonly FrameFault[] } | undefined;
	/** The share of calls that are affected by a fault, and the kinds of these faults. */
	calls: { readonly share: number; readonly kinds: readonly CallFault[] } | undefined;
}

export function healthyNetwork(): NetworkState {
	return { cut: false, refuses: false, swallows: false, delayMs: 0, frames: undefined, calls: undefined };
}

const garbage = [
	"",
	"{",
	"[]",
	"null",
	"42",
	'"text"',
	'{"jsonrpc":"2.0"}',
	'{"op":"pong"}',
	"<html></html>",
	"\u0000",
];

/** The copies of a message that arrive at the machine: none, one or several. `heldMs` is the additional delay of a copy. */
export function arriving(
	text: string,
	frames: NetworkState["frames"],
	random: () => number,
): readonly { readonly text: string; readonly heldMs: number }[] {
	const whole = { text, heldMs: 0 };
	if (!frames || !chance(random, frames.share)) return [whole];
	switch (pick(random, frames.kinds)) {
		case "lose":
			return [];
		case "duplicate":
			return [whole, { text, heldMs: pick(random, [0, 1, 700, 20_000]) }];
		case "truncate":
			return [{ text: text.slice(0, between(random, 0, text.length - 1)), heldMs: 0 }];
		case "garbage":
			return chance(random, 0.5)
				? [{ text: pick(random, garbage), heldMs: 0 }, whole]
				: [{ text: pick(random, garbage), heldMs: 0 }];
		case "hold":
			return [{ text, heldMs: between(random, 1, 30_000) }];
	}
}

/** The HTTP answer that arrives at the machine, or why none arrives. */
export type CallOutcome =
	| { readonly kind: "answer"; readonly status: number; readonly body: string; readonly laterMs: number }
	| { readonly kind: "hang" }
	| { readonly kind: "reset" };

const page = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>";

/** Returns the venue's answer to an HTTP call, or, at random, what a network fault makes of the answer. */
export function answered(
	{ status, body }: { readonly status: number; readonly body: string },
	calls: NetworkState["calls"],
	random: () => number,
): CallOutcome {
	const whole: CallOutcome = { kind: "answer", status, body, laterMs: 0 };
	if (!calls || !chance(random, calls.share)) return whole;
	switch (pick(random, calls.kinds)) {
		case "html":
			return { ...whole, status: pick(random, [200, 500, 502, 503]), body: page };
		case "empty":
			return { ...whole, status: pick(random, [status, 200, 503]), body: "" };
		case "unavailable":
			return { ...whole, status: 503, body: '{"error":"service unavailable","statusCode":503}' };
		case "hang":
			return { kind: "hang" };
		case "reset":
			return { kind: "reset" };
		case "truncate":
			return { ...whole, body: body.slice(0, between(random, 0, Math.max(0, body.length - 1))) };
		case "slow":
			return { ...whole, laterMs: between(random, 200, 25_000) };
		case "garbage":
			return { ...whole, body: pick(random, garbage) };
	}
}
