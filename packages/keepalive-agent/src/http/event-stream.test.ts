import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { EventLog } from "../agent/event-log.ts";
import type { Agent } from "../agent/start-agent.ts";
import { EventStreams } from "./event-stream.ts";

it("EventStreams writes no event to a slow reader's stream after close()", async () => {
	const log = new EventLog();
	// The cast is safe: EventStreams reads nothing of the agent but its sessions, and this agent has none.
	const streams = new EventStreams({ venues: new Map() } as unknown as Agent, log);
	const errors: unknown[] = [];
	const served = Promise.withResolvers<ServerResponse>();
	const server = createServer((request, response) => {
		response.on("error", (error) => errors.push(error));
		streams.serve(request, response);
		served.resolve(response);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	onTestFinished(() => server.closeAllConnections());
	onTestFinished(() => void server.close());
	// The cast is safe: a server that listens on a TCP port has an address of this type.
	const reader = connect((server.address() as AddressInfo).port, "127.0.0.1").pause();
	onTestFinished(() => void reader.destroy());
	reader.write("GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
	const response = await served.promise;
	const add = (detail: string): void => log.add({ type: "agent", event: "stopping", at: 0, detail });
	// Adds events until the socket's buffer is full, but not so many that the stream is cut off.
	while (response.writableLength === 0) {
		add("x".repeat(100_000));
		await new Promise((resolve) => setImmediate(resolve));
	}
	expect(response.destroyed).toBe(false);
	streams.close();
	add("stopped");
	// A write after the end of the response would cause an error in the next turn of the event loop, so the test waits for that turn.
	await new Promise((resolve) => setImmediate(resolve));
	expect(errors).toEqual([]);
});
