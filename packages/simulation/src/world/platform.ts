import { createHmac, createPrivateKey, type KeyObject, sign } from "node:crypto";
import { LightRequest, LightResponse } from "../network/light-http.ts";
import type { Entry } from "./timer-queue.ts";
import type { World } from "./world.ts";

/** What a replaced `setInterval` gives back. */
interface Repeating {
	timer: unknown;
}

/**
 * Puts the world's clocks, timers and cryptography in place of the platform's; the returned function undoes it.
 *
 * What is asked by code of a venue gets the world's clock, what is asked by a client that of its machine. Signatures are
 * made at once: real cryptography runs beside the event loop and would bring its own time into the order of things.
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
		if (!inside) return machine.setTimer(run, ms);
		return world.after(ms, () => world.visit(inside, run));
	};
	const clear = (handle: unknown): void => {
		if (typeof handle === "function") handle();
		// A client gives back what it got, or undefined.
		else if (handle) machine.clearTimer(handle as Entry);
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
	// Nobody here reads Node's own members of a timer, and the overloads with arguments are not used.
	globalThis.setTimeout = set as unknown as typeof setTimeout;
	globalThis.clearTimeout = clear as unknown as typeof clearTimeout;
	globalThis.setInterval = setEvery as unknown as typeof setInterval;
	globalThis.clearInterval = clearEvery as unknown as typeof clearInterval;
	Date.now = () => (world.inside ? machine.worldWallMs() : machine.wallMs());
	performance.now = () => (world.inside ? world.now : machine.monotonicMs());
	const http = { Request: globalThis.Request, Response: globalThis.Response };
	Object.assign(globalThis, { Request: LightRequest, Response: LightResponse });
	const crypto = { value: instantCrypto(random), configurable: true, writable: true };
	Object.defineProperty(globalThis, "crypto", crypto);
	const giveBackListeners = countListeners(onListenerLeak);
	return () => {
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

/** A signal that lives as long as a session has a few listeners; one more with each beat is a leak. */
const mostListeners = 100;

/** Counts the listeners of every abort signal, and tells of one that they pile up on. */
function countListeners(onListenerLeak: (listeners: number) => void): () => void {
	const { addEventListener, removeEventListener } = EventTarget.prototype;
	const counts = new WeakMap<EventTarget, number>();
	EventTarget.prototype.addEventListener = function (this: EventTarget, ...args) {
		if (this instanceof AbortSignal) {
			const count = (counts.get(this) ?? 0) + 1;
			counts.set(this, count);
			if (count > mostListeners) onListenerLeak(count);
		}
		addEventListener.apply(this, args);
	};
	EventTarget.prototype.removeEventListener = function (this: EventTarget, ...args) {
		const count = counts.get(this);
		if (count !== undefined) counts.set(this, count - 1);
		removeEventListener.apply(this, args);
	};
	return () => Object.assign(EventTarget.prototype, { addEventListener, removeEventListener });
}

/** As much of Web Cryptography as the clients use: HMAC keys, and the RSA keys of JWTs. */
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
				const made =
					key instanceof Uint8Array ? createHmac("sha256", key).update(data).digest() : sign("RSA-SHA256", data, key);
				return new Uint8Array(made).buffer;
			},
		},
	};
}
