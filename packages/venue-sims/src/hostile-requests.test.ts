import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BybitVenue } from "./bybit.ts";
import { selfSignedCertificate } from "./certificate.ts";
import { DeribitVenue } from "./deribit.ts";
import { IbkrVenue } from "./ibkr.ts";
import { Link } from "./network-link.ts";
import { type Served, serve } from "./serve-venue.ts";
import type { Venue } from "./venue.ts";

const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);
const sockets: Socket[] = [];
let served: Served | undefined;

beforeEach(() => {
	warnings.length = 0;
	process.on("warning", onWarning);
});
afterEach(async () => {
	for (const socket of sockets.splice(0)) socket.destroy();
	await served?.close();
	process.off("warning", onWarning);
});

const venues: Readonly<Record<string, () => Venue>> = {
	deribit: () => new DeribitVenue(),
	ibkr: () => new IbkrVenue(),
	bybit: () => new BybitVenue(),
};
const sane: Readonly<Record<string, string>> = {
	deribit: "/api/v2/public/test",
	ibkr: "/v1/api/tickle",
	bybit: "/v5/market/time",
};
const socketPath: Readonly<Record<string, string>> = {
	deribit: "/ws/api/v2",
	ibkr: "/v1/api/ws",
	bybit: "/v5/private",
};
const certificate = selfSignedCertificate();

async function start(venue: Venue, secure: boolean) {
	const tls = secure ? await certificate : undefined;
	served = await serve(new Link(venue), tls ? { tls } : {});
	const port = Number(new URL(served.http).port);
	const open = (): Promise<Socket> =>
		new Promise((resolve, reject) => {
			const socket = tls
				? connectTls({ port, host: "127.0.0.1", ca: tls.cert }, () => resolve(socket))
				: connectTcp({ port, host: "127.0.0.1" }, () => resolve(socket));
			sockets.push(socket);
			socket.on("error", reject);
		});
	/** Sends bytes, and returns the text that the server sends until the server closes the connection or the text matches `enough`. */
	const send = async (bytes: string | Buffer, enough = /$^/): Promise<string> => {
		const socket = await open();
		return exchange(socket, bytes, enough);
	};
	/** Sends bytes and destroys the connection without reading a reply. */
	const sendAndReset = async (bytes: string): Promise<void> => {
		const socket = await open();
		await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
		socket.destroy();
	};
	return { open, send, sendAndReset };
}

function exchange(socket: Socket, bytes: string | Buffer, enough = /$^/): Promise<string> {
	return new Promise((resolve) => {
		let received = "";
		socket.on("data", (chunk: Buffer) => {
			received += chunk.toString("latin1");
			if (enough.test(received)) resolve(received);
		});
		socket.on("error", () => undefined);
		socket.on("close", () => resolve(received));
		socket.write(bytes);
	});
}

/** The function `it` if the condition holds, otherwise a function that registers no test. */
const onceIf = (condition: boolean): ((name: string, test: () => Promise<void>) => void) =>
	condition ? it : () => undefined;

const get = (path: string, headers = ""): string =>
	`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: test\r\nConnection: close\r\n${headers}\r\n`;
const post = (path: string, body: string, headers = ""): string =>
	`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: test\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`;
const upgradeHeaders =
	"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const upgrade = (path: string, headers = upgradeHeaders): string =>
	`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`;

/** A WebSocket text frame with the masking key 0. */
function textFrame(text: string | Buffer, firstByte = 0x81): Buffer {
	const payload = Buffer.from(text);
	const length =
		payload.length < 126
			? Buffer.from([0x80 | payload.length])
			: Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 0xff]);
	return Buffer.concat([Buffer.from([firstByte]), length, Buffer.alloc(4), payload]);
}

const oddJson = [
	"",
	"null",
	"1",
	'"text"',
	"[]",
	"[1]",
	"{}",
	"{",
	"NaN",
	"\u0000",
	'{"__proto__":1}',
	`${"[".repeat(5_000)}${"]".repeat(5_000)}`,
	...["__proto__", "constructor", "toString", "", "public/test", "private/buy", "public/auth", "auth"].flatMap((name) =>
		[undefined, null, 1, "x", [], {}, { channels: 1 }, { channels: [null] }, { scope: {} }, { __proto__: [] }].flatMap(
			(value) => [
				JSON.stringify({ id: 1, method: name, params: value }),
				JSON.stringify({ op: name, args: value, req_id: {} }),
			],
		),
	),
];

for (const secure of [false, true]) {
	for (const [name, create] of Object.entries(venues)) {
		describe(`${name} served over ${secure ? "TLS" : "TCP"}`, () => {
			const path = sane[name] ?? "/";
			const start_ = () => start(create(), secure);
			const isStillServed = async (send: (bytes: string) => Promise<string>): Promise<void> => {
				expect(await send(get(path))).toMatch(/^HTTP\/1\.1 (200|401|429) /);
				expect(warnings).toEqual([]);
			};

			it.each([
				["a Host that is no host", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"],
				["a Host with a half bracket", "GET / HTTP/1.1\r\nHost: [\r\nConnection: close\r\n\r\n"],
				["a target without a host", "GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
				["an absolute target that is no URL", "GET http://[/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
				["a request line with too many words", "GET / a b HTTP/1.1\r\nHost: x\r\n\r\n"],
				["text that is no HTTP", "nonsense\r\n\r\n"],
				["bytes that are no text", "\u0016\u0003\u0001\u0002\u0000\u0001\r\n\r\n"],
				["an invalid chunk", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
				["an upgrade with a Host that is no host", `GET / HTTP/1.1\r\nHost: a b\r\n${upgradeHeaders}\r\n`],
				["an upgrade of a target that is no URL", upgrade("http://[/")],
				["an upgrade without a key", upgrade(socketPath[name] ?? "/", "Connection: Upgrade\r\nUpgrade: websocket\r\n")],
				[
					"an upgrade with a bad key and version",
					upgrade(
						socketPath[name] ?? "/",
						"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 99\r\nSec-WebSocket-Key: x\r\n",
					),
				],
			])("serve() refuses %s with a 4xx status and serves the next request", async (_, bytes) => {
				const { send } = await start_();
				expect(await send(bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
				await isStillServed(send);
			});

			it("serve() refuses headers above 16 kB with 431 and a body above 1 MiB with 413, and serves the next request", async () => {
				const { send } = await start_();
				expect(await send(get(path, `X-Long: ${"a".repeat(40_000)}\r\n`), /431/)).toMatch(/^HTTP\/1\.1 431 /);
				expect(await send(upgrade(path, `${upgradeHeaders}X-Long: ${"a".repeat(40_000)}\r\n`), /431/)).toMatch(
					/^HTTP\/1\.1 431 /,
				);
				expect(await send(post(path, "x".repeat(1_048_577)), /413/)).toMatch(/^HTTP\/1\.1 413 /);
				expect(await send(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\nabc`, /413/)).toMatch(
					/^HTTP\/1\.1 413 /,
				);
				await isStillServed(send);
			});

			it("serve() answers an ordinary request with the header Upgrade: h2c, which Java clients and curl send", async () => {
				const { send } = await start_();
				const offer =
					"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n";
				const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: test\r\n${offer}\r\n`;
				expect(await send(request, /\r\n\r\n/)).toMatch(/^HTTP\/1\.1 (200|401) /);
			});

			it("serve() still answers after clients have reset connections in the middle of a request", async () => {
				const { send, sendAndReset } = await start_();
				await sendAndReset("GET");
				await sendAndReset("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc");
				await sendAndReset("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
				await sendAndReset(get(path));
				await sendAndReset(upgrade("/full"));
				for (let count = 0; count < 5; count += 1) await sendAndReset(upgrade(socketPath[name] ?? "/"));
				await isStillServed(send);
			});

			// This test does not run over TLS as well, because how a venue handles the contents of a request does not depend on TLS.
			onceIf(!secure)("serve() sends no 5xx for paths, queries and headers that cannot be decoded", async () => {
				const { send } = await start_();
				const prefix = path.slice(0, path.lastIndexOf("/"));
				for (const odd of [
					"/%",
					"/%ff",
					"/__proto__",
					"/constructor",
					"/toString",
					"/%2e%2e/%2e%2e",
					"?a=%",
					"?a=%ff&a=1",
				]) {
					expect(await send(get(prefix + odd)), odd).toMatch(/^HTTP\/1\.1 [2-4]\d\d /);
					expect(await send(post(prefix + odd, "{")), odd).toMatch(/^HTTP\/1\.1 [2-4]\d\d /);
				}
				for (const value of [
					"Basic",
					"Basic !!!",
					"Bearer",
					"Digest",
					"deri-hmac-sha256",
					"deri-hmac-sha256 id=,ts=x",
					"OAuth x=%",
				]) {
					expect(await send(get(path, `Authorization: ${value}\r\n`)), value).toMatch(/^HTTP\/1\.1 [2-4]\d\d /);
				}
				await isStillServed(send);
			});

			onceIf(!secure)("serve() sends no 5xx and emits no warning for odd JSON in a body or frame", async () => {
				const { send, open } = await start_();
				const socket = await open();
				await exchange(socket, upgrade(socketPath[name] ?? "/"), /\r\n\r\n/);
				let open_ = true;
				socket.on("close", () => {
					open_ = false;
				});
				for (const json of oddJson) {
					expect(await send(post(path, json, "Content-Type: application/json\r\n")), json).toMatch(
						/^HTTP\/1\.1 [2-4]\d\d /,
					);
					if (open_) socket.write(textFrame(json));
				}
				await isStillServed(send);
			});

			it.each([
				["a reserved opcode", Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
				["a frame without a mask", Buffer.from([0x81, 0x01, 0x41])],
				["a reserved bit", textFrame("a", 0xc1)],
				["text that is not UTF-8", textFrame(Buffer.from([0xff, 0xfe]))],
				["a control frame in fragments", textFrame("a", 0x09)],
				["a continuation frame without a first frame", textFrame("a", 0x80)],
				[
					"a length above every limit",
					Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
				],
				["a length above 1 MiB", Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 0x10, 0, 0x01, 0, 0, 0, 0])],
				["a close code that does not exist", textFrame(Buffer.from([0x00, 0x01]), 0x88)],
			])("serve() closes a WebSocket after %s and serves the next request", async (_, frame) => {
				const { send, open } = await start_();
				const socket = await open();
				const handshake = await exchange(socket, upgrade(socketPath[name] ?? "/"), /\r\n\r\n/);
				expect(handshake).toMatch(/^HTTP\/1\.1 101 /);
				await exchange(socket, frame);
				expect(socket.destroyed).toBe(true);
				await isStillServed(send);
			});
		});
	}

	it(`serve() replies 500 or closes with 1011 over ${secure ? "TLS" : "TCP"} when the venue throws, and emits a process warning`, async () => {
		const fail = (): never => {
			throw new Error("a mistake of the simulator");
		};
		const broken: Venue = {
			name: "broken",
			http: fail,
			upgrade: ({ url }) =>
				url.pathname === "/refused" ? fail() : { kind: "accept", attach: () => ({ message: fail, closed: fail }) },
			orders: () => [],
			faults: {},
			close: () => undefined,
		};
		const { send, open } = await start(broken, secure);
		expect(await send(get("/"))).toMatch(/^HTTP\/1\.1 500 /);
		expect(await send(upgrade("/refused"))).toMatch(/^HTTP\/1\.1 500 /);
		const socket = await open();
		await exchange(socket, upgrade("/"), /\r\n\r\n/);
		const closeFrame = await exchange(socket, textFrame("hello"), /1011|failed/);
		socket.destroy();
		expect(closeFrame.charCodeAt(0)).toBe(0x88);
		expect(Buffer.from(closeFrame, "latin1").readUInt16BE(2)).toBe(1011);
		const warning =
			"@x/venue-sims: broken: the simulator threw an error, shown below. The client gets status 500 or close code 1011.";
		await expect.poll(() => warnings.map(({ message }) => message)).toEqual(Array(4).fill(warning));
		expect(await send(get("/"))).toMatch(/^HTTP\/1\.1 500 /);
	});
}
