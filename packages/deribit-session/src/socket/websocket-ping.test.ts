import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { DeribitVenue, Link, serve } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { connectDeribit } from "./connect.ts";

/** A WebSocket ping frame without payload, unmasked, as servers send it. */
const ping = Buffer.from([0x89, 0x00]);
/** The first two bytes of the client's reply to the ping: a masked pong frame without payload. */
const pong = Buffer.from([0x8a, 0x80]);

it("DeribitConnection stays open and reports nothing when the venue sends a WebSocket ping", async () => {
	const served = await serve(new Link(new DeribitVenue()));
	const sent: Buffer[] = [];
	let client: Socket | undefined;
	// The simulator sends no WebSocket pings, so a proxy between client and simulator injects a ping.
	const between = createServer((near) => {
		client = near;
		const far = connect(Number(new URL(served.ws).port), "127.0.0.1");
		near.on("data", (bytes: Buffer) => sent.push(bytes)).pipe(far);
		far.pipe(near);
		for (const socket of [near, far]) socket.on("error", () => undefined);
	}).listen(0, "127.0.0.1");
	await once(between, "listening");
	// The cast is safe: the address of a listening TCP server is never a string or null.
	const { port } = between.address() as AddressInfo;
	const onUnexpected = vi.fn();
	const connection = await connectDeribit({ url: `ws://127.0.0.1:${port}/ws/api/v2`, onUnexpected });
	// Wait for a reply, so that the ping cannot split a frame in flight.
	await connection.request("public/test");
	sent.length = 0;
	client?.write(ping);
	await vi.waitFor(() => expect(Buffer.concat(sent).subarray(0, 2)).toEqual(pong), { timeout: 30_000 });
	expect(await connection.request("public/test")).toHaveProperty("version");
	expect(onUnexpected).not.toHaveBeenCalled();
	await connection.disconnect();
	between.close();
	await served.close();
});
