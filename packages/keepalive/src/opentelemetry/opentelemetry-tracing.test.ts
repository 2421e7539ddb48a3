import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { BybitVenue, DeribitVenue, IbkrVenue, Link, serve } from "@x/venue-sims";
import { afterEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { keepalive } from "../keeper.ts";
import type { Session } from "../session.ts";
import { scripted } from "../testing/scripted-session.ts";
import { recordSpans, summaryOf, timesOf } from "../testing/span-recorder.ts";
import type { Tracing } from "../tracing.ts";
import { bybit } from "../venues/bybit/index.ts";
import { deribit } from "../venues/deribit/index.ts";
import { ibkr } from "../venues/ibkr/index.ts";
import { type OpenTelemetryOptions, openTelemetryTracing } from "./index.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

const secret = "planted-secret";

/** A session at a simulated venue that is served on 127.0.0.1, and a function that makes the next beat fail. */
interface Staged {
	readonly session: Session;
	/** Makes the venue leave every later request unanswered. */
	readonly silence: () => unknown;
}

async function atDeribit(): Promise<Staged> {
	const link = new Link(new DeribitVenue({ clientSecret: secret }));
	const served = await serve(link);
	closers.push(() => served.close());
	const credentials = { clientId: DeribitVenue.defaults.clientId, clientSecret: secret };
	const session = deribit({ client: { url: `${served.ws}/ws/api/v2`, credentials }, pingMs: 300, pongTimeoutMs: 200 });
	return { session, silence: () => link.partition() };
}

async function atBybit(): Promise<Staged> {
	const link = new Link(new BybitVenue({ apiKey: "planted-key", apiSecret: secret, settleMs: 0 }));
	const served = await serve(link);
	closers.push(() => served.close());
	const session = bybit({
		client: { restUrl: served.http, wsUrl: `${served.ws}/v5/private`, apiKey: "planted-key", apiSecret: secret },
		products: ["DERIVATIVES"],
		settleMs: 0,
		pingMs: 300,
		pongTimeoutMs: 200,
	});
	return { session, silence: () => link.partition() };
}

async function atIbkr(): Promise<Staged> {
	const link = new Link(new IbkrVenue({ userName: secret, accounts: ["planted-account"] }));
	const served = await serve(link);
	closers.push(() => served.close());
	const session = ibkr({
		client: { baseUrl: `${served.http}/v1/api`, penaltyBox: createIbkrPenaltyBox(), callTimeoutMs: 300 },
		tickleMs: 1_300,
	});
	return { session, silence: () => link.partition() };
}

const venues: readonly (readonly [string, () => Promise<Staged>, readonly string[], string])[] = [
	["deribit", atDeribit, ["connect", "authenticate", "arm", "verify"], "armed"],
	// Bybit's protection is set over HTTP before the connection is made, so the step `arm` comes first.
	["bybit", atBybit, ["arm", "connect", "authenticate", "arm", "verify"], "armed"],
	// IBKR has no protection, so there is no step `arm`.
	["ibkr", atIbkr, ["connect", "authenticate", "verify"], "unsupported"],
];

describe.each(venues)("a session at %s", (venue, stage, steps, protection) => {
	it("a session has one tracing span for its open, one for each step of the open, one for each beat, and one for its close", async () => {
		const { session, silence } = await stage();
		const { tracing, spans, childrenOf, pending } = recordSpans();
		const keeper = keepalive([session], { tracing });
		closers.push(() => keeper.stop({ orders: "keep", timeoutMs: 2_000 }));
		await vi.waitFor(() => expect(spans("beat").length).toBeGreaterThan(0), 10_000);

		const facts = { "keepalive.session": venue, "keepalive.venue": venue };
		const [open] = spans("open");
		if (!open) return expect.fail("it has no span");
		expect(summaryOf(open)).toEqual({
			name: "keepalive.open",
			status: "UNSET",
			...facts,
			"keepalive.protection": protection,
		});
		const children = childrenOf(open);
		expect(children.map(({ name }) => name)).toEqual(steps.map((step) => `keepalive.${step}`));
		for (const child of children) expect(summaryOf(child)).toMatchObject({ status: "UNSET", ...facts });
		// Each step begins when the step before it has ended, and lies within the open. The clocks of the SDK may differ by a
		// millisecond.
		let sinceMs = timesOf(open).beganMs;
		for (const { beganMs, endedMs } of children.map(timesOf)) {
			expect(beganMs).toBeGreaterThanOrEqual(sinceMs - 1);
			expect(endedMs).toBeGreaterThanOrEqual(beganMs);
			sinceMs = endedMs;
		}
		expect(timesOf(open).endedMs).toBeGreaterThanOrEqual(sinceMs - 1);
		const [beat] = spans("beat");
		expect(beat && summaryOf(beat)).toEqual({
			name: "keepalive.beat",
			status: "UNSET",
			...facts,
			"keepalive.protection": protection,
		});
		expect(beat?.parentSpanContext).toBeUndefined();

		silence();
		await vi.waitFor(() => {
			const failed = spans("beat").find(({ attributes }) => "error.type" in attributes);
			expect(failed && summaryOf(failed)).toMatchObject({ status: "ERROR", ...facts, "error.type": "SessionError" });
		}, 10_000);
		await keeper.stop({ orders: "keep", timeoutMs: 4_000 });
		expect(spans("close").map(summaryOf)).toMatchObject([{ ...facts, "keepalive.orders.requested": "keep" }]);
		expect(pending()).toBe(0);
		const told = spans().map(({ name, attributes, status, events }) => ({ name, attributes, status, events }));
		expect(JSON.stringify(told)).not.toContain("planted");
	}, 30_000);
});

describe("openTelemetryTracing", () => {
	it("openTelemetryTracing begins a new trace for each call, even if the keeper was started within a span of the program", async () => {
		const { tracing, provider, spans } = recordSpans();
		context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
		closers.push(() => context.disable());
		const starting = provider.getTracer("program").startSpan("start");
		const keeper = context.with(trace.setSpan(ROOT_CONTEXT, starting), () => keepalive([scripted()], { tracing }));
		await keeper.ready();
		await keeper.stop({ orders: "keep" });
		expect(spans().map(({ name, parentSpanContext }) => [name, parentSpanContext])).toEqual([
			["keepalive.open", undefined],
			["keepalive.close", undefined],
		]);
		expect(new Set(spans().map((span) => span.spanContext().traceId)).size).toBe(2);
	});

	it("openTelemetryTracing uses a global provider that is registered later, and makes no spans before that", () => {
		const { provider, spans } = recordSpans();
		const session = openTelemetryTracing().session(scripted());
		session.close("keep")({ orders: "kept", detail: "before" });
		trace.setGlobalTracerProvider(provider);
		closers.push(() => trace.disable());
		session.close("keep")({ orders: "kept", detail: "after" });
		expect(spans().map(({ name, instrumentationScope }) => [name, instrumentationScope.name])).toEqual([
			["keepalive.close", "@x/keepalive"],
		]);
	});

	it("openTelemetryTracing throws for an unknown option, and for a tracer without startSpan", () => {
		// @ts-expect-error there is no such option
		expect(() => openTelemetryTracing({ tracr: undefined, trace: 1 })).toThrow(
			/^@x\/keepalive\/opentelemetry: option trace is not known/,
		);
		// @ts-expect-error a tracer must have startSpan
		expect(() => openTelemetryTracing({ tracer: {} })).toThrow(/option tracer must be an object/);
		expectTypeOf(openTelemetryTracing).parameters.toEqualTypeOf<[options?: OpenTelemetryOptions]>();
		expectTypeOf(openTelemetryTracing()).toEqualTypeOf<Tracing>();
	});
});
