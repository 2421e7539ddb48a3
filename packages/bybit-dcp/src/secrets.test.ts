import { inspect } from "node:util";
import { BybitVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { connectBybitPrivate } from "./connect.ts";
import { createBybitHttp } from "./http.ts";
import { redactor } from "./redact.ts";

const apiKey = "planted-key-1234567890";
const apiSecret = "planted-secret-0987654321";
const closers: (() => void)[] = [];

function start() {
	const venue = new BybitVenue({ apiKey, apiSecret });
	const link = new Link(venue);
	closers.push(() => link.close());
	return { venue, link, fetch: memoryFetch(link), WebSocket: memoryWebSocket(link) };
}

/** Everything that printing could show of a value. */
function printed(value: unknown): string {
	const stack = value instanceof Error ? `${value.stack} ${value.message}` : "";
	return `${inspect(value, { depth: 10, showHidden: true })} ${stack} ${JSON.stringify(value)}`;
}

function expectClean(value: unknown): void {
	const text = printed(value);
	expect(text).not.toContain("planted");
	expect(text).not.toMatch(/[0-9a-f]{64}/);
}

afterEach(() => {
	for (const close of closers.splice(0)) close();
});

describe("no key, secret or signature is ever shown", () => {
	it("by a client or a connection, before and after use", async () => {
		const { fetch, WebSocket } = start();
		const http = createBybitHttp({ apiKey, apiSecret, fetch });
		await http.queryDcp();
		expectClean(http);
		const socket = await connectBybitPrivate({ apiKey, apiSecret, WebSocket });
		await socket.ping();
		expectClean(socket);
		await socket.close();
		expectClean(socket.ended.reason);
	});

	it("by the error of 10004, which quotes what the venue was sent", async () => {
		const { fetch } = start();
		const http = createBybitHttp({ apiKey, apiSecret: "planted-another", fetch });
		const error = await http.queryDcp().catch((reason: unknown) => reason);
		expect(error).toMatchObject({ kind: "signature", venueMessage: expect.stringContaining("origin_string[") });
		expectClean(error);
	});

	it("by an answer or a refusal that plays them back", async () => {
		const { venue, fetch, WebSocket } = start();
		const http = createBybitHttp({ apiKey, apiSecret, fetch });
		const signature = "ab".repeat(32);
		for (const force of [
			{ retCode: 10001, retMsg: `params error: ${apiKey} ${signature}` },
			{ status: 502, body: `<html>${apiKey} ${signature}</html>` },
			{ body: `{"retCode":0,"result":{"dcpInfos":["${apiKey}"]}}` },
			{ body: `nothing ${apiSecret}` },
		]) {
			venue.levers["force"]?.(force);
			expectClean(await http.queryDcp().catch((reason: unknown) => reason));
		}
		venue.levers["refuse"]?.({ auth: `bad ${apiKey} ${signature}` });
		expectClean(await connectBybitPrivate({ apiKey, apiSecret, WebSocket }).catch((reason: unknown) => reason));
		venue.levers["refuse"]?.({ auth: null, subscribe: `bad ${apiKey}` });
		const socket = await connectBybitPrivate({ apiKey, apiSecret, WebSocket });
		expectClean(await socket.subscribeDcp("SPOT").catch((reason: unknown) => reason));
	});

	it("by what a handed-in fetch, signer or WebSocket throws", async () => {
		const fetch: typeof globalThis.fetch = (input, init) => {
			const headers = Object.fromEntries(new Headers(init?.headers));
			throw Object.assign(new Error(`cannot reach ${String(input)} with ${JSON.stringify(headers)}`), { init });
		};
		expectClean(
			await createBybitHttp({ apiKey, apiSecret, fetch })
				.queryDcp()
				.catch((reason: unknown) => reason),
		);
		const signer = (text: string): string => {
			throw new Error(`cannot sign ${text}`);
		};
		expectClean(
			await createBybitHttp({ apiKey, signer })
				.queryDcp()
				.catch((reason: unknown) => reason),
		);
		const { WebSocket } = start();
		class Broken extends WebSocket {
			override send(data: string): void {
				throw new Error(`cannot send ${data}`);
			}
		}
		expectClean(await connectBybitPrivate({ apiKey, apiSecret, WebSocket: Broken }).catch((reason: unknown) => reason));
	});
});

describe("redaction", () => {
	it("takes out the longest secret first, signatures of both kinds, and cuts what is too long", () => {
		const redact = redactor(["key", "key-and-more", undefined, ""]);
		expect(redact("a key-and-more b key")).toBe("a [secret] b [secret]");
		expect(redact(`x ${"0F".repeat(32)} ${"Ab+/".repeat(80)}== y`)).toBe("x [signature] [signature] y");
		expect(redact("ä ".repeat(400))).toHaveLength(301);
	});

	it("takes out what is left of a secret at the end of a text that was cut off, and what a shorter quotation would cut", async () => {
		expect(redactor(["planted-secret"])("body planted-sec")).toBe("body [secret]");
		expect(redactor(["planted-secret"])("a plan, a plant")).toBe("a plan, a [secret]");
		for (let padding = 0; padding < 100; padding += 1) {
			const body = `<html>${"x".repeat(padding)}${apiSecret}`;
			for (const cut of [body, body.slice(0, -5)]) {
				const http = createBybitHttp({ apiKey, apiSecret, fetch: async () => new Response(cut, { status: 503 }) });
				expectClean(await http.queryDcp().catch((error: unknown) => error));
			}
		}
	});
});
