import { createPrivateKey, hash, type KeyObject, sign } from "node:crypto";
import { LightRequest, LightResponse } from "../network/lightweight-request-and-response.ts";
import type { Entry } from "./timer-queue.ts";
import type { World } from "./world.ts";

/** The handle that the replaced `setInterval` returns. */
interface Repeating {
	timer: unknown;
}

/**
 * Replaces the platform's clocks, timers and cryptography by the world's. The returned function restores them.
 *
 * Code of a venue sees the world's clock, and code of a client the clock of its machine. Signatures are
 * made synchronously, because real cryptography runs on other threads and would change the order of events.
 */
export function installWorld(
	world: World,
	random: () => number,
	onListenerLeak: (listeners: number) => void,
): () => void {
	const { machine } = world;
	const real = {
		setTimeout: globalThis.setTimeout,
		clearTimeout: globalThis.clearTimeout,
		setInterval: globalThis.setInterval,
		clearInterval: globalThis.clearInterval,
		now: Date.now,
		performanceNow: performance.now,
		crypto: Object.getOwnPropertyDescriptor(globalThis, "crypto"),
	};
	const set = (run: () => void, ms = 0): unknown => {
		const { inside } = world;
		if (!inside) return world.loop.setTimer(run, ms);
		return world.after(ms, () => world.visit(inside, run));
	};
	const clear = (handle: unknown): void => {
		if (typeof handle === "function") handle();
		// The cast is safe: a client passes the handle that it got before, or undefined.
		else if (handle) world.loop.clearTimer(handle as Entry);
	};
	const setEvery = (run: () => void, ms = 0): Repeating => {
		const repeating: Repeating = { timer: undefined };
		const again = (): void => {
			repeating.timer = set(again, ms);
			run();
		};
		repeating.timer = set(again, ms);
		return repeating;
	};
	const clearEvery = (repeating: Repeating | undefined): void => clear(repeating?.timer);
	// The casts are safe: no code here reads the members of Node's timers, or uses the overloads with arguments.
	globalThis.setTimeout = set as unknown as typeof setTimeout;
	globalThis.clearTimeout = clear as unknown as typeof clearTimeout;
	globalThis.setInterval = setEvery as unknown as typeof setInterval;
	globalThis.clearInterval = clearEvery as unknown as typeof clearInterval;
	Date.now = () => (world.inside ? machine.worldWallMs() : machine.wallMs());
	performance.now = () => (world.inside ? world.now : world.loop.monotonicMs());
	const http = { Request: globalThis.Request, Response: globalThis.Response };
	Object.assign(globalThis, { Request: LightRequest, Response: LightResponse });
	const crypto = { value: instantCrypto(random), configurable: true, writable: true };
	Object.defineProperty(globalThis, "crypto", crypto);
	const giveBackListeners = countListeners(onListenerLeak);
	// Errors without stacks are faster. Most errors in a run are refusals of an order, whose stacks nobody reads.
	const { stackTraceLimit } = Error;
	Error.stackTraceLimit = 0;
	return () => {
		Error.stackTraceLimit = stackTraceLimit;
		giveBackListeners();
		Object.assign(globalThis, http);
		globalThis.setTimeout = real.setTimeout;
		globalThis.clearTimeout = real.clearTimeout;
		globalThis.setInterval = real.setInterval;
		globalThis.clearInterval = real.clearInterval;
		Date.now = real.now;
		performance.now = real.performanceNow;
		if (real.crypto) Object.defineProperty(globalThis, "crypto", real.crypto);
	};
}

/** A session's abort signal has only a few listeners. More listeners than this mean that each beat leaks a listener. */
const mostListeners = 100;

/** An abort signal that stores the number of its listeners. A weak map with these numbers would slow down garbage collection. */
interface CountedSignal extends AbortSignal {
	[listeners]?: number;
}

const listeners = Symbol("listeners");

function asSignal(target: EventTarget): CountedSignal | undefined {
	return target instanceof AbortSignal ? target : undefined;
}

/** Counts the listeners of every abort signal and reports a leak. */
function countListeners(onListenerLeak: (listeners: number) => void): () => void {
	const { addEventListener, removeEventListener } = EventTarget.prototype;
	EventTarget.prototype.addEventListener = function (this: EventTarget, ...args) {
		const signal = asSignal(this);
		if (signal) {
			const count = (signal[listeners] ?? 0) + 1;
			signal[listeners] = count;
			if (count > mostListeners) onListenerLeak(count);
		}
		addEventListener.apply(this, args);
	};
	EventTarget.prototype.removeEventListener = function (this: EventTarget, ...args) {
		const signal = asSignal(this);
		if (signal?.[listeners] !== undefined) signal[listeners] -= 1;
		removeEventListener.apply(this, args);
	};
	return () => Object.assign(EventTarget.prototype, { addEventListener, removeEventListener });
}

/** The part of Web Cryptography that the clients use: HMAC, and RSA signatures for JWTs. It computes synchronously. */
function instantCrypto(random: () => number) {
	return {
		getRandomValues: (bytes: Uint8Array): Uint8Array => {
			for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.floor(random() * 256);
			return bytes;
		},
		subtle: {
			importKey: async (format: string, key: Uint8Array): Promise<Uint8Array | KeyObject> =>
				format === "raw" ? key.slice() : createPrivateKey({ key: Buffer.from(key), format: "der", type: "pkcs8" }),
			sign: async (_algorithm: string, key: Uint8Array | KeyObject, data: Uint8Array): Promise<ArrayBuffer> => {
				const made = key instanceof Uint8Array ? hmacSha256(key, data) : sign("RSA-SHA256", data, key);
				return new Uint8Array(made).buffer;
			},
		},
	};
}

const hmacBlockBytes = 64;

/** Computes an HMAC from two one-shot hashes, because creating `createHmac` objects costs several times as much. */
function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
	const block = Buffer.alloc(hmacBlockBytes);
	block.set(key.length > hmacBlockBytes ? hash("sha256", key, "buffer") : key);
	const inner = hash("sha256", Buffer.concat([block.map((byte) => byte ^ 0x36), data]), "buffer");
	return hash("sha256", Buffer.concat([block.map((byte) => byte ^ 0x5c), inner]), "buffer");
}
