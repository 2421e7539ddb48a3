import { inspect } from "node:util";
import { BybitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, expect, it } from "vitest";
import type { BybitPrivateSocket } from "./bybit-private-socket.ts";
import { connectBybitPrivate } from "./connect.ts";
import { isBybitError } from "./errors.ts";
import { createBybitHttp } from "./http.ts";
import type { StrangeFrame } from "./options.ts";

const apiKey = "planted-key-1234567890";
const apiSecret = "planted-secret-0987654321";
const closers: (() => void)[] = [];

/** The same numbers at every run: a failure can be repeated from its seed. */
function random(seed: number): (below: number) => number {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

type Pick = ReturnType<typeof random>;

const words = [
	"auth",
	"subscribe",
	"ping",
	"pong",
	"unsubscribe",
	"dcp.future",
	"",
	"__proto__",
	"constructor",
	apiKey,
	apiSecret,
];
const names = [
	"op",
	"success",
	"ret_msg",
	"req_id",
	"conn_id",
	"args",
	"topic",
	"data",
	"id",
	"creationTime",
	"__proto__",
	"toString",
];

function value(pick: Pick, depth: number): unknown {
	const kind = pick(depth > 0 ? 9 : 6);
	if (kind === 0) return null;
	if (kind === 1) return pick(2) === 0;
	if (kind === 2) return [0, -1, 1, 1e308, -0, 2 ** 53, 0.1][pick(7)];
	if (kind <= 4) return words[pick(words.length)];
	if (kind === 5) return String(pick(12));
	if (kind === 6) return Array.from({ length: pick(4) }, () => value(pick, depth - 1));
	return Object.fromEntries(
		Array.from({ length: pick(7) }, () => [names[pick(names.length)], value(pick, depth - 1)] as const),
	);
}

/** A frame like the venue's with members changed, an arbitrary value, or a text that is cut or has other bytes in it. */
function frame(pick: Pick): string {
	const like = [
		{ req_id: String(pick(12)), success: true, ret_msg: "", op: "subscribe", conn_id: "c" },
		{ req_id: String(pick(12)), op: "pong", args: ["1"], conn_id: "c" },
		{ success: false, ret_msg: `error sign ${apiKey} ${apiSecret}`, op: "subscribe", conn_id: "c" },
		{ topic: "dcp.future", data: value(pick, 2) },
	][pick(4)];
	const changed = { ...like, [String(names[pick(names.length)])]: value(pick, 3) };
	const text = JSON.stringify([changed, value(pick, 4)][pick(2)]) ?? "undefined";
	const at = pick(text.length + 1);
	if (pick(3) === 0) return text.slice(0, at);
	// Not inside a secret: what then stood in the text would be another one.
	const inSecret = [apiKey, apiSecret].some((secret) => text.slice(Math.max(0, at - 24), at + 24).includes(secret));
	if (pick(4) === 0 && !inSecret)
		return `${text.slice(0, at)}${String.fromCharCode(pick(65_536))}${text.slice(at + 1)}`;
	return text;
}

function expectClean(shown: unknown): void {
	const text = `${inspect(shown, { depth: 10, showHidden: true })} ${shown instanceof Error ? shown.stack : ""}`;
	expect(text).not.toContain("planted");
}

afterEach(() => {
	for (const close of closers.splice(0)) close();
});

it("10 000 frames of any kind end nothing, reach no request they do not answer, and show no secret", async () => {
	const rejections: unknown[] = [];
	const onRejection = (reason: unknown): void => void rejections.push(reason);
	process.on("unhandledRejection", onRejection);
	closers.push(() => process.off("unhandledRejection", onRejection));
	const venue = new BybitVenue({ apiKey, apiSecret });
	const link = new Link(venue);
	closers.push(() => link.close());
	const strange: StrangeFrame[] = [];
	let topics = 0;
	const socket: BybitPrivateSocket = await connectBybitPrivate({
		apiKey,
		apiSecret,
		WebSocket: memoryWebSocket(link),
		pongTimeoutMs: 200,
		subscribeTimeoutMs: 200,
		onStrange: (seen) => {
			strange.push(seen);
			throw new Error("a handler that throws");
		},
		onTopic: () => {
			topics += 1;
			throw new Error("another");
		},
	});
	const pick = random(20_261_120);
	const outcomes: string[] = [];
	for (let sent = 0; sent < 10_000; sent += 1) {
		if (sent % 500 === 0) {
			// Requests in flight while the frames arrive: they end, one way or another, and in their own words.
			const asked = sent % 1_000 === 0 ? socket.ping() : socket.subscribeDcp("SPOT");
			asked.then(
				() => outcomes.push("answered"),
				(error: unknown) => {
					expectClean(error);
					outcomes.push(isBybitError(error) ? error.kind : "foreign");
				},
			);
		}
		venue.levers["say"]?.({ text: frame(pick) });
		if (sent % 100 === 0) await Promise.resolve();
	}
	await new Promise((resolve) => setTimeout(resolve, 300));
	expect(outcomes).toHaveLength(20);
	expect(outcomes).not.toContain("foreign");
	expect(socket.ended.aborted).toBe(false);
	expect(topics).toBeGreaterThan(100);
	expect(socket.strangeFrames).toBeGreaterThan(5_000);
	expect(strange.length).toBe(socket.strangeFrames);
	for (const seen of strange) expect(JSON.stringify(seen)).not.toContain("planted");
	expectClean(socket);
	expect(await socket.ping()).toBeDefined();
	await new Promise((resolve) => setTimeout(resolve, 10));
	expect(rejections).toEqual([]);
});

it("5 000 bodies of any kind are an error of this package or a reading that says nothing is enabled", async () => {
	const pick = random(4_711);
	let body = "";
	const http = createBybitHttp({
		apiKey,
		apiSecret,
		fetch: async () => new Response(body, { status: [200, 403, 500][pick(3)] ?? 200 }),
	});
	const kinds = new Set<string>();
	for (let asked = 0; asked < 5_000; asked += 1) {
		const like = { retCode: value(pick, 1), retMsg: apiSecret, result: value(pick, 3), time: value(pick, 1) };
		const text = JSON.stringify(pick(3) === 0 ? value(pick, 4) : { ...like, ...(pick(2) === 0 ? { retCode: 0 } : {}) });
		body = pick(4) === 0 ? text.slice(0, pick(text.length + 1)) : text;
		const outcome = await Promise.race([http.queryDcp(), http.openOrders({ category: "spot" })]).catch(
			(error: unknown) => error,
		);
		if (Array.isArray(outcome)) {
			expect(outcome.every(({ enabled }) => enabled === false)).toBe(true);
			kinds.add("nothing");
		} else if (isBybitError(outcome)) {
			expectClean(outcome);
			kinds.add(outcome.kind);
		} else if (!(outcome instanceof Object && "orders" in outcome)) throw outcome;
	}
	expect([...kinds]).toEqual(expect.arrayContaining(["nothing", "reply", "banned", "unknown-outcome"]));
});
