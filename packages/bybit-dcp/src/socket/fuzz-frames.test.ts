import { BybitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isBybitError } from "../errors.ts";
import type { BybitSocketOptions } from "../options.ts";
import {
	anyValue,
	apiKey,
	apiSecret,
	changed,
	expectClean,
	fuzzed,
	heapInUse,
	mangled,
	unhandledIn,
} from "../testing/random-values.ts";
import { connectBybit } from "./connect.ts";
import type { BybitConnection } from "./connection.ts";

const ids = fc.oneof(fc.integer({ min: 0, max: 60 }).map(String), fc.constant(""));
const like = fc.oneof(
	ids.map((req_id) => ({ req_id, success: true, ret_msg: "", op: "subscribe", conn_id: "c" })),
	ids.map((req_id) => ({ req_id, op: "pong", args: ["1"], conn_id: "c" })),
	ids.map((req_id) => ({ req_id, success: true, ret_msg: "", op: "auth", conn_id: "c" })),
	fc.constant({ success: false, ret_msg: `error sign ${apiKey} ${apiSecret}`, op: "subscribe", conn_id: "c" }),
	anyValue.map((data) => ({ topic: "dcp.future", data })),
);
const frame: fc.Arbitrary<string | Uint8Array> = fc.oneof(
	{ weight: 8, arbitrary: mangled(fc.oneof(like, changed(like), anyValue)) },
	{ weight: 1, arbitrary: fc.string({ unit: "binary" }) },
	{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
);

/** Opens a connection, and returns it with a function that sends any frame to this connection. */
async function connectWithPush(settings: Partial<Omit<BybitSocketOptions, "apiKey" | "apiSecret" | "signer">> = {}) {
	const link = new Link(new BybitVenue({ apiKey, apiSecret }));
	let push: (data: string | Uint8Array) => void = () => undefined;
	const upgrade = link.upgrade.bind(link);
	link.upgrade = (request) => {
		const accepted = upgrade(request);
		if (accepted.kind !== "accept") return accepted;
		return {
			kind: "accept",
			attach: (wire) => {
				push = (data) => wire.send(data);
				return accepted.attach(wire);
			},
		};
	};
	const options = { apiKey, apiSecret, WebSocket: memoryWebSocket(link), ...settings };
	const socket: BybitConnection = await connectBybit(options);
	return { link, socket, push: (data: string | Uint8Array) => push(data) };
}

it("a BybitConnection stays open, settles no wrong request and shows no secret when it receives 10 000 random frames", async () => {
	let [topics, reported] = [0, 0];
	const { link, socket, push } = await connectWithPush({
		pongTimeoutMs: 200,
		subscribeTimeoutMs: 200,
		onUnexpected: (seen) => {
			reported += 1;
			expectClean(seen);
			throw new Error("a broken callback");
		},
		onTopic: () => {
			topics += 1;
			throw new Error("another broken callback");
		},
	});
	const outcomes: string[] = [];
	let sent = 0;
	const rejections = await unhandledIn(async () => {
		const property = fc.asyncProperty(frame, async (data) => {
			if (sent % 250 === 0) {
				// Requests that are pending while the frames arrive must end with a reply or a BybitError.
				const asked = sent % 500 === 0 ? socket.ping() : socket.subscribeDcp("SPOT");
				asked.then(
					() => outcomes.push("answered"),
					(error: unknown) => {
						expectClean(error);
						outcomes.push(isBybitError(error) ? error.kind : "foreign");
					},
				);
			}
			sent += 1;
			push(data);
			await Promise.resolve();
			expect(socket.ended.aborted).toBe(false);
		});
		await fc.assert(property, fuzzed);
		await new Promise((resolve) => setTimeout(resolve, 300));
	});
	expect(rejections).toEqual([]);
	expect(outcomes).toHaveLength(40);
	expect(outcomes).not.toContain("foreign");
	expect(topics).toBeGreaterThan(100);
	// The count includes the messages whose handler threw, in addition to the messages that could not be used.
	expect(socket.unexpectedCount - topics).toBeGreaterThan(5_000);
	expect(reported).toBe(socket.unexpectedCount);
	expectClean(socket);
	expect(await socket.ping()).toBeDefined();
	link.close();
});

it("a subscription of a BybitConnection is acknowledged only by a successful reply to its own request", async () => {
	const { link, socket, push } = await connectWithPush({ subscribeTimeoutMs: 1 });
	link.faults["withhold"]?.({ subscribe: true });
	let [id, acknowledged] = [1, 0];
	const property = fc.asyncProperty(frame, async (data) => {
		id += 1;
		const asked = socket.subscribeDcp("SPOT").then(
			() => true,
			() => false,
		);
		push(data);
		const isAcknowledged = await asked;
		if (isAcknowledged) acknowledged += 1;
		expect(isAcknowledged).toBe(acknowledges(data, String(id)));
	});
	await fc.assert(property, { ...fuzzed, numRuns: 1_000 });
	expect(acknowledged).toBeGreaterThan(0);
	link.close();
});

/**
 * Whether a frame acknowledges the subscribe request `id`: the ID of the frame is `id` or missing, and the frame says
 * that the subscription succeeded or existed before.
 */
function acknowledges(data: string | Uint8Array, id: string): boolean {
	let frame: unknown;
	try {
		frame = JSON.parse(typeof data === "string" ? data : "");
	} catch {
		return false;
	}
	if (typeof frame !== "object" || frame === null || "topic" in frame) return false;
	const { op, success, req_id = "", ret_msg = "", conn_id = "" } = frame as Record<string, unknown>;
	if (op !== "subscribe" || typeof ret_msg !== "string" || typeof conn_id !== "string") return false;
	return (req_id === "" || req_id === id) && (success === true || (success === false && /already subsc/.test(ret_msg)));
}

it("a BybitConnection does not use more memory after it has received 20 000 frames", async () => {
	const { link, push } = await connectWithPush();
	const frames = fc.sample(frame, { ...fuzzed, numRuns: 2_000 });
	const round = async (): Promise<number> => {
		for (const data of frames) push(data);
		await new Promise((resolve) => setTimeout(resolve, 5));
		return heapInUse();
	};
	await round();
	const before = await round();
	for (let rounds = 0; rounds < 9; rounds += 1) await round();
	expect((await round()) - before).toBeLessThan(1_000_000);
	link.close();
});
