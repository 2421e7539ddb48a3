import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { memoryFetch } from "./memory-fetch.ts";
import { memoryWebSocket } from "./memory-socket.ts";
import { Link } from "./network-link.ts";
import { type Served, serve } from "./serve-venue.ts";
import type { Venue, WireReply, WireRequest } from "./venue.ts";

/** A venue that echoes and records the requests and frames that it receives. */
class EchoVenue implements Venue {
	readonly name = "echo";
	readonly heard: string[] = [];
	readonly requests: WireRequest[] = [];
	readonly faults = { shout: ({ text }: Readonly<Record<string, unknown>>) => String(text).toUpperCase() };
	http(request: WireRequest): WireReply {
		this.requests.push(request);
		if (request.url.pathname === "/reset") return { kind: "reset" };
		if (request.url.pathname === "/login") return { kind: "reply", status: 302, headers: { location: "/sso/Login" } };
		return { kind: "reply", status: 200, headers: { "content-type": "application/json" }, body: request.body || "{}" };
	}
	upgrade(request: WireRequest): ReturnType<Venue["upgrade"]> {
		if (request.url.pathname === "/full") return { kind: "reply", status: 429 };
		if (request.url.pathname === "/hang") return { kind: "hang" };
		return {
			kind: "accept",
			attach: (wire) => ({
				message: (data) => {
					this.heard.push(String(data));
					if (data === "bye") wire.close(4000, "told to");
					else wire.send(data);
				},
				closed: (code) => this.heard.push(`closed ${code}`),
			}),
		};
	}
	orders(): [] {
		return [];
	}
	close(): void {}
}

interface Transport {
	fetch: typeof fetch;
	socket(path: string): WebSocket;
	base: string;
}

const served: Served[] = [];
afterEach(async () => {
	for (const each of served.splice(0)) await each.close();
});

const transports: Record<string, (link: Link) => Promise<Transport>> = {
	"in memory": async (link) => {
		const Socket = memoryWebSocket(link);
		return {
			fetch: memoryFetch(link),
			base: "http://echo.test",
			socket: (path) => new Socket(`ws://echo.test${path}`),
		};
	},
	"on 127.0.0.1": async (link) => {
		const listening = await serve(link);
		served.push(listening);
		return { fetch, base: listening.http, socket: (path) => new WebSocket(listening.ws + path) };
	},
};

const once = (socket: WebSocket, type: string): Promise<Event & { data?: unknown; code?: number; reason?: string }> =>
	new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

describe.each(Object.keys(transports))("a venue %s", (kind) => {
	const start = async (): Promise<{ venue: EchoVenue; link: Link; transport: Transport }> => {
		const venue = new EchoVenue();
		const link = new Link(venue);
		const transport = await transports[kind]?.(link);
		if (!transport) throw new Error(`no transport ${kind}`);
		return { venue, link, transport };
	};

	it("a simulated venue receives requests byte for byte; a POST without a body has content-length 0", async () => {
		const { venue, transport } = await start();
		const reply = await transport.fetch(`${transport.base}/a?b=%20c`, { method: "POST", body: '{ "x":1}' });
		expect(await reply.text()).toBe('{ "x":1}');
		await transport.fetch(`${transport.base}/a`, { method: "POST" });
		expect(venue.requests[0]?.url.search).toBe("?b=%20c");
		expect(venue.requests[0]?.headers["content-length"]).toBe("8");
		expect(venue.requests[1]?.headers["content-length"]).toBe("0");
		expect(venue.requests[1]?.headers["user-agent"]).toBe("node");
	});

	it("a simulated venue can reply with a redirect or reset the connection", async () => {
		const { transport } = await start();
		expect((await transport.fetch(`${transport.base}/login`, { redirect: "manual" })).status).toBe(302);
		await expect(transport.fetch(`${transport.base}/reset`)).rejects.toThrow(TypeError);
	});

	it("a simulated venue exchanges frames with a client, and can close with any code and reason", async () => {
		const { venue, transport } = await start();
		const socket = transport.socket("/");
		await once(socket, "open");
		const echoed = once(socket, "message");
		socket.send("hello");
		expect((await echoed).data).toBe("hello");
		const closed = once(socket, "close");
		socket.send("bye");
		expect(await closed).toMatchObject({ code: 4000, reason: "told to" });
		expect(venue.heard).toEqual(["hello", "bye"]);
	});

	it("a simulated venue is notified when the client closes the WebSocket", async () => {
		const { venue, transport } = await start();
		const socket = transport.socket("/");
		await once(socket, "open");
		const closed = once(socket, "close");
		socket.close(1000);
		expect(await closed).toMatchObject({ code: 1000 });
		await expect.poll(() => venue.heard).toEqual(["closed 1000"]);
	});

	it("a simulated venue can refuse a WebSocket handshake; the client sees only that the handshake failed", async () => {
		const { transport } = await start();
		expect(await once(transport.socket("/full"), "close")).toMatchObject({ code: 1006 });
	});

	it("a simulated venue and its client are both notified of a dropped connection immediately", async () => {
		const { venue, link, transport } = await start();
		const socket = transport.socket("/");
		await once(socket, "open");
		const closed = once(socket, "close");
		expect(link.drop()).toBe(1);
		expect(await closed).toMatchObject({ code: 1006 });
		expect(venue.heard).toEqual(["closed 1006"]);
		expect(link.connections).toBe(0);
	});

	it("a simulated venue receives nothing over a half-open connection, not even the close frame", async () => {
		const { venue, link, transport } = await start();
		const socket = transport.socket("/");
		await once(socket, "open");
		link.halfOpen();
		socket.send("lost");
		socket.close(1000);
		const reply = await transport.fetch(`${transport.base}/still`);
		expect(reply.status).toBe(200);
		expect(socket.readyState).toBe(2);
		expect(venue.heard).toEqual([]);
	});

	it("a simulated venue does not reply during a network partition, and replies again after heal()", async () => {
		const { link, transport } = await start();
		const handshake = Promise.withResolvers<void>();
		const upgrade = link.upgrade.bind(link);
		link.upgrade = (request) => {
			handshake.resolve();
			return upgrade(request);
		};
		link.partition();
		const socket = transport.socket("/");
		await expect(transport.fetch(`${transport.base}/a`, { signal: AbortSignal.timeout(200) })).rejects.toThrow();
		// The partition must last until the handshake has arrived, which on a busy machine may be later than the HTTP request.
		await handshake.promise;
		link.heal();
		expect((await transport.fetch(`${transport.base}/a`)).status).toBe(200);
		// A handshake that was sent during the partition never gets a reply, even after the partition has ended.
		expect(socket.readyState).toBe(0);
		socket.close();
	});
});

it("serve() adds the header x-simulated-venue to each reply", async () => {
	const listening = await serve(new Link(new EchoVenue()));
	served.push(listening);
	expect((await fetch(listening.http)).headers.get("x-simulated-venue")).toBe("echo");
});

it("close() of a served venue ends all connections, even two connections that have the same client port", async () => {
	const { http, close } = await serve(new Link(new EchoVenue()));
	const port = Number(new URL(http).port);
	const open = async (localPort = 0): Promise<Socket> => {
		const socket = connect({ port, host: "127.0.0.1", localPort });
		await new Promise((resolve) => socket.once("connect", resolve));
		return socket;
	};
	const first = await open();
	const { localPort } = first;
	first.end("GET /hang HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
	// This reply shows that the server has received the end of the first connection. From then on, the server no longer reads that connection,
	// so it does not notice the reset below.
	await (await fetch(http)).text();
	await new Promise((resolve) => first.resetAndDestroy().once("close", resolve));
	await open(localPort);
	await expect(close()).resolves.toBeUndefined();
});
