/** The module of a worker for tests, with one Deribit session and with functions that make the worker fail. */
import { deribit } from "../../venues/deribit/index.ts";
import { serveKeeper, workerInput } from "../index.ts";

const {
	DERIBIT_WS_URL = "",
	DERIBIT_CLIENT_ID = "",
	DERIBIT_CLIENT_SECRET = "",
	GATE_MS,
	OPENINGS,
	VERIFY_MS,
} = process.env;
const session = deribit({
	client: {
		url: DERIBIT_WS_URL,
		credentials: { clientId: DERIBIT_CLIENT_ID, clientSecret: DERIBIT_CLIENT_SECRET },
	},
	intervalSeconds: 10,
	...(VERIFY_MS !== undefined && { verifyEveryMs: Number(VERIFY_MS) }),
});

/** An order as the tests send it. */
export interface Order {
	readonly instrument_name: string;
	readonly amount: number;
}

const calls = {
	buy: (order: Order) => session.requireArmed().call("private/buy", { ...order }),
	input: () => workerInput(),
	echo: (argument: unknown) => argument,
	/** Resolves after `ms`, or never if `ms` is undefined. Stores the reason with which the signal of the call aborts. */
	hang: (ms: number | undefined, { signal }: { signal: AbortSignal }) =>
		new Promise<string>((resolve) => {
			if (ms !== undefined) setTimeout(resolve, ms, "done");
			signal.addEventListener("abort", () => {
				aborted = String(signal.reason);
			});
		}),
	lastAbort: () => aborted,
	uncloneable: () => () => undefined,
	fail: () => {
		throw Object.assign(new Error("it failed"), { code: "E_TEST", apiKey: DERIBIT_CLIENT_SECRET });
	},
	refusedOrder: () => session.requireArmed().call("private/buy", { instrument_name: "none", amount: -1 }),
	burn: (ms: number) => {
		for (const end = performance.now() + ms; performance.now() < end; );
	},
	burnSoon: (ms: number) => void setTimeout(calls.burn, 10, ms),
	exit: (code: number) => process.exit(code),
	throwSoon: () =>
		void setTimeout(() => {
			throw new RangeError("a mistake in the worker");
		}, 1),
	exhaust: () => {
		const kept: unknown[] = [];
		for (;;) kept.push(new Array(100_000).fill({}));
	},
	armedReason: () => session.notArmedReason(),
	drop: () => void session.handle?.disconnect(),
} as const;
let aborted: string | undefined;

export default serveKeeper([session], {
	...(GATE_MS !== undefined && { gate: { toleranceMs: Number(GATE_MS) } }),
	...(OPENINGS !== undefined && { restarts: { burst: Number(OPENINGS) } }),
	backoff: { firstMs: 100, baseMs: 100 },
	calls,
});
