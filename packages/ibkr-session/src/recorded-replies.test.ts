import { jsonShape } from "@x/base/json-shape";
import {
	type IbkrFault,
	IbkrVenue,
	Link,
	memoryFetch,
	memoryWebSocket,
	type WireReply,
	type WireRequest,
} from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIbkrOAuth } from "./auth/oauth2/index.ts";
import { createIbkrHttp, createIbkrPenaltyBox } from "./index.ts";
import { readFrame } from "./socket/frames.ts";
import { clientOf } from "./testing/client-with-reply.ts";
import { recordedFrames, recordedTokens } from "./testing/recorded-frames.ts";
import { recordedRefusals } from "./testing/recorded-refusals.ts";
import { recordedReplies } from "./testing/recorded-replies.ts";

const replies = [...recordedReplies, ...recordedRefusals];
const shapeOf = (message: string): unknown => jsonShape(message, ["error", "fail", "message", "topic"]);
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	vi.useRealTimers();
});

/** A link to the simulator that removes one header from each request. */
class LossyLink extends Link<IbkrFault> {
	readonly #lostHeader: string | undefined;

	constructor(venue: IbkrVenue, lostHeader: string | undefined) {
		super(venue);
		this.#lostHeader = lostHeader;
	}

	override http(request: WireRequest): Promise<WireReply> {
		const headers = Object.entries(request.headers).filter(([name]) => name !== this.#lostHeader);
		return super.http({ ...request, headers: Object.fromEntries(headers) });
	}
}

const outcomeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

describe("a reply recorded from IBKR", () => {
	it.each(replies)(
		"an IbkrHttp client returns the expected outcome or error for a recorded reply: $when",
		async ({ call, status, body, headers, reads }) => {
			const client = clientOf(() => new Response(body === "" ? null : body, { status, headers: { ...headers } }));
			const outcome = await outcomeOf(call(client));
			expect(outcome).toMatchObject(reads);
			if (outcome instanceof Error) expect(outcome.message).toMatch(/^(?!.*[.?][.;,]).*[.?]$/);
		},
	);

	it.each(replies.filter(({ simulated }) => simulated))(
		"the simulator of IBKR sends a reply with the same members as the recorded reply: $when",
		async ({ call, status, body, headers, reads, simulated }) => {
			const { options = {}, before, call: otherCall, lostHeader } = simulated ?? {};
			const link = new LossyLink(new IbkrVenue(options), lostHeader);
			links.push(link);
			const made: { status: number; body: string; location: string | null }[] = [];
			const fetch: typeof globalThis.fetch = async (...request) => {
				const reply = await memoryFetch(link)(...request);
				const location = reply.headers.get("location");
				made.push({ status: reply.status, body: await reply.clone().text(), location });
				return reply;
			};
			const client = createIbkrHttp({
				penaltyBox: createIbkrPenaltyBox(),
				pacing: false,
				...(options.mode === "oauth1" && { authorize: () => ({ authorization: "OAuth x" }) }),
				fetch,
			});
			await before?.(client, (fault, args = {}) => link.faults[fault](args));
			const outcome = await outcomeOf(otherCall ? otherCall(fetch) : call(client));
			const last = made.at(-1);
			expect([last?.status, last?.location ?? undefined]).toEqual([status, headers?.["location"]]);
			expect(shapeOf(last?.body ?? "")).toEqual(shapeOf(body));
			// The simulator may send this reply to a different call than IBKR did. Then the outcome is not compared, because each call
			// has its own outcomes.
			if (!otherCall) expect(outcome).toMatchObject({ kind: (reads as { kind: string }).kind });
		},
	);
});

describe("a reply of a token call recorded from IBKR", () => {
	it.each(recordedTokens)(
		"createIbkrOAuth returns the expected values for a recorded token reply: $when",
		async ({ call, body, reads }) => {
			const oauth = createIbkrOAuth({ fetch: async () => new Response(body) });
			expect(await call(oauth)).toMatchObject(reads);
		},
	);

	it.each(recordedTokens)(
		"the simulator of IBKR sends a token reply with the same members as the recorded reply: $when",
		async ({ mode, call, body }) => {
			const link = new Link(new IbkrVenue({ mode }));
			links.push(link);
			let made = "";
			const oauth = createIbkrOAuth({
				fetch: async (...request) => {
					const reply = await memoryFetch(link)(...request);
					made = await reply.clone().text();
					return reply;
				},
			});
			await call(oauth);
			expect(shapeOf(made)).toEqual(shapeOf(body));
		},
	);
});

describe("a frame recorded from IBKR", () => {
	it.each(recordedFrames)("readFrame returns the expected result for a recorded frame: $text", ({ text, reads }) => {
		expect(readFrame(text)).toMatchObject(reads);
	});

	it("the simulator of IBKR sends frames with the same members as the recorded frames", async () => {
		const link = new Link(new IbkrVenue({ accounts: ["DU1234567"] }));
		links.push(link);
		const session = await createIbkrHttp({ fetch: memoryFetch(link), pacing: false }).tickle();
		if (session.kind !== "live") throw new Error(session.kind);
		const frames: string[] = [];
		const socket = new (memoryWebSocket(link))("wss://localhost:5000/v1/api/ws");
		socket.addEventListener("message", ({ data }) => void frames.push(String(data)));
		await vi.advanceTimersByTimeAsync(0);
		socket.send(JSON.stringify({ session: session.session?.reveal() }));
		await vi.advanceTimersByTimeAsync(30);
		socket.send("tic");
		await vi.advanceTimersByTimeAsync(10_000);
		link.faults.idle({});
		link.faults.compete({});
		await vi.advanceTimersByTimeAsync(0);
		const printed = recordedFrames.filter(({ simulated }) => simulated).map(({ text }) => text);
		const [waiting, system, act, status, tic, heartbeat, ended, competing] = printed;
		expect(frames.map(shapeOf)).toEqual(
			[waiting, system, act, status, tic, tic, tic, tic, heartbeat, ended, competing].map((text) =>
				shapeOf(text ?? ""),
			),
		);
	});
});
