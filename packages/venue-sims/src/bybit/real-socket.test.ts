import { createHmac } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { WebSocket } from "ws";
import { BybitVenue } from "../bybit.ts";
import { Link } from "../network-link.ts";
import { type Served, serve } from "../serve-venue.ts";
import { apiKey, apiSecret } from "./testing/harness.ts";

const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
	for (const close of closers.splice(0)) await close();
});

async function served(): Promise<Served & { link: Link }> {
	const link = new Link(new BybitVenue());
	const at = await serve(link);
	closers.push(() => at.close());
	return { ...at, link };
}

/** Makes an HTTP call whose request target is sent unchanged: `fetch` and `URL` would escape some characters. */
async function get(base: string, path: string, signed: string): Promise<unknown> {
	const timestamp = String(Date.now());
	const sign = createHmac("sha256", apiSecret).update(`${timestamp}${apiKey}5000${signed}`).digest("hex");
	const headers = { "x-bapi-api-key": apiKey, "x-bapi-timestamp": timestamp, "x-bapi-sign": sign };
	const { hostname, port } = new URL(base);
	const asked = request({ hostname, port, path, headers: { ...headers, "x-bapi-recv-window": "5000" } });
	asked.end();
	const [reply] = (await once(asked, "response")) as [IncomingMessage];
	const chunks: Buffer[] = [];
	for await (const chunk of reply) chunks.push(chunk as Buffer);
	return JSON.parse(Buffer.concat(chunks).toString());
}

it("BybitVenue verifies a signature over the query exactly as sent, even if the class URL would escape the query differently", async () => {
	const { http } = await served();
	const query = "category=spot&symbol='A|B'";
	expect(await get(http, `/v5/order/realtime?${query}`, query)).toMatchObject({ retCode: 0 });
	const written = new URL(`${http}/?${query}`).search.slice(1);
	expect(written).not.toBe(query);
	expect(await get(http, `/v5/order/realtime?${query}`, written)).toMatchObject({ retCode: 10004 });
});

it.each([
	["drop", undefined],
	["reset", "ECONNRESET"],
])("fault %s closes the TCP connection of a BybitVenue client; error code at the client: %s", async (fault, code) => {
	const { http, link } = await served();
	const { hostname, port } = new URL(http);
	const headers = {
		connection: "upgrade",
		upgrade: "websocket",
		"sec-websocket-version": "13",
		"sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
	};
	const asked = request({ hostname, port, path: "/v5/private", headers });
	asked.end();
	const [, socket] = (await once(asked, "upgrade")) as [IncomingMessage, Socket];
	let failed: string | undefined;
	socket.on("error", (error: NodeJS.ErrnoException) => {
		failed = error.code;
	});
	socket.resume();
	const closed = new Promise((resolve) => socket.once("close", resolve));
	link.faults[fault]?.({});
	await closed;
	expect(failed).toBe(code);
});

it("a BybitVenue connection is kept alive only by JSON pings, not by pings of the WebSocket protocol", async () => {
	const link = new Link(new BybitVenue({ idleLimitOverrideMs: 200, idleScanMs: 50 }));
	const at = await serve(link);
	closers.push(() => at.close());
	const [quiet, loud] = [new WebSocket(`${at.ws}/v5/private`), new WebSocket(`${at.ws}/v5/private`)];
	await Promise.all([once(quiet, "open"), once(loud, "open")]);
	const pinging = setInterval(() => {
		quiet.ping();
		loud.send('{"op":"ping"}');
	}, 20);
	const [code] = (await once(quiet, "close")) as [number];
	clearInterval(pinging);
	expect([code, loud.readyState]).toEqual([1006, WebSocket.OPEN]);
	loud.terminate();
});
