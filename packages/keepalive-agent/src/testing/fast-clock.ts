/**
 * Runs the clocks and the timers of a process, of its threads, and of the Node.js processes that it starts at a multiple of real time. All
 * deadlines keep their proportion; with the factor 24, a day takes one hour. Times that the operating system measures itself, such as those
 * of TCP, stay real.
 */
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";
import timersPromises from "node:timers/promises";
import { promisify } from "node:util";

/** Values on which every thread has to agree. */
interface Origin {
	/** Simulated milliseconds per real millisecond. */
	readonly factor: number;
	/** The wall clock at {@link Origin.monotonicNs}, in epoch milliseconds. */
	readonly wallMs: number;
	/** The machine's monotonic clock, which all processes share. */
	readonly monotonicNs: bigint;
}

const variable = "KEEPALIVE_FAST_CLOCK";
const longestTimerMs = 2_147_483_647;
const installed = Symbol.for("keepalive.fast-clock");

/**
 * Makes time pass faster from now on, in this process and in the threads and processes that it starts from now on. This cannot be undone.
 */
export function startFastClock(factor: number): void {
	if (!(factor > 1 && factor <= 100)) throw new RangeError(`the factor must be above 1 and at most 100, got ${factor}`);
	const origin = { factor, wallMs: Date.now(), monotonicNs: process.hrtime.bigint() };
	process.env[variable] = [factor, origin.wallMs, origin.monotonicNs].join(" ");
	process.env["NODE_OPTIONS"] = `${process.env["NODE_OPTIONS"] ?? ""} --import=${import.meta.url}`;
	install(origin);
}

/** How many times faster than real time this thread runs. */
export const clockFactor = (): number => Number(process.env[variable]?.split(" ")[0] ?? 1);

function install({ factor, wallMs, monotonicNs }: Origin): void {
	if (Reflect.has(globalThis, installed)) return;
	Reflect.set(globalThis, installed, true);
	const realNow = performance.now.bind(performance);
	const { setTimeout: realTimeout, setInterval: realInterval, Date: RealDate } = globalThis;
	const now = (): number => Math.floor(wallMs + (Number(process.hrtime.bigint() - monotonicNs) / 1e6) * factor);
	// The delay is rounded up, plus 1, because a timer of Node.js may fire one millisecond too early, which would be many simulated
	// milliseconds.
	const scaled = (ms: unknown): number => {
		const delay = Number(ms);
		return delay >= 0 && delay <= longestTimerMs ? Math.ceil(delay / factor) + 1 : delay;
	};

	performance.now = () => realNow() * factor;
	RealDate.now = now;
	globalThis.Date = new Proxy(RealDate, {
		construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
		apply: () => new RealDate(now()).toString(),
	});

	type Timer = (action: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => NodeJS.Timeout;
	const setTimeout: Timer = (action, ms, ...args) => realTimeout(action, scaled(ms ?? 1), ...args);
	const setInterval: Timer = (action, ms, ...args) =>
		realInterval(action, Math.max(1, Math.round((ms ?? 1) / factor)), ...args);
	const { setTimeout: realSleep, setInterval: realTicks } = timersPromises;
	const sleep: typeof realSleep = (ms, value, options) => realSleep(scaled(ms ?? 1), value, options);
	Object.assign(timersPromises, {
		setTimeout: sleep,
		setInterval: (ms: number | undefined, ...rest: [unknown?, object?]) => realTicks(scaled(ms ?? 1), ...rest),
	});
	timersPromises.scheduler.wait = (ms, options) => sleep(ms, undefined, options);
	syncBuiltinESMExports();
	Object.assign(globalThis, { setTimeout: Object.assign(setTimeout, { [promisify.custom]: sleep }), setInterval });

	const realAbortTimeout = AbortSignal.timeout.bind(AbortSignal);
	AbortSignal.timeout = (ms) => realAbortTimeout(scaled(ms));
	const { setTimeout: realSocketTimeout } = Socket.prototype;
	Socket.prototype.setTimeout = function (ms, onTimeout) {
		return realSocketTimeout.call(this, ms > 0 ? scaled(ms) : ms, onTimeout);
	};
}

const [factor = "", wallMs = "", monotonicNs = ""] = (process.env[variable] ?? "").split(" ");
if (monotonicNs !== "") {
	install({ factor: Number(factor), wallMs: Number(wallMs), monotonicNs: BigInt(monotonicNs) });
}
