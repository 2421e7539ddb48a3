import { X509Certificate } from "node:crypto";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { IbkrVenue, Link, type Served, selfSignedCertificate, serve } from "@x/venue-sims";
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { createIbkrHttp } from "../index.ts";
import { type GatewayFetch, type GatewayFetchOptions, gatewayFetch } from "./index.ts";

let tls: Awaited<ReturnType<typeof selfSignedCertificate>>;
let otherCertificate: typeof tls;
let served: Served;
let venue: IbkrVenue;
let link: Link;
const open: GatewayFetch[] = [];

/** A gatewayFetch for the gateway that this test serves. */
function gateway(trust: { ca: string } | { fingerprint256: string }): GatewayFetch {
	const made = gatewayFetch({ baseUrl: `${served.http}/v1/api`, ...trust });
	open.push(made);
	return made;
}

const clientBy = (fetch: typeof globalThis.fetch, callTimeoutMs = 5_000) =>
	createIbkrHttp({ baseUrl: `${served.http}/v1/api`, fetch, callTimeoutMs });

beforeAll(async () => {
	[tls, otherCertificate] = await Promise.all([selfSignedCertificate(), selfSignedCertificate()]);
	venue = new IbkrVenue({ pacing: false });
	link = new Link(venue);
	served = await serve(link, { tls });
});

afterEach(() => {
	for (const made of open.splice(0)) made.close();
	link.heal();
});

afterAll(() => served.close());

describe("a gateway's self-signed certificate", () => {
	it("a gateway's self-signed certificate is refused by the global fetch, with an error that recommends gatewayFetch", async () => {
		const error = await clientBy(fetch)
			.status()
			.catch((reason: unknown) => reason);
		expect(error).toMatchObject({
			kind: "network",
			message: expect.stringContaining("pass this certificate to gatewayFetch"),
		});
	});

	it("a gateway's self-signed certificate is trusted when it is passed as `ca`, and calls have the headers that IBKR requires", async () => {
		const client = clientBy(gateway({ ca: tls.cert }));
		expect(await client.tickle()).toMatchObject({ kind: "live" });
		expect(await client.init({ compete: true })).toMatchObject({ kind: "accepted" });
		const { headers } = venue.received.find(({ path }) => path.endsWith("/tickle")) ?? {};
		expect(headers).toMatchObject({ "content-length": "0", connection: "keep-alive", "user-agent": "x-ibkr-session" });
		expect(venue.received.at(-1)?.headers["cookie"]).toMatch(/^x-sess-uuid=/);
		expect(await client.logout()).toEqual({ kind: "logged-out" });
		venue.faults["login"]?.({});
	});

	it("a gateway's self-signed certificate is trusted when its fingerprint is passed, with or without colons", async () => {
		const { fingerprint256 } = new X509Certificate(tls.cert);
		const plain = fingerprint256.replaceAll(":", "").toLowerCase();
		for (const print of [fingerprint256, plain]) {
			expect((await clientBy(gateway({ fingerprint256: print })).status()).kind).toBe("status");
		}
	});

	it.each([
		["CA", () => ({ ca: otherCertificate.cert }), "pass this certificate to gatewayFetch"],
		[
			"fingerprint",
			() => ({ fingerprint256: new X509Certificate(otherCertificate.cert).fingerprint256 }),
			"change fingerprint256",
		],
	])(
		"a gateway whose certificate does not match the trusted %s is refused before anything is sent",
		async (_, trust, advice) => {
			const before = venue.received.length;
			const error = await clientBy(gateway(trust()))
				.tickle()
				.catch((reason: unknown) => reason);
			expect(error).toMatchObject({
				kind: "network",
				code: expect.any(String),
				message: expect.stringContaining(advice),
			});
			expect(venue.received).toHaveLength(before);
		},
	);
});

describe("gatewayFetch", () => {
	it("gatewayFetch refuses a request to another host", async () => {
		const send = gateway({ ca: tls.cert });
		await expect(send("https://127.0.0.1:1/v1/api/tickle")).rejects.toThrow("allows requests to https://127.0.0.1:");
		await expect(send(served.http.replace("https", "http"))).rejects.toMatchObject({
			name: "OptionError",
			option: "baseUrl",
		});
	});

	it("gatewayFetch for 127.0.0.1 refuses a request to localhost, which is a different host for cookies", async () => {
		const named = served.http.replace("127.0.0.1", "localhost");
		const before = venue.received.length;
		await expect(gateway({ ca: tls.cert })(`${named}/v1/api/tickle`)).rejects.toMatchObject({
			name: "OptionError",
			option: "baseUrl",
		});
		expect(venue.received).toHaveLength(before);
	});

	it("a call rejects with an OptionError when the client and its gatewayFetch have different base URLs", async () => {
		const client = createIbkrHttp({ baseUrl: "https://localhost:1/v1/api", fetch: gateway({ ca: tls.cert }) });
		await expect(client.tickle()).rejects.toMatchObject({ name: "OptionError", option: "baseUrl" });
	});

	it("gatewayFetch follows no redirect", async () => {
		const send = gateway({ ca: tls.cert });
		venue.faults["answer"]?.({ status: 302 });
		expect((await send(`${served.http}/v1/api/tickle`, { method: "POST" })).status).toBe(302);
	});

	it("gatewayFetch rejects when the signal aborts, and at the deadline of the call", async () => {
		const send = gateway({ ca: tls.cert });
		link.partition();
		const controller = new AbortController();
		const asked = send(`${served.http}/v1/api/tickle`, { method: "POST", signal: controller.signal });
		controller.abort(new Error("given up"));
		await expect(asked).rejects.toThrow("given up");
		await expect(clientBy(send, 50).tickle()).rejects.toMatchObject({ kind: "timeout" });
		await expect(send(`${served.http}/`, { signal: AbortSignal.abort(new Error("before")) })).rejects.toThrow("before");
	});

	it.each([
		["CA", () => ({ ca: tls.cert })],
		["fingerprint", () => ({ fingerprint256: new X509Certificate(tls.cert).fingerprint256 })],
	])("gatewayFetch keeps one connection open between calls until close(), when it trusts a %s", async (_, trust) => {
		let connections = 0;
		const server = createServer(tls, (_request, response) => response.end('{"error":"no session"}'));
		server.on("secureConnection", () => connections++);
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const send = gatewayFetch({ baseUrl, ...trust() });
		const client = createIbkrHttp({ baseUrl, fetch: send, pacing: false });
		for (let call = 0; call < 3; call++) expect((await client.tickle()).kind).toBe("no-session");
		expect(connections).toBe(1);
		send.close();
		await new Promise((resolve) => server.close(resolve));
	});

	it("gatewayFetch rejects when the reply has a status that the class Response refuses", async () => {
		const server = createTlsServer(tls, (socket) => {
			socket.once("data", () => socket.end("HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n"));
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
		using send = gatewayFetch({ baseUrl, ca: tls.cert });
		await expect(createIbkrHttp({ baseUrl, fetch: send }).tickle()).rejects.toMatchObject({ kind: "network" });
		await new Promise((resolve) => server.close(resolve));
	});

	it("gatewayFetch rejects when the connection breaks in the middle of a reply", async () => {
		const server = createServer(tls, (_, response) => {
			response.writeHead(200, { "content-length": "100" });
			response.write("{", () => response.destroy());
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
		using send = gatewayFetch({ baseUrl, ca: tls.cert });
		const client = createIbkrHttp({ baseUrl, fetch: send });
		await expect(client.tickle()).rejects.toMatchObject({ kind: "network" });
		await new Promise((resolve) => server.close(resolve));
	});

	it("gatewayFetch does not change which certificates the rest of the process trusts", async () => {
		await clientBy(gateway({ ca: tls.cert })).status();
		expect(process.env["NODE_TLS_REJECT_UNAUTHORIZED"]).toBeUndefined();
		await expect(fetch(served.http)).rejects.toThrow();
	});

	it("gatewayFetch returns a function with the type of fetch", () => {
		expectTypeOf<GatewayFetch>().toExtend<typeof fetch>();
		// @ts-expect-error the certificate to trust is missing
		const nothing: GatewayFetchOptions = {};
		expect(nothing).toEqual({});
	});
});

it.each([
	[{}, "option ca or option fingerprint256 must be given, and not both"],
	[{ ca: "x" }, "option ca must be the PEM text"],
	[{ ca: "not a certificate" }, "option ca must be the PEM text of a certificate, got a value of type string"],
	[{ fingerprint256: "ab:cd" }, "64 hexadecimal digits"],
	[{ baseUrl: "http://localhost:5000", fingerprint256: "ab".repeat(32) }, "must be an https:// URL"],
])("gatewayFetch throws an OptionError for %j", (options, message) => {
	// The cast allows wrong options, which a program in plain JavaScript can pass.
	expect(() => gatewayFetch(options as GatewayFetchOptions)).toThrow(message);
});

it("gatewayFetch closes the connection of an endless body once the client has read a megabyte", async () => {
	const chunk = Buffer.alloc(100_000, 0x20);
	let closed = 0;
	const server = createServer({ cert: tls.cert, key: tls.key }, (_, response) => {
		response.on("error", () => undefined);
		response.on("close", () => {
			closed += 1;
		});
		const more = (): void => {
			while (!response.destroyed && response.write(chunk));
		};
		response.on("drain", more);
		more();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const baseUrl = `https://localhost:${(server.address() as AddressInfo).port}/v1/api`;
	const send = gatewayFetch({ baseUrl, ca: tls.cert });
	open.push(send);
	const error = await createIbkrHttp({ baseUrl, fetch: send })
		.tickle()
		.catch((reason: unknown) => reason);
	expect(error).toMatchObject({ kind: "reply", message: expect.stringContaining("more than 1000000 bytes") });
	await expect.poll(() => closed).toBe(1);
	await new Promise((resolve) => server.close(resolve));
});
