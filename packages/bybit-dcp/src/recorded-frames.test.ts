import { createHmac } from "node:crypto";
import { jsonShape } from "@x/base/json-shape";
import { memoryWebSocket } from "@x/venue-sims";
import { describe, expect, it, vi } from "vitest";
import { readFrame } from "./socket/read-frame.ts";
import { recordedFrames } from "./testing/recorded-frames.ts";
import { apiSecret, startSocket, useFakeClock } from "./testing/start-client.ts";

useFakeClock();

/** The shape of a frame for comparison; texts of errors are compared without their numbers. */
const shapeOf = (message: string): unknown => jsonShape(message, ["ret_msg", "op", "topic"]);

describe("a frame recorded from Bybit", () => {
	it.each(recordedFrames)("a recorded frame is read correctly by the client: $text", ({ text, reads }) => {
		expect(readFrame(text).type).toBe(reads);
	});

	it("the recorded frames have the same members as the frames of the simulator", async () => {
		const { venue, link } = startSocket();
		const socket = new (memoryWebSocket(link))("wss://stream.bybit.com/v5/private");
		const frames: string[] = [];
		socket.addEventListener("message", ({ data }) => void frames.push(String(data)));
		await vi.advanceTimersByTimeAsync(0);
		const expires = Date.now() + 10_000;
		const signature = createHmac("sha256", apiSecret).update(`GET/realtime${expires}`).digest("hex");
		for (const { text, sent, fault } of recordedFrames) {
			if (sent === undefined) continue;
			if (fault) venue.faults[fault[0]](fault[1]);
			frames.length = 0;
			socket.send(sent.replace("EXPIRES", String(expires)).replace("SIGNATURE", signature));
			await vi.advanceTimersByTimeAsync(0);
			expect(frames.map(shapeOf)).toEqual([shapeOf(text)]);
		}
	});

	it("the recorded topic messages have the same members as the topic messages of the simulator, and reach onTopic", async () => {
		const pushed: Readonly<Record<string, unknown>>[] = [];
		const { connect, venue } = startSocket({}, { onTopic: ({ frame }) => void pushed.push(frame) });
		const socket = await connect();
		const printed = recordedFrames
			.filter(({ text, reads }) => reads === "topic" && !text.includes('"dcp.'))
			.map(({ text }) => JSON.parse(text));
		const topics = printed.map(({ topic }) => topic);
		for (const topic of topics) await socket.subscribe(topic);
		for (const product of ["DERIVATIVES", "SPOT"]) {
			// The cast is safe: `faults.place` makes the simulator place an order, and returns that order.
			const { id } = venue.faults.place({ product, instrument: "BTCUSDT" }) as { id: string };
			venue.faults.fill({ orderId: id });
		}
		await socket.ping();
		expect(new Set(pushed.map(({ topic }) => topic))).toEqual(new Set(topics));
		for (const frame of pushed) {
			const recorded = printed.find(({ topic }) => topic === frame["topic"]);
			expect(Object.keys(frame)).toEqual(Object.keys(recorded));
		}
	});
});
