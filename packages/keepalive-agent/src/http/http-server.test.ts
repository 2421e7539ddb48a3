import { once } from "node:events";
import { connect } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { HttpServer } from "./http-server.ts";

it("HttpServer answers at once with 503 while the agent starts", async () => {
	const server = await HttpServer.listen({ host: "127.0.0.1", port: 0 });
	onTestFinished(() => server.close());
	const response = await fetch(`${server.url}/livez`, { signal: AbortSignal.timeout(5_000) });
	expect([response.status, response.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
	expect(await response.json()).toMatchObject({ status: 503, detail: "the agent is starting." });
});

it("HttpServer answers a new request while 900 connections have sent half of a request", async () => {
	const server = await HttpServer.listen({ host: "127.0.0.1", port: 0 });
	onTestFinished(() => server.close());
	const { port } = new URL(server.url);
	for (let index = 0; index < 900; index++) {
		const socket = connect(Number(port), "127.0.0.1");
		socket.on("error", () => undefined).write("GET /v1/sessions HTTP/1.1\r\nhost: ");
		onTestFinished(() => void socket.destroy());
		await once(socket, "connect");
	}
	const response = await fetch(`${server.url}/livez`, { signal: AbortSignal.timeout(5_000) });
	expect(response.status).toBe(503);
});
