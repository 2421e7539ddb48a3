import { expect, it, onTestFinished } from "vitest";
import { HttpServer } from "./http-server.ts";

it("HttpServer answers at once with 503 while the agent starts", async () => {
	const server = await HttpServer.listen({ host: "127.0.0.1", port: 0 });
	onTestFinished(() => server.close());
	const response = await fetch(`${server.url}/livez`, { signal: AbortSignal.timeout(5_000) });
	expect([response.status, response.headers.get("content-type")]).toEqual([503, "application/problem+json"]);
	expect(await response.json()).toMatchObject({ status: 503, detail: "the agent is starting." });
});
