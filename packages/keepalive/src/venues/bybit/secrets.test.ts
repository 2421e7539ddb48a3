import { inspect } from "node:util";
import { memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { keepalive, type StatusRecord } from "../../index.ts";
import * as exported from "./index.ts";
import { apiKey, apiSecret, clientOf, start, useFakeClock } from "./testing/start-with-venue.ts";

useFakeClock();

const signature = "ab".repeat(32);

function expectClean(value: unknown): void {
	const stack = value instanceof Error ? `${value.stack} ${value.message}` : "";
	const text = `${inspect(value, { depth: 12, showHidden: true })} ${stack} ${JSON.stringify(value)}`;
	expect(text).not.toMatch(/planted|[0-9a-f]{64}/);
}

it("no export of @x/keepalive/bybit shows the API key or its secret", async () => {
	const { session, signal, inject, link } = start();
	inject("place", { product: "DERIVATIVES" });
	const used: Record<keyof typeof exported, () => unknown> = {
		bybit: async () => {
			const lease = await session.open(signal);
			const beat = await session.beat(signal);
			const made = [session, session.handle, lease, beat, session.evidence, session.recovery, session.exposure];
			return [...made, await session.close("cancel"), lease.ended?.reason, session];
		},
		bybitExposure: () => exported.bybitExposure(),
		inspectBybit: () => exported.inspectBybit({ client: clientOf(link), products: ["DERIVATIVES"] }, { signal }),
		bybitConnectionLimiter: () => {
			const limiter = exported.bybitConnectionLimiter();
			limiter.tryAcquire("host");
			return limiter;
		},
	};
	expect(Object.keys(used).sort()).toEqual(Object.keys(exported).sort());
	for (const use of Object.values(used)) for (const value of [await use()].flat()) expectClean(value);
	expectClean(exported);
});

const leaks: Readonly<Record<string, (pull: (name: string, args?: Record<string, unknown>) => unknown) => void>> = {
	"a refused signature that quotes what was signed": (pull) =>
		pull("force", { retCode: 10004, retMsg: `error sign! origin_string[1${apiKey}5000] ${signature}`, times: 50 }),
	"an HTML page that echoes the request": (pull) =>
		pull("force", { status: 502, body: `<html>${apiKey} ${signature}`, times: 50 }),
	"a reply that does not match the spec": (pull) =>
		pull("force", { body: `{"retCode":0,"result":{"dcpInfos":["${apiKey}"]}}`, times: 50 }),
	"a refused authentication that quotes its arguments": (pull) =>
		pull("refuse", { auth: `bad ${apiKey} ${signature}` }),
	"a refused subscription that quotes the key": (pull) => pull("refuse", { subscribe: `bad ${apiKey} ${signature}` }),
	"a close frame that contains the key": (pull) => pull("hangUp", { code: 4_000, reason: apiKey }),
	"a frame that contains the key": (pull) => pull("sendFrame", { text: `{"op":"${apiKey}","topic":{"${apiKey}":1}}` }),
};

it.each(Object.keys(leaks))("no record, error, snapshot or log shows secrets after %s", async (name) => {
	for (const isOpen of [false, true]) {
		const { session, signal, inject, link } = start();
		const records: StatusRecord[] = [];
		const errors: unknown[] = [];
		if (isOpen) await session.open(signal);
		leaks[name]?.(inject);
		errors.push(await session.open(signal).catch((error: unknown) => error));
		errors.push(await session.beat(signal).catch((error: unknown) => error));
		const logged: { message: string; fields: unknown }[] = [];
		const log = (message: string, fields?: object): void => void logged.push({ message, fields });
		const logger = { debug: log, info: log, warn: log, error: log };
		const keeper = keepalive([session], { random: () => 0.5, logger });
		keeper.onStatus((record) => records.push(record));
		await vi.advanceTimersByTimeAsync(20_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(20_000);
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(20_000);
		const calls = logged.filter(({ message }) => message.startsWith("Bybit call"));
		expect(calls[0]).toEqual({
			message: expect.stringMatching(/^Bybit call \w+/),
			fields: { session: "bybit", call: expect.any(String), ms: expect.any(Number), outcome: expect.any(String) },
		});
		for (const shown of [...errors, ...records, ...logged, keeper.snapshot(), keeper, session, await stopping])
			expectClean(shown);
	}
});

it("no error contains the message of an error that the program's own fetch, WebSocket, signer or limiter throws", async () => {
	const { link, signal } = start();
	const WebSocket = memoryWebSocket(link);
	class Broken extends WebSocket {
		override send(data: string): void {
			throw new Error(`cannot send ${data} ${apiSecret}`);
		}
	}
	const fails = (): never => {
		throw Object.assign(new Error(`no ${apiKey}`, { cause: new Error(apiKey) }), { planted: apiSecret });
	};
	const client = { apiKey, apiSecret, fetch: memoryFetch(link), WebSocket };
	const products = ["DERIVATIVES"] as const;
	for (const options of [
		{ client: { ...client, fetch: fails }, products },
		{ client: { ...client, apiSecret: undefined, signer: fails }, products },
		{ client: { ...client, WebSocket: Broken }, products },
		{ client, products, connectionLimiter: { tryAcquire: fails } },
	]) {
		const error = await exported
			.bybit(options)
			.open(signal)
			.catch((reason: unknown) => reason);
		expect(error).toMatchObject({ name: "SessionError", disposition: { action: "retry" } });
		expectClean(error);
	}
});
