import { inspect } from "node:util";
import { DeribitVenue, Link, memoryWebSocket, serve } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectDeribit } from "./connect.ts";

describe("connectDeribit", () => {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => void vi.useRealTimers());

	it("connectDeribit times out after exactly 10 000 ms when the WebSocket handshake never finishes", async () => {
		const link = new Link(new DeribitVenue());
		link.partition();
		const settled = vi.fn();
		void connectDeribit({ WebSocket: memoryWebSocket(link) }).catch(settled);
		await vi.advanceTimersByTimeAsync(9_999);
		expect(settled).not.toHaveBeenCalled();
		await vi.advanceTimersByTimeAsync(1);
		expect(settled).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ kind: "timeout" }));
		expect(vi.getTimerCount()).toBe(0);
	});

	it("connectDeribit fails with a message about the venue's connection limit when the handshake is refused", async () => {
		const venue = new DeribitVenue({ maxConnections: 0 });
		const connecting = connectDeribit({ WebSocket: memoryWebSocket(new Link(venue)) });
		await expect(connecting).rejects.toMatchObject({ kind: "network", message: expect.stringContaining("32") });
	});

	it("connectDeribit keeps the socket's error as the cause, without the secrets of the URL, when the handshake is refused", async () => {
		class Refused extends EventTarget {
			constructor(url: string) {
				super();
				const error = new Error(`Unexpected server response: 429 from ${url}`);
				queueMicrotask(() => this.dispatchEvent(Object.assign(new Event("error"), { error })));
			}
			close(): void {}
		}
		// The class has only the members that the client uses.
		const WebSocket = Refused as unknown as typeof globalThis.WebSocket;
		const connecting = connectDeribit({ WebSocket, url: "wss://x/?access_token=planted" });
		const error: unknown = await connecting.catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ kind: "network", cause: { message: expect.stringContaining("429") } });
		expect(inspect(error)).not.toContain("planted");
	});

	it("connectDeribit rejects when its signal aborts, and closes the socket if the socket opens later", async () => {
		const venue = new DeribitVenue();
		const link = new Link(venue);
		const controller = new AbortController();
		const connecting = connectDeribit({ WebSocket: memoryWebSocket(link) }, { signal: controller.signal });
		controller.abort();
		await expect(connecting).rejects.toMatchObject({ kind: "aborted" });
		await vi.advanceTimersByTimeAsync(0);
		expect(link.connections).toBe(0);
		await expect(
			connectDeribit({ WebSocket: memoryWebSocket(link) }, { signal: controller.signal }),
		).rejects.toMatchObject({
			kind: "aborted",
		});
		expect(vi.getTimerCount()).toBe(0);
	});

	it("connectDeribit ignores its signal after it has connected", async () => {
		const link = new Link(new DeribitVenue());
		const controller = new AbortController();
		const connection = await connectDeribit({ WebSocket: memoryWebSocket(link) }, { signal: controller.signal });
		controller.abort();
		await vi.advanceTimersByTimeAsync(0);
		expect(connection.ended.aborted).toBe(false);
		await connection.disconnect();
		link.close();
	});
});

describe("DeribitConnection over a real socket", () => {
	it("DeribitConnection makes the venue keep the orders after logout(), and cancel them after disconnect()", async () => {
		const venue = new DeribitVenue();
		const served = await serve(new Link(venue));
		const { clientId, clientSecret } = DeribitVenue.defaults;
		const open = async () => {
			const connection = await connectDeribit({ url: `${served.ws}/ws/api/v2` });
			await connection.authenticate({ clientId, clientSecret });
			await connection.request("public/set_heartbeat", { interval: 10 });
			await connection.request("private/enable_cancel_on_disconnect", { scope: "connection" });
			expect(await connection.request("private/get_cancel_on_disconnect")).toEqual({
				scope: "connection",
				enabled: true,
			});
			await connection.call("private/buy", { instrument_name: "BTC-PERPETUAL", amount: 10 });
			return connection;
		};
		const first = await open();
		const second = await open();
		expect(await first.logout()).toMatchObject({ confirmed: true, cancelOnDisconnectFired: "no" });
		expect(await second.disconnect()).toMatchObject({ confirmed: true, cancelOnDisconnectFired: "likely" });
		await vi.waitFor(() => expect(venue.orders().map(({ state }) => state)).toEqual(["open", "cancelled"]));
		await served.close();
	});

	it("connectDeribit fails with kind `network` when nothing listens on the port", async () => {
		await expect(connectDeribit({ url: "ws://127.0.0.1:1/ws/api/v2" })).rejects.toMatchObject({ kind: "network" });
	});

	it("disconnect() gives up after closeTimeoutMs when the connection is half-open", async () => {
		const link = new Link(new DeribitVenue());
		const served = await serve(link);
		const connection = await connectDeribit({ url: `${served.ws}/ws/api/v2`, closeTimeoutMs: 100 });
		link.halfOpen();
		const started = performance.now();
		expect(await connection.disconnect()).toMatchObject({ confirmed: false });
		expect(performance.now() - started).toBeLessThan(1_000);
		await served.close();
	});
});
