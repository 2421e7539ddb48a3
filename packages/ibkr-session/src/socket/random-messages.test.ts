import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { connectIbkr } from "../index.ts";
import { allPrintedForms } from "../testing/printed-forms-of-value.ts";
import { asText, broken, planted } from "../testing/random-replies.ts";
import { SocketHarness } from "./testing/socket-test-venue.ts";

const models: readonly Readonly<Record<string, unknown>>[] = [
	{ topic: "system", success: planted, isFT: false, isPaper: true, hb: 1 },
	{
		topic: "sts",
		args: { connected: true, authenticated: true, established: true, competing: false, username: planted },
	},
	{ topic: "tic", alive: true, id: planted, lastAccessed: 1 },
	{ topic: "act", args: { accounts: [planted], sessionId: planted } },
	{ topic: "ntf", args: { text: planted } },
	{ message: "waiting for session" },
];
const frames = fc.oneof(
	{ weight: 5, arbitrary: fc.oneof(...models.map((model) => asText(broken(model, [])))) },
	{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
);

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

it("10 000 random messages do not end a connection of connectIbkr, are not printed and leak no memory", async () => {
	const harness = new SocketHarness();
	let throws = 0;
	const socket = await connectIbkr({
		...(await harness.options()),
		onStatus: () => {
			throws += 1;
			throw new Error("a handler that throws");
		},
		onTopic: () => {
			throws += 1;
			throw new Error("a handler that throws");
		},
		onUnexpected: () => {
			throw new Error("a handler that throws");
		},
	});
	await vi.advanceTimersByTimeAsync(100);
	const used = () => process.memoryUsage().heapUsed;
	let before = used();
	let heard = 0;
	const property = fc.asyncProperty(frames, async (frame) => {
		harness.send(frame);
		await vi.advanceTimersByTimeAsync(0);
		heard += 1;
		if (heard === 2_000) before = used();
		expect(socket.ended.aborted).toBe(false);
		for (const value of Object.values(socket.status)) expect(value).toBeTypeOf("boolean");
	});
	await fc.assert(property, { seed: 20_261_121, numRuns: 10_000 });
	expect(used() - before).toBeLessThan(60_000_000);
	expect(socket.unexpectedCount).toBeGreaterThan(1_000);
	expect(throws).toBeGreaterThan(100);
	expect(allPrintedForms(socket)).not.toContain(planted);
	await vi.advanceTimersByTimeAsync(1_000);
	expect(await socket.tic()).toMatchObject({ alive: expect.any(Boolean) });
	expect(await socket.close()).toEqual({ acknowledged: true });
	harness.link.close();
});
