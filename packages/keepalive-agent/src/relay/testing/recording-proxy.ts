import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

/** A proxy between the keeper and the venue that records the frames of both sides unchanged. */
export async function recordFrames(target: string) {
	const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
	await new Promise<void>((resolve) => server.once("listening", () => resolve()));
	const sent: string[] = [];
	const received: string[] = [];
	const targets: WebSocket[] = [];
	/** Sends a frame as if it came from the venue. */
	let inject: (text: string) => void = () => undefined;
	server.on("connection", (client) => {
		const venue = new WebSocket(target);
		targets.push(venue);
		const opened = new Promise<void>((resolve) => venue.once("open", () => resolve()));
		client.on("message", async (data) => {
			sent.push(String(data));
			await opened;
			venue.send(String(data));
		});
		venue.on("message", (data) => {
			received.push(String(data));
			client.send(String(data));
		});
		inject = (text) => client.send(text);
		client.on("close", () => venue.terminate());
		venue.on("close", () => client.terminate());
	});
	return {
		url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/ws/api/v2`,
		sent,
		received,
		inject: (text: string) => inject(text),
		close: () => {
			for (const each of targets) each.terminate();
			server.close();
		},
	};
}
