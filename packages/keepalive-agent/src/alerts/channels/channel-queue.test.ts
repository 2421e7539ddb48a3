import type { Logger } from "@x/keepalive";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Alert } from "../alert.ts";
import { answerWith, type HookServer, hookServer } from "../testing/webhook-server.ts";
import type { ChannelConfig } from "./channel-config.ts";
import { ChannelQueue, type DeliveryResult, maxQueued, type QueueTimes } from "./channel-queue.ts";

const secret = "planted-5a1f";
const alert = (alertId: string): Alert => ({
	record: {
		type: "alert",
		at: 0,
		alertId,
		kind: "loss",
		session: "hedge",
		state: "raised",
		severity: "warn",
		message: "lost",
	},
	since: 0,
});
// Only the retry delays are short. The other times are long, so that no deadline ends an attempt on a busy machine.
const fast: QueueTimes = { attemptMs: 60_000, firstRetryMs: 20, maxRetryMs: 40, giveUpMs: 60_000, troubleMs: 60_000 };

let server: HookServer;
let lines: string[];
let results: DeliveryResult[];
let troubles: string[];
let queues: ChannelQueue[];

const log = (message: string, fields?: object): void => void lines.push(`${message} ${JSON.stringify(fields)}`);
const logger: Logger = { debug: log, info: log, warn: log, error: log };

function makeQueue(times: Partial<QueueTimes> = {}, url = server.url): ChannelQueue {
	const config: ChannelConfig = { type: "webhook", webhookUrl: `${url}/${secret}`, token: secret };
	const events = {
		logger,
		pageUrl: "http://agent/",
		onResult: (_: string, result: DeliveryResult) => void results.push(result),
		onTrouble: (_: string, why: string) => void troubles.push(why),
		onAccepted: () => undefined,
	};
	const queue = new ChannelQueue("team", config, events, { ...fast, ...times });
	queues.push(queue);
	return queue;
}

async function until(isSo: () => boolean): Promise<void> {
	while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

beforeEach(async () => {
	server = await hookServer();
	[lines, results, troubles, queues] = [[], [], [], []];
});
afterEach(async () => {
	await Promise.all(queues.map((queue) => queue.close(0)));
	await server.close();
	expect([...lines, ...troubles].join("\n")).not.toContain(secret);
});

const ids = (): unknown[] => server.received.map(({ body }) => body["alertId"]);

describe("ChannelQueue", () => {
	it("ChannelQueue.add() returns at once, and messages are sent in order, one at a time", async () => {
		let open = 0;
		let most = 0;
		server.answer((response) => {
			open += 1;
			most = Math.max(most, open);
			setTimeout(() => {
				open -= 1;
				response.end();
			}, 20);
		});
		const queue = makeQueue();
		for (const id of ["1", "2", "3"]) queue.add(alert(id));
		// No request was sent before add() returned.
		expect([open, results]).toEqual([0, []]);
		await until(() => results.length === 3);
		expect(ids()).toEqual(["1", "2", "3"]);
		expect(most).toBe(1);
		expect(results).toEqual(["accepted", "accepted", "accepted"]);
	});

	it.each([
		["status 500", answerWith(500, "<html>oops</html>")],
		["status 503", answerWith(503)],
		["status 408", answerWith(408)],
		["a connection that is closed without an answer", (response: { destroy(): void }) => response.destroy()],
		[
			"half an answer",
			(response: import("node:http").ServerResponse) => {
				response.writeHead(200, { "content-length": "100" });
				response.write("x");
				setTimeout(() => response.destroy(), 10);
			},
		],
	])("ChannelQueue repeats a message after %s, and delivers all in order once the server works", async (_, answer) => {
		server.answer(answer);
		const queue = makeQueue();
		queue.add(alert("1"));
		queue.add(alert("2"));
		await server.until(3);
		server.answer(answerWith(200));
		await until(() => results.filter((each) => each === "accepted").length === 2);
		expect(ids().slice(0, 3)).toEqual(["1", "1", "1"]);
		expect(ids().at(-1)).toBe("2");
		expect(results.slice(0, 2)).toEqual(["failed", "failed"]);
	});

	it("ChannelQueue cuts off a hanging attempt at its deadline and repeats the message", async () => {
		server.answer(() => undefined);
		// The time is measured from the call of add(), because the server can be late to notice the first request.
		const addedAt = performance.now();
		makeQueue({ attemptMs: 100 }).add(alert("1"));
		await server.until(2);
		expect((server.received[1]?.at ?? 0) - addedAt).toBeGreaterThanOrEqual(100);
		expect(results).toEqual(["failed"]);
		server.answer(answerWith(200));
		await until(() => results.includes("accepted"));
	});

	it("ChannelQueue cuts off a response body that never ends", async () => {
		server.answer((response) => {
			response.writeHead(200);
			const writing = setInterval(() => response.write("x".repeat(1_000)), 5);
			response.on("close", () => clearInterval(writing));
		});
		const queue = makeQueue();
		queue.add(alert("1"));
		// The body never ends, but its first 16 kB are enough to know that the service has taken the message.
		await until(() => results.length === 1);
	});

	it.each([400, 401, 403, 404, 410, 302])(
		"ChannelQueue gives up a message at once after status %i, and reports the failure",
		async (status) => {
			server.answer(answerWith(status, "", { location: `${server.url}/elsewhere` }));
			const queue = makeQueue();
			queue.add(alert("1"));
			await until(() => results.length === 1);
			expect(results).toEqual(["refused"]);
			expect(troubles).toEqual([`refused: HTTP ${status}`]);
			expect(server.received).toHaveLength(1);
			server.answer(answerWith(200));
			queue.add(alert("2"));
			await until(() => results.length === 2);
			expect(ids()).toEqual(["1", "2"]);
		},
	);

	it("ChannelQueue waits after status 429 for as long as the response asks", async () => {
		server.answer(answerWith(429, "", { "retry-after": "1" }));
		makeQueue().add(alert("1"));
		await server.until(1);
		server.answer(answerWith(200));
		await until(() => results.includes("accepted"));
		const [first, second] = server.received;
		expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_000 - 5);
	});

	it("ChannelQueue reports that the channel fails, and gives up a message that is too old", async () => {
		server.answer(answerWith(500));
		makeQueue({ giveUpMs: 400, troubleMs: 100 }).add(alert("1"));
		await until(() => results.includes("expired"));
		expect(troubles[0]).toBe("HTTP 500");
		expect(troubles.at(-1)).toBe("expired: HTTP 500");
		expect(results.filter((each) => each === "expired")).toHaveLength(1);
	});

	it("ChannelQueue reports ECONNREFUSED when no server listens", async () => {
		const { url } = server;
		await server.close();
		makeQueue({ giveUpMs: 50 }, url).add(alert("1"));
		await until(() => results.includes("expired"));
		expect(troubles).toEqual(["expired: ECONNREFUSED"]);
		server = await hookServer();
	});

	it(`ChannelQueue keeps ${maxQueued} messages for a hanging channel; for each further one, it drops and counts the oldest waiting message`, async () => {
		server.answer(() => undefined);
		const queue = makeQueue({ attemptMs: 60_000 });
		for (let id = 0; id < maxQueued + 7; id += 1) queue.add(alert(String(id)));
		expect(results).toEqual(Array.from({ length: 7 }, () => "dropped"));
		await server.until(1);
		expect(ids()).toEqual(["0"]);
		await queue.close(0);
		expect(results).toHaveLength(maxQueued + 7);
		expect(new Set(results)).toEqual(new Set(["dropped"]));
	});

	it("ChannelQueue sends its queued messages before it closes, and takes no message afterwards", async () => {
		server.answer((response) => void setTimeout(() => response.end(), 50));
		const queue = makeQueue();
		queue.add(alert("1"));
		queue.add(alert("2"));
		await queue.close(5_000);
		expect(results).toEqual(["accepted", "accepted"]);
		queue.add(alert("3"));
		expect(results).toHaveLength(2);
		expect(server.received).toHaveLength(2);
	});
});
