import type { Tracer } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import type { KeeperOptions } from "../options.ts";
import type { OpenStep, Session } from "../session.ts";
import { SessionError } from "../session-error.ts";
import {
	advance,
	hang,
	hangForever,
	lease,
	retry,
	type Script,
	scripted,
	startLoop,
	useFakeClock,
} from "../testing/scripted-session.ts";
import { recordSpans, summaryOf } from "../testing/span-recorder.ts";
import type { Tracing } from "../tracing.ts";
import { openTelemetryTracing } from "./index.ts";

useFakeClock();

/** Starts a session loop with tracing for one session. */
function start(session: Session, options: KeeperOptions = {}) {
	const recorder = recordSpans();
	const started = startLoop(session, { ...options, tracing: recorder.tracing });
	return { ...recorder, ...started, summaries: () => recorder.spans().map(summaryOf) };
}

/** A session whose open() reports the steps that the test chooses. */
const stepping = (open: (onStep: (step: OpenStep) => void) => Promise<typeof lease>, script: Script = {}): Session => ({
	...scripted(script),
	open: (_signal, onStep = () => undefined) => open(onStep),
});

/** Stops a session loop while a call that never settles is pending. The close waits for that call until its deadline. */
async function stopHung(loop: ReturnType<typeof startLoop>["loop"]): Promise<void> {
	const stopped = loop.stop("keep");
	await advance(9_000);
	await stopped;
}

const armed = { "keepalive.session": "venue", "keepalive.protection": "armed" };
const ok = { status: "UNSET", "keepalive.session": "venue" };
const failed = { status: "ERROR", "keepalive.session": "venue" };

describe("the spans of a session", () => {
	it("each open, beat and close of a session has one tracing span; it holds the confirmed protection or, for a close, the result", async () => {
		const { loop, summaries, pending } = start(scripted());
		await advance(20_000);
		await loop.stop("cancel");
		expect(summaries()).toEqual([
			{ name: "keepalive.open", status: "UNSET", ...armed },
			{ name: "keepalive.beat", status: "UNSET", ...armed },
			{
				name: "keepalive.close",
				...ok,
				"keepalive.orders.requested": "cancel",
				"keepalive.orders.result": "kept",
			},
		]);
		expect(pending()).toBe(0);
	});

	it("the spans of a session show the name of the venue if the session has the member `venue`", async () => {
		const { loop, summaries } = start({ ...scripted(), venue: "fourth" });
		await advance(0);
		await loop.stop("keep");
		expect(summaries().map((span) => span["keepalive.venue" as never])).toEqual(["fourth", "fourth"]);
	});

	it("the span of a failed beat has the status ERROR, and tells no more about the error than the status record does", async () => {
		const error = new SessionError("the venue said no", {
			...retry,
			kind: "venue",
			isExpected: true,
			cause: new Error("planted"),
		});
		const beat = () => Promise.reject(Object.assign(error, { secret: "planted" }));
		const { loop, spans, records, summaries } = start(scripted({ beat }));
		await advance(20_000);
		expect(summaries()[1]).toEqual({
			name: "keepalive.beat",
			...failed,
			message: "the venue said no.",
			"error.type": "SessionError",
			"keepalive.error.disposition": "retry",
			"keepalive.error.kind": "venue",
			"keepalive.error.expected": true,
		});
		expect(records.at(-1)?.status).toMatchObject({ state: "late", cause: { message: "the venue said no." } });
		expect(
			spans()
				.map(({ attributes, events, status }) => JSON.stringify({ attributes, events, status }))
				.join(),
		).not.toContain("planted");
		await loop.stop("keep");
	});

	it("the span of a beat that never settles ends when the beat has timed out", async () => {
		const { loop, spans, pending, durationMs } = start(scripted({ beat: hangForever }));
		await advance(20_000);
		expect(pending()).toBe(1);
		await advance(20_000);
		const [span] = spans("beat");
		expect(span && summaryOf(span)).toMatchObject({
			...failed,
			message: "@x/keepalive: a beat of venue timed out after 20000 ms.",
			"error.type": "TimeoutError",
		});
		expect(span && durationMs(span)).toBe(20_000);
		await stopHung(loop);
		expect(pending()).toBe(0);
	});

	it("the span of a beat that is pending ends when the session ends", async () => {
		const end = new AbortController();
		const open = async () => ({ ...lease, ended: end.signal });
		const { loop, spans } = start(scripted({ open, beat: hangForever }));
		await advance(20_000);
		end.abort(new SessionError("the connection broke", { ...retry, session: "ended", kind: "closed" }));
		await advance(0);
		expect(spans("beat").map(summaryOf)).toMatchObject([
			{ ...failed, message: "the connection broke.", "keepalive.error.kind": "closed" },
		]);
		await stopHung(loop);
	});

	it.each(["open", "beat"] as const)("a span has no error if stop() ended the call: %s", async (call) => {
		const { loop, spans, pending } = start(scripted({ [call]: hang }));
		await advance(20_000);
		await loop.stop("keep");
		expect(spans(call).map(summaryOf)).toEqual([{ name: `keepalive.${call}`, ...ok, "keepalive.aborted": true }]);
		expect(pending()).toBe(0);
	});

	it("the span of a close that never settles ends at the deadline of the close", async () => {
		const { loop, spans, pending } = start(scripted({ close: hangForever }), { closeTimeoutMs: 3_000 });
		await advance(0);
		const stopped = loop.stop("keep");
		await advance(3_000);
		await stopped;
		expect(spans("close").map(summaryOf)).toEqual([
			{
				name: "keepalive.close",
				...failed,
				message: "@x/keepalive: closing venue timed out after 3000 ms.",
				"error.type": "TimeoutError",
				"keepalive.error.disposition": "retry",
				"keepalive.orders.requested": "keep",
				"keepalive.orders.result": "unknown",
			},
		]);
		expect(pending()).toBe(0);
	});

	it("the span of an open ends when open() throws synchronously", async () => {
		const open = (): never => {
			throw new Error("at once");
		};
		const { loop, summaries } = start({ ...scripted(), open });
		await advance(0);
		expect(summaries()).toMatchObject([
			{ name: "keepalive.open", ...failed, "error.type": "Error", message: "at once" },
		]);
		await loop.stop("keep");
	});
});

describe("the steps of an open", () => {
	it("the steps of an open are child spans of its span, and each ends when the next step begins", async () => {
		const { loop, spans, childrenOf, durationMs } = start(
			stepping(async (onStep) => {
				for (const step of ["connect", "authenticate", "authenticate", "verify"] as const) {
					onStep(step);
					await new Promise((resolve) => setTimeout(resolve, 100));
				}
				return lease;
			}),
		);
		await advance(400);
		const [open] = spans("open");
		const children = childrenOf(open);
		expect(children.map(({ name }) => name)).toEqual([
			"keepalive.connect",
			"keepalive.authenticate",
			"keepalive.verify",
		]);
		expect(children.map(durationMs)).toEqual([100, 200, 100]);
		expect(children.map(summaryOf)).toMatchObject([ok, ok, armed]);
		await loop.stop("keep");
	});

	it("the span of the step that is in progress when an open fails has the status ERROR; the spans of earlier steps do not", async () => {
		const { loop, spans } = start(
			stepping((onStep) => {
				onStep("connect");
				onStep("arm");
				return Promise.reject(new SessionError("refused", retry));
			}),
		);
		await advance(0);
		expect(spans().map(summaryOf)).toMatchObject([
			{ name: "keepalive.connect", ...ok },
			{ name: "keepalive.arm", ...failed, message: "refused." },
			{ name: "keepalive.open", ...failed, message: "refused." },
		]);
		await loop.stop("keep");
	});

	it("the span of a step ends at the deadline when open() never settles, and steps that are reported later are ignored", async () => {
		let report: (step: OpenStep) => void = () => undefined;
		const session = stepping((onStep) => {
			report = onStep;
			onStep("connect");
			return hangForever();
		});
		const { loop, spans, pending, durationMs } = start(session, { openTimeoutMs: 1_000, backoff: { firstMs: 60_000 } });
		await advance(1_000);
		report("arm");
		expect(spans().map(({ name }) => name)).toEqual(["keepalive.connect", "keepalive.open"]);
		expect(spans().map(durationMs)).toEqual([1_000, 1_000]);
		expect(pending()).toBe(0);
		await stopHung(loop);
	});

	it("steps whose name is not known get no span", async () => {
		const { loop, spans } = start(
			stepping(async (onStep) => {
				// The cast is needed because a session in JavaScript may report any value.
				onStep("DROP TABLE" as OpenStep);
				return lease;
			}),
		);
		await advance(0);
		expect(spans().map(({ name }) => name)).toEqual(["keepalive.open"]);
		await loop.stop("keep");
	});

	it("open() is called without onStep if the option tracing is not set", async () => {
		const given: unknown[] = [];
		const open: Session["open"] = async (...args) => {
			given.push(args[1]);
			return lease;
		};
		const { loop } = startLoop({ ...scripted(), open });
		await advance(0);
		expect(given).toEqual([undefined]);
		await loop.stop("keep");
	});
});

const fail = (): never => {
	throw new Error("a tracer");
};
const reject = (): Promise<never> => Promise.reject(new Error("a tracer"));
const broken: readonly (readonly [string, unknown])[] = [
	["throws", { startSpan: fail }],
	["returns nothing", { startSpan: () => undefined }],
	["returns a number", { startSpan: () => 7 }],
	["rejects", { startSpan: reject }],
	["never settles", { startSpan: hangForever }],
	["throws at the end", { startSpan: () => ({ setAttributes: fail, setStatus: fail, end: fail }) }],
	["rejects at the end", { startSpan: () => ({ setAttributes: reject, setStatus: reject, end: reject }) }],
	[
		"never settles at the end",
		{ startSpan: () => ({ setAttributes: hangForever, setStatus: hangForever, end: hangForever }) },
	],
];

describe.each(broken)("a tracer that %s", (_what, tracer) => {
	const script: Script = {
		beat: async (_signal, count) => {
			if (count === 2) throw new SessionError("no", retry);
			return lease;
		},
	};

	async function run(options: KeeperOptions) {
		const session = scripted(script);
		const { open } = session;
		const traced: Session = Object.assign(session, {
			open: (signal: AbortSignal, onStep?: (step: OpenStep) => void) => {
				onStep?.("connect");
				onStep?.("verify");
				return open(signal);
			},
		});
		const { loop, states } = startLoop(traced, options);
		await advance(100_000);
		const closed = await loop.stop("keep");
		return { calls: session.calls, states: states(), closed };
	}

	it("a tracer that fails changes neither the calls to a session, nor their times, nor the statuses", async () => {
		// The cast is needed because a program in JavaScript may pass any value.
		const result = await run({ tracing: openTelemetryTracing({ tracer: tracer as Tracer }) });
		expect(result).toEqual(await run({}));
		expect(result.calls.filter(({ what }) => what === "beat").length).toBeGreaterThan(4);
	});
});

it("the option tracing is refused when its value has no function named session", () => {
	// The cast is needed because a program in JavaScript may pass any value.
	const tracing = {} as Tracing;
	expect(() => startLoop(scripted(), { tracing })).toThrow(/option tracing must be an object with a function session/);
});
