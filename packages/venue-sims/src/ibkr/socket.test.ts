import { describe, expect, it, vi } from "vitest";
import { memoryWebSocket } from "../memory-socket.ts";
import type { IbkrVenueOptions } from "./options.ts";
import { Harness, useFakeClock } from "./testing/harness.ts";

let harness: Harness;

function start(options: IbkrVenueOptions = {}): void {
	harness = new Harness(options);
}

useFakeClock();

describe("a WebSocket to the simulated IBKR", () => {
	const frames: Record<string, unknown>[] = [];
	const closes: number[] = [];

	function connect(path = "/v1/api/ws"): WebSocket {
		frames.length = 0;
		closes.length = 0;
		const socket = new (memoryWebSocket(harness.link))(`wss://localhost:5000${path}`);
		socket.onmessage = ({ data }) => frames.push(JSON.parse(String(data)) as Record<string, unknown>);
		socket.onclose = ({ code }) => closes.push(code);
		return socket;
	}

	const topics = (): unknown[] => frames.map(({ topic, message }) => topic ?? message);

	async function recognised(): Promise<WebSocket> {
		const { session } = (await harness.ask("POST", "/tickle")).json() as { session: string };
		const socket = connect();
		await vi.advanceTimersByTimeAsync(1);
		socket.send(JSON.stringify({ session }));
		await vi.advanceTimersByTimeAsync(100);
		return socket;
	}

	it("a WebSocket to IbkrVenue is closed with 1000 if the client sends no session id within 3 000 ms", async () => {
		start();
		connect();
		await vi.advanceTimersByTimeAsync(2_999);
		expect([topics(), closes]).toEqual([["waiting for session"], []]);
		await vi.advanceTimersByTimeAsync(2);
		expect(closes).toEqual([1000]);
	});

	it("once a client has sent its session id over a WebSocket, IbkrVenue sends the topics system, act (accounts) and sts (brokerage session)", async () => {
		start();
		await recognised();
		expect(topics()).toEqual(["waiting for session", "system", "act", "sts"]);
		expect(frames[3]).toMatchObject({ args: { authenticated: true, competing: false } });
		expect(Object.keys(frames[3]?.["args"] as object)).toEqual(
			"connected authenticated established competing message fail serverName serverVersion username".split(" "),
		);
	});

	it.each([(id: string) => `a=1; api=${id}`, (id: string) => `api={"session":"${id}"}`])(
		"a WebSocket to IbkrVenue also accepts a session id from a cookie in the form of %s",
		async (cookie) => {
			start();
			const { session } = (await harness.ask("POST", "/tickle")).json() as { session: string };
			const sent: string[] = [];
			const headers = { host: "localhost:5000", cookie: cookie(session) };
			const url = new URL("wss://localhost:5000/v1/api/ws");
			const upgrade = harness.link.upgrade({ method: "GET", url, headers, body: "", remoteAddress: "192.0.2.1" });
			if (upgrade.kind !== "accept") throw new Error(upgrade.kind);
			const nothing = (): void => undefined;
			upgrade.attach({ send: (data) => sent.push(String(data)), close: nothing, drop: nothing, silence: nothing });
			expect(sent).toEqual([JSON.stringify({ topic: "system", success: "sim-user", isFT: false, isPaper: true })]);
		},
	);

	it("IbkrVenue sends no brokerage status over a WebSocket while no brokerage session is open", async () => {
		start({ start: "login" });
		await recognised();
		expect(topics()).toEqual(["waiting for session", "system"]);
	});

	it("IbkrVenue sends a heartbeat every 10 s over a WebSocket, and four replies to the frame tic, which does not keep the brokerage session alive", async () => {
		start({ idleMs: 30_000 });
		const socket = await recognised();
		frames.length = 0;
		socket.send("tic");
		await vi.advanceTimersByTimeAsync(1);
		expect(topics()).toEqual(["tic", "tic", "tic", "tic"]);
		await vi.advanceTimersByTimeAsync(30_000);
		expect(frames.filter(({ hb }) => hb !== undefined)).toHaveLength(3);
		expect(frames).toContainEqual({ topic: "sts", args: { authenticated: false } });
	});

	it("IbkrVenue sends only the changed members of the status over a WebSocket when another login takes the brokerage session", async () => {
		start();
		await recognised();
		frames.length = 0;
		harness.trigger("compete");
		await vi.advanceTimersByTimeAsync(1);
		expect(frames).toEqual([
			{ topic: "sts", args: { authenticated: false } },
			{ topic: "sts", args: { competing: true } },
		]);
		expect(harness.venue.truth().sockets).toBe(1);
	});

	it("fault sendFrame of IbkrVenue sends its text unchanged, and leaves the brokerage session open", async () => {
		start();
		await recognised();
		frames.length = 0;
		harness.venue.faults.sendFrame({ text: '{"topic":"sts","args":{"authenticated":false}}' });
		await vi.advanceTimersByTimeAsync(1);
		expect(frames).toEqual([{ topic: "sts", args: { authenticated: false } }]);
		expect(harness.venue.truth().brokerage).toBe("live");
	});

	it("a WebSocket to IbkrVenue is refused on an unknown path, and over OAuth without a token in the URL", async () => {
		start({ mode: "oauth1" });
		connect("/ws");
		await vi.advanceTimersByTimeAsync(1);
		expect(closes).toEqual([1006]);
		connect();
		await vi.advanceTimersByTimeAsync(1);
		expect(closes).toEqual([1006]);
		connect("/v1/api/ws?oauth_token=x");
		await vi.advanceTimersByTimeAsync(1);
		expect(topics()).toEqual(["waiting for session"]);
	});
});

describe("frames of a WebSocket to the simulated IBKR", () => {
	async function connected(): Promise<{ socket: WebSocket; frames: Record<string, unknown>[] }> {
		const { session } = (await harness.ask("POST", "/tickle")).json() as { session: string };
		const frames: Record<string, unknown>[] = [];
		const socket = new (memoryWebSocket(harness.link))("wss://localhost:5000/v1/api/ws");
		socket.onmessage = ({ data }) => frames.push(JSON.parse(String(data)) as Record<string, unknown>);
		await vi.advanceTimersByTimeAsync(1);
		socket.send(JSON.stringify({ session }));
		await vi.advanceTimersByTimeAsync(100);
		frames.length = 0;
		return { socket, frames };
	}

	it("topic sor of IbkrVenue sends each order that changes, once the client has subscribed to this topic", async () => {
		start();
		const { socket, frames } = await connected();
		harness.trigger("place");
		socket.send("sor+{}");
		await vi.advanceTimersByTimeAsync(1);
		const { id } = harness.trigger("place", { instrument: "MSFT", cOID: "mine" }) as { id: string };
		harness.trigger("fill", { orderId: id });
		await vi.advanceTimersByTimeAsync(1);
		expect(frames).toMatchObject([
			{ topic: "sor", args: [{ ticker: "MSFT", order_ref: "mine", status: "Submitted" }] },
			{ topic: "sor", args: [{ ticker: "MSFT", status: "Filled" }] },
		]);
		socket.send("uor+{}");
		await vi.advanceTimersByTimeAsync(1);
		harness.trigger("place");
		await vi.advanceTimersByTimeAsync(1);
		expect(frames).toHaveLength(2);
	});

	it("IbkrVenue option deafSecondSocket=true: a second WebSocket gets only heartbeats", async () => {
		start({ deafSecondSocket: true });
		const first = await connected();
		const second = await connected();
		for (const { socket } of [first, second]) socket.send("tic");
		harness.trigger("idle");
		await vi.advanceTimersByTimeAsync(10_000);
		expect(new Set(first.frames.map(({ topic }) => topic))).toEqual(new Set(["tic", "sts", "system"]));
		expect(second.frames.every(({ topic, hb }) => topic === "system" && hb !== undefined)).toBe(true);
	});

	it("topic act of IbkrVenue has the members of /iserver/accounts", async () => {
		start();
		const accounts = (await harness.ask("GET", "/iserver/accounts")).json();
		const { session } = (await harness.ask("POST", "/tickle")).json() as { session: string };
		const frames: unknown[] = [];
		const socket = new (memoryWebSocket(harness.link))("wss://localhost:5000/v1/portal/ws");
		socket.onmessage = ({ data }) => frames.push(JSON.parse(String(data)));
		await vi.advanceTimersByTimeAsync(1);
		socket.send(JSON.stringify({ session }));
		await vi.advanceTimersByTimeAsync(100);
		expect(frames).toContainEqual({ topic: "act", args: accounts });
	});
});
