import { inspect } from "node:util";
import { memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { keepalive, type StatusRecord } from "../../index.ts";
import * as exported from "./index.ts";
import { apiKey, apiSecret, start, useFakeClock } from "./testing/harness.ts";

useFakeClock();

const signature = "ab".repeat(32);

function expectClean(value: unknown): void {
	const stack = value instanceof Error ? `${value.stack} ${value.message}` : "";
	const text = `${inspect(value, { depth: 12, showHidden: true })} ${stack} ${JSON.stringify(value)}`;
	expect(text).not.toMatch(/planted|[0-9a-f]{64}/);
}

it("everything that the subpath exports, used with a planted key, prints none of it", async () => {
	const { session, signal, lever } = start();
	lever("place", { product: "DERIVATIVES" });
	const used: Record<keyof typeof exported, () => unknown> = {
		bybit: async () => {
			const lease = await session.open(signal);
			const beat = await session.beat(signal);
			const made = [session, session.handle, lease, beat, session.evidence, session.countdown, session.exposure];
			return [...made, await session.reconcile(), await session.close("cancel"), lease.ended?.reason, session];
		},
		bybitDefaults: () => exported.bybitDefaults,
		bybitExposure: () => exported.bybitExposure(),
		bybitConnectionBudget: () => {
			const budget = exported.bybitConnectionBudget();
			budget.spend("host");
			return budget;
		},
	};
	expect(Object.keys(used).sort()).toEqual(Object.keys(exported).sort());
	for (const use of Object.values(used)) for (const value of [await use()].flat()) expectClean(value);
	expectClean(exported);
});

const leaks: Readonly<Record<string, (pull: (name: string, args?: Record<string, unknown>) => unknown) => void>> = {
	"a refused signature, which quotes what was signed": (pull) =>
		pull("force", { retCode: 10004, retMsg: `error sign! origin_string[1${apiKey}5000] ${signature}`, times: 50 }),
	"a page that plays the request back": (pull) =>
		pull("force", { status: 502, body: `<html>${apiKey} ${signature}`, times: 50 }),
	"a reply of another form": (pull) =>
		pull("force", { body: `{"retCode":0,"result":{"dcpInfos":["${apiKey}"]}}`, times: 50 }),
	"an authentication refused with its own arguments": (pull) => pull("refuse", { auth: `bad ${apiKey} ${signature}` }),
	"a subscription refused with the key": (pull) => pull("refuse", { subscribe: `bad ${apiKey} ${signature}` }),
	"a connection that ends with the key as its reason": (pull) => pull("hangUp", { code: 4_000, reason: apiKey }),
	"a frame that holds the key": (pull) => pull("say", { text: `{"op":"${apiKey}","topic":{"${apiKey}":1}}` }),
};

it.each(Object.keys(leaks))("%s shows in no record, error, cause or snapshot", async (name) => {
	for (const isOpen of [false, true]) {
		const { session, signal, lever, link } = start();
		const records: StatusRecord[] = [];
		const errors: unknown[] = [];
		if (isOpen) await session.open(signal);
		leaks[name]?.(lever);
		errors.push(await session.open(signal).catch((error: unknown) => error));
		errors.push(await session.beat(signal).catch((error: unknown) => error));
		errors.push(await session.reconcile(signal).catch((error: unknown) => error));
		const keeper = keepalive([session], { random: () => 0.5 });
		keeper.onStatus((record) => records.push(record));
		await vi.advanceTimersByTimeAsync(20_000);
		link.drop();
		await vi.advanceTimersByTimeAsync(20_000);
		const stopping = keeper.stop({ orders: "cancel" });
		await vi.advanceTimersByTimeAsync(20_000);
		for (const shown of [...errors, ...records, keeper.snapshot(), keeper, session, await stopping]) expectClean(shown);
	}
});

it("what handed-in code throws shows in no error: fetch, WebSocket, signer, budget", async () => {
	const { link, signal } = start();
	const base = { apiKey, apiSecret, products: ["DERIVATIVES"], fetch: memoryFetch(link) } as const;
	const WebSocket = memoryWebSocket(link);
	class Broken extends WebSocket {
		override send(data: string): void {
			throw new Error(`cannot send ${data} ${apiSecret}`);
		}
	}
	const fails = (): never => {
		throw Object.assign(new Error(`no ${apiKey}`, { cause: new Error(apiKey) }), { planted: apiSecret });
	};
	for (const settings of [
		{ ...base, WebSocket, fetch: fails },
		{ ...base, apiSecret: undefined, WebSocket, signer: fails },
		{ ...base, WebSocket: Broken },
		{ ...base, WebSocket, connectionBudget: { spend: fails } },
	]) {
		const error = await exported
			.bybit(settings)
			.open(signal)
			.catch((reason: unknown) => reason);
		expect(error).toMatchObject({ name: "SessionError", disposition: { action: "retry" } });
		expectClean(error);
	}
});
