import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { longestBodyBytes, readBody } from "./read-body.ts";

const bytes = (...lengths: number[]): Uint8Array[] => lengths.map((length) => new Uint8Array(length).fill(0x61));

/**
 * A response whose body sends the chunk again and again without end; if the chunk is undefined, the body sends nothing. `state`
 * says how many bytes were sent and whether the body was cancelled.
 */
function endless(chunk: Uint8Array | undefined): { response: Response; state: { sent: number; isCancelled: boolean } } {
	const state = { sent: 0, isCancelled: false };
	const stream = new ReadableStream<Uint8Array>(
		{
			pull: async (controller) => {
				if (!chunk) return new Promise(() => undefined);
				state.sent += chunk.length;
				controller.enqueue(chunk);
			},
			cancel: () => {
				state.isCancelled = true;
			},
		},
		{ highWaterMark: 0 },
	);
	return { response: new Response(stream), state };
}

function chunked(chunks: readonly Uint8Array[]): Response {
	return new Response(ReadableStream.from(chunks));
}

describe("readBody", () => {
	it("readBody reads a body whose characters are split between chunks", async () => {
		const [first, second] = [Uint8Array.of(0xef, 0xbb, 0xbf, 0x41, 0xe2), Uint8Array.of(0x82, 0xac)];
		expect(await readBody(chunked([first, second]))).toEqual({ text: "A€", isCut: false });
	});

	it("readBody returns an empty text when the response has no body", async () => {
		expect(await readBody(new Response(null, { status: 204 }))).toEqual({ text: "", isCut: false });
	});

	it("readBody returns a body of exactly the maximum length, and cuts off the last byte of a body that is one byte longer", async () => {
		const whole = await readBody(chunked(bytes(4, 6)), { maxBytes: 10 });
		expect(whole).toEqual({ text: "a".repeat(10), isCut: false });
		const cut = await readBody(chunked(bytes(4, 7)), { maxBytes: 10 });
		expect(cut).toEqual({ text: "a".repeat(10), isCut: true });
	});

	it("readBody leaves out a character of several bytes that does not fit within the limit", async () => {
		expect(await readBody(new Response("aé"), { maxBytes: 2 })).toEqual({ text: "a", isCut: true });
	});

	it("readBody cuts off a body that never ends, and cancels its stream", async () => {
		const { response, state } = endless(new Uint8Array(64 * 1_024));
		const { text, isCut } = await readBody(response);
		expect({ length: text.length, isCut }).toEqual({ length: longestBodyBytes, isCut: true });
		expect(state.isCancelled).toBe(true);
		expect(state.sent).toBeLessThan(longestBodyBytes + 2 * 64 * 1_024);
	});

	it("readBody rejects with the reason of the signal, and cancels the stream, when the signal aborts while no data arrives", async () => {
		const { response, state } = endless(undefined);
		const controller = new AbortController();
		const read = readBody(response, { signal: controller.signal });
		const reason = new Error("enough");
		controller.abort(reason);
		await expect(read).rejects.toBe(reason);
		expect(state.isCancelled).toBe(true);
	});

	it("readBody reads nothing from the body when the signal has already aborted", async () => {
		const { response, state } = endless(new Uint8Array(1));
		await expect(readBody(response, { signal: AbortSignal.abort(new Error("over")) })).rejects.toThrow("over");
		expect(state.sent).toBe(0);
	});

	it("readBody rejects with the error of the body's stream when that stream fails", async () => {
		const stream = new ReadableStream({ pull: (controller) => controller.error(new Error("broken")) });
		await expect(readBody(new Response(stream))).rejects.toThrow("broken");
	});

	it("readBody uses little memory and closes the connection when a server sends 200 MB", async () => {
		const chunk = Buffer.alloc(1_000_000, "x");
		let sent = 0;
		let hasClosed: () => void = () => undefined;
		const closed = new Promise<void>((resolve) => {
			hasClosed = resolve;
		});
		const server = createServer((_, reply) => {
			reply.on("close", hasClosed);
			const send = (): void => {
				while (sent < 200_000_000 && !reply.destroyed) {
					sent += chunk.length;
					if (!reply.write(chunk)) return void reply.once("drain", send);
				}
				reply.end();
			};
			send();
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		try {
			const before = process.memoryUsage().rss;
			const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
			const { text, isCut } = await readBody(response);
			await closed;
			expect({ length: text.length, isCut }).toEqual({ length: longestBodyBytes, isCut: true });
			expect(sent).toBeLessThan(50_000_000);
			expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000);
		} finally {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	});
});
