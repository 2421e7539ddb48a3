import { jsonShape } from "@x/base/json-shape";
import { memoryFetch } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { createBybitHttp } from "./http/http-client.ts";
import { recordedReplies } from "./testing/recorded-replies.ts";
import { answered, apiKey, apiSecret, startSocket, useFakeClock } from "./testing/start-client.ts";

useFakeClock();

/**
 * The shape of a body for comparison. Texts of errors are compared without their numbers, because the text of a
 * signature error quotes the request with its numbers.
 */
const shapeOf = (message: string): unknown => jsonShape(message, ["retMsg"]);
const settled = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

function expectRead(result: unknown, reads: unknown): void {
	if (typeof reads === "object") expect(result).toMatchObject(reads ?? {});
	else expect(result).toBe(reads);
	if (result instanceof Error) expect(result.message).toMatch(/^(?!.*[.?][.;,]).*[.?]$/);
}

describe("a reply recorded from Bybit", () => {
	it.each(recordedReplies)(
		"a recorded reply is read correctly by the client: $when",
		async ({ call, status, body, reads }) => {
			expectRead(await settled(call(answered(body, status))), reads);
		},
	);

	it.each(recordedReplies.filter(({ simulated }) => simulated))(
		"a recorded reply has the same members as the reply of the simulator: $when",
		async ({ call, status, body, reads, simulated }) => {
			const { options, fault, isCancelledByDcp, lostHeader } = simulated ?? {};
			const { venue, link, connect } = startSocket(options);
			if (fault) venue.faults[fault[0]](fault[1]);
			if (isCancelledByDcp) {
				const socket = await connect();
				await socket.subscribe("dcp.future");
				await socket.ping();
				link.drop();
				await vi.advanceTimersByTimeAsync(10_000);
			}
			const made: { status: number; body: string }[] = [];
			const fetch: typeof globalThis.fetch = async (input, init) => {
				const headers = new Headers(init?.headers);
				if (lostHeader) headers.delete(lostHeader);
				const reply = await memoryFetch(link)(input, { ...init, headers });
				made.push({ status: reply.status, body: await reply.clone().text() });
				return reply;
			};
			const result = await settled(call(createBybitHttp({ apiKey, apiSecret, fetch })));
			expect(made.map((each) => [each.status, shapeOf(each.body)]).at(-1)).toEqual([status, shapeOf(body)]);
			if (result instanceof Error) expect(result).toMatchObject({ kind: (reads as { kind: string }).kind });
		},
	);
});
