import fc from "fast-check";
import { expect, it } from "vitest";
import { isBybitError } from "../errors.ts";
import {
	anyValue,
	apiKey,
	apiSecret,
	changed,
	expectClean,
	fuzzed,
	heapInUse,
	mangled,
	unhandledIn,
} from "../testing/random-values.ts";
import { type BybitHttp, createBybitHttp } from "./http-client.ts";

const info = fc.record({
	product: fc.constantFrom("SPOT", "DERIVATIVES", "OPTIONS", "RFQ"),
	dcpStatus: fc.constantFrom("ON", "OFF", "on"),
	timeWindow: fc.oneof(fc.integer({ min: 0, max: 400 }).map(String), fc.constantFrom("", "1e1", " 10", "10.0")),
});
const sound = fc.uniqueArray(
	fc.record({
		product: fc.constantFrom("SPOT", "DERIVATIVES"),
		dcpStatus: fc.constant("ON"),
		timeWindow: fc.integer({ min: 3, max: 300 }).map(String),
	}),
	{ maxLength: 2, selector: ({ product }) => product },
);
const order = fc.record({ orderId: fc.string(), symbol: fc.string(), orderStatus: fc.constant("New") });
const result = fc.oneof(
	sound.map((dcpInfos) => ({ dcpInfos })),
	fc.array(info, { maxLength: 4 }).map((dcpInfos) => ({ dcpInfos })),
	fc.array(order, { maxLength: 3 }).map((list) => ({ category: "spot", list, nextPageCursor: "" })),
	fc.constant({ timeSecond: "1700000000", timeNano: "1700000000000000000" }),
	fc.constantFrom({}, null),
	anyValue,
);
const envelope = fc.record({
	retCode: fc.oneof(fc.constant(0), fc.integer({ min: -3_000, max: 111_000 }), anyValue),
	retMsg: fc.oneof(fc.constantFrom("OK", `origin_string[1${apiKey}5000]`, apiSecret, "ab".repeat(32)), fc.string()),
	result,
	time: fc.oneof(fc.constant(1_700_000_000_000), anyValue),
});
const reply = fc.record({
	status: fc.constantFrom(200, 200, 200, 302, 400, 401, 403, 404, 429, 500, 503),
	reset: fc.oneof(fc.constantFrom("1700000001000", "", "soon", "-1"), fc.integer().map(String)),
	body: fc.oneof(
		{ weight: 6, arbitrary: mangled(fc.oneof(envelope, changed(envelope), anyValue)) },
		{ weight: 1, arbitrary: fc.constantFrom("", "<html>no</html>", `<html>${apiKey}`, "null", "[]") },
		{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
	),
});
type Reply = typeof reply extends fc.Arbitrary<infer Given> ? Given : never;

const calls: Readonly<Record<string, (http: BybitHttp) => Promise<unknown>>> = {
	query: (http) => http.queryDcp(),
	set: (http) => http.setDcp({ product: "SPOT", windowSeconds: 10 }),
	time: (http) => http.serverTime(),
	open: (http) => http.openOrders({ category: "spot" }),
	history: (http) => http.orderHistory({ category: "spot" }),
};

/** Creates a client for one reply: each reply needs its own client, because a ban applies to all clients that share a `fetch`. */
function answeredBy({ status, reset, body }: Reply): BybitHttp {
	const headers = { "X-Bapi-Limit-Reset-Timestamp": reset };
	const fetch = async () => new Response(typeof body === "string" ? body : body.slice(), { status, headers });
	return createBybitHttp({ apiKey, apiSecret, fetch, callTimeoutMs: 1_000 });
}

function isSuccess({ status, body }: Reply): boolean {
	try {
		const text = typeof body === "string" ? body : new TextDecoder().decode(body);
		const value: unknown = JSON.parse(text);
		return status === 200 && typeof value === "object" && value !== null && "retCode" in value && value.retCode === 0;
	} catch {
		return false;
	}
}

it("BybitHttp turns each of 10 000 random replies into a BybitError, or into a success if the reply has retCode 0", async () => {
	const kinds = new Map<string, number>();
	const count = (kind: string): void => void kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
	const rejections = await unhandledIn(async () => {
		const property = fc.asyncProperty(reply, fc.constantFrom(...Object.keys(calls)), async (given, name) => {
			const http = answeredBy(given);
			const outcome = await calls[name]?.(http).then(
				(value) => ({ value }),
				(error: unknown) => ({ error }),
			);
			if (outcome && "error" in outcome) {
				expectClean(outcome.error);
				expect(isBybitError(outcome.error), String(outcome.error)).toBe(true);
				if (isBybitError(outcome.error)) count(outcome.error.kind);
			} else {
				expect(isSuccess(given)).toBe(true);
				const enabled = name === "query" && /"enabled":true/.test(JSON.stringify(outcome?.value));
				if (enabled) expect(String(given.body)).toMatch(/"dcpStatus":"ON","timeWindow":"[1-9]\d*"/);
				count(enabled ? "enabled" : name);
			}
			expectClean(http);
			// Check that no reply makes the clock unusable.
			expect(Math.abs(http.serverNow() - Date.now())).toBeLessThan(1e14);
		});
		await fc.assert(property, fuzzed);
	});
	expect(rejections).toEqual([]);
	expect([...kinds.keys()]).toEqual(expect.arrayContaining(["query", "enabled", "set", "time", "open", "history"]));
	expect([...kinds.keys()]).toEqual(
		expect.arrayContaining(["reply", "banned", "unknown-outcome", "environment", "route", "overload", "http", "venue"]),
	);
});

it("BybitHttp fails before the deadline when a body breaks off or never ends", async () => {
	for (const end of ["breaks", "hangs"] as const) {
		const body = (): ReadableStream =>
			new ReadableStream({
				start(controller) {
					controller.enqueue(new TextEncoder().encode('{"retCode":0,"result":'));
					if (end === "breaks") controller.error(new Error(`reset ${apiSecret}`));
				},
			});
		const http = createBybitHttp({ apiKey, apiSecret, fetch: async () => new Response(body()), callTimeoutMs: 50 });
		const error = await http.queryDcp().catch((reason: unknown) => reason);
		expectClean(error);
		expect(isBybitError(error) && error.kind).toBe(end === "breaks" ? "network" : "timeout");
	}
});

it("BybitHttp does not use more memory after it has received 20 000 replies", async () => {
	const replies = fc.sample(reply, { ...fuzzed, numRuns: 2_000 }).filter(({ status }) => status !== 403);
	let next = 0;
	const fetch = async () => {
		next += 1;
		const { status, body } = replies[next % replies.length] as Reply;
		return new Response(typeof body === "string" ? body : body.slice(), { status });
	};
	const http = createBybitHttp({ apiKey, apiSecret, fetch });
	const round = async (): Promise<number> => {
		for (let asked = 0; asked < 2_000; asked += 1) await http.queryDcp().catch(() => undefined);
		return heapInUse();
	};
	await round();
	const before = await round();
	for (let rounds = 0; rounds < 9; rounds += 1) await round();
	expect((await round()) - before).toBeLessThan(1_000_000);
});
