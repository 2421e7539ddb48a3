import { jsonShape } from "@x/base/json-shape";
import { DeribitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createDeribitHttp } from "./index.ts";
import { readFrame } from "./socket/read-frame.ts";
import { connectFake } from "./testing/fake-socket.ts";
import { recordedFrames } from "./testing/recorded-frames.ts";

const links: Link[] = [];
const { clientId, clientSecret } = DeribitVenue.defaults;
const texts = [
	"jsonrpc",
	"method",
	"message",
	"reason",
	"param",
	"type",
	"channel",
	"order_state",
	"cancel_reason",
	"locked",
];
const shapeOf = (text: string): unknown => jsonShape(text, texts);

beforeEach(() => void vi.useFakeTimers({ now: 1_790_000_000_000 }));
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	vi.useRealTimers();
});

async function openSocket(link: Link) {
	links.push(link);
	const socket = new (memoryWebSocket(link))("wss://test.deribit.com/ws/api/v2");
	const frames: string[] = [];
	socket.addEventListener("message", ({ data }) => void frames.push(String(data)));
	await vi.advanceTimersByTimeAsync(0);
	return { socket, frames };
}

describe("a frame recorded from Deribit", () => {
	it.each(recordedFrames)("a recorded frame is read correctly by the client: $when", async ({ text, call, reads }) => {
		const { connection, socket, unexpected } = await connectFake();
		if (!call || "kind" in reads) {
			socket.receive(text);
			await vi.advanceTimersByTimeAsync(0);
			// A reply without an id belongs to no call, so it is reported as unexpected.
			const { kind } = readFrame(text);
			expect([kind === "reply" ? "unexpected" : kind, unexpected.length]).toEqual([
				"kind" in reads ? reads.kind : "",
				"kind" in reads && reads.kind === "unexpected" ? 1 : 0,
			]);
			return;
		}
		const called = connection.call(call[0]).catch((error: unknown) => error);
		await vi.advanceTimersByTimeAsync(0);
		socket.receive(text);
		const outcome = await called;
		if ("venueCode" in reads) expect(outcome).toMatchObject({ kind: "venue", ...reads });
		else if (typeof reads.result === "object") expect(outcome).toMatchObject(reads.result ?? {});
		else expect(outcome).toBe(reads.result);
		expect(unexpected).toEqual([]);
	});

	it("a recorded frame has the same members as the simulator's reply to the same call", async () => {
		const link = new Link(new DeribitVenue({ closeOnRateLimit: false }));
		const { socket, frames } = await openSocket(link);
		let orderId = "";
		let refreshToken = "";
		for (const { when, text, call, isSimulated, fault } of recordedFrames) {
			if (!isSimulated || !call) continue;
			if (fault) link.faults[fault[0]]?.(fault[1]);
			frames.length = 0;
			const [method, params = {}] = call;
			const sent = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
			const values = { '"ID"': clientId, '"SECRET"': clientSecret, '"ORDER"': orderId, '"REFRESH"': refreshToken };
			socket.send(
				Object.entries(values).reduce((text, [name, value]) => text.replace(name, JSON.stringify(value)), sent),
			);
			await vi.advanceTimersByTimeAsync(0);
			expect([when, ...frames.map(shapeOf)]).toEqual([when, shapeOf(text)]);
			const [frame = ""] = frames;
			orderId = /"order_id":"([^"]+)"/.exec(frame)?.[1] ?? orderId;
			// Only the refresh token of the login is used below, not the refresh token of a subaccount.
			if (method === "public/auth") refreshToken = /"refresh_token":"([^"]+)"/.exec(frame)?.[1] ?? refreshToken;
		}
	});

	it("a recorded frame has the same members as the frame that the simulator sends without a call", async () => {
		const link = new Link(new DeribitVenue());
		const { socket, frames } = await openSocket(link);
		const ask = (method: string, params: object): void =>
			socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
		ask("public/set_heartbeat", { interval: 10 });
		ask("public/subscribe", { channels: ["platform_state"] });
		await vi.advanceTimersByTimeAsync(0);
		frames.length = 0;
		socket.send("{");
		socket.send('{"jsonrpc":"2.0","method":"public/test","params":{}}');
		await vi.advanceTimersByTimeAsync(12_000);
		link.faults["announceMaintenance"]?.({});
		await vi.advanceTimersByTimeAsync(0);
		const printed = recordedFrames.filter(({ call, isSimulated }) => isSimulated && !call);
		expect(frames.map(shapeOf)).toEqual(printed.map(({ text }) => shapeOf(text)));
	});

	it.each(recordedFrames.filter(({ options }) => options))(
		"a recorded frame has the same members as the reply of a simulator with other options: $when",
		async ({ text, call, options }) => {
			const { socket, frames } = await openSocket(new Link(new DeribitVenue(options)));
			const [method, params] = call ?? [];
			socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
			await vi.advanceTimersByTimeAsync(0);
			expect(frames.map(shapeOf)).toEqual([shapeOf(text)]);
		},
	);

	it.each(recordedFrames.filter(({ pushedWhen }) => pushedWhen))(
		"a recorded frame has the same members as the notification that the simulator pushes: $when",
		async ({ text, pushedWhen }) => {
			const link = new Link(new DeribitVenue());
			const [trading, watching] = [await openSocket(link), await openSocket(link)];
			const ask = async ({ socket }: typeof trading, method: string, params: object): Promise<void> => {
				socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
				await vi.advanceTimersByTimeAsync(0);
			};
			const login = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
			for (const each of [trading, watching]) await ask(each, "public/auth", login);
			// The cast is safe: every pushed frame has `params`.
			const { label } = (JSON.parse(text) as { params: { label?: string } }).params;
			await ask(watching, "private/subscribe", { channels: ["user.orders.any.any.raw"], label });
			await ask(trading, "private/enable_cancel_on_disconnect", {});
			const order = { instrument_name: "BTC-PERPETUAL", amount: 10, price: 32_000, label: "quote-1" };
			const stop = { ...order, type: "stop_limit", trigger: "mark_price", trigger_price: 31_000 };
			const triggers = pushedWhen === "the stop order is triggered";
			watching.frames.length = 0;
			await ask(trading, "private/buy", triggers ? stop : order);
			if (triggers) link.faults["triggerStop"]?.({});
			if (pushedWhen === "the connection ends") trading.socket.close();
			await vi.advanceTimersByTimeAsync(0);
			expect(shapeOf(watching.frames.at(-1) ?? "")).toEqual(shapeOf(text));
		},
	);

	it("a recorded HTTP reply has the same members as the simulator's reply, and is read by the client", async () => {
		const link = new Link(new DeribitVenue());
		links.push(link);
		const made: [number, string][] = [];
		const http = createDeribitHttp({
			fetch: async (...request) => {
				const reply = await memoryFetch(link)(...request);
				made.push([reply.status, await reply.clone().text()]);
				return reply;
			},
		});
		expect(await http.request("public/get_time")).toBe(1_790_000_000_000);
		const times = '"usIn":1,"usOut":1,"usDiff":1,"testnet":true}';
		expect(made.map(([status, text]) => [status, shapeOf(text)])).toEqual([
			[200, shapeOf(`{"jsonrpc":"2.0","result":1,${times}`)],
		]);
	});
});
