import { createHmac } from "node:crypto";
import type { Entry } from "./agenda.ts";
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
export function takeOver(world: World, random: () => number): () => void {
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
	const crypto = { value: instantCrypto(random), configurable: true, writable: true };
	Object.defineProperty(globalThis, "crypto", crypto);
	return () => {
		globalThis.setTimeout = real.setTimeout;
		globalThis.clearTimeout = real.clearTimeout;
		globalThis.setInterval = real.setInterval;
		globalThis.clearInterval = real.clearInterval;
		Date.now = real.now;
		performance.now = real.performanceNow;
		if (real.crypto) Object.defineProperty(globalThis, "crypto", real.crypto);
	};
}

/** As much of Web Cryptography as the clients use with HMAC keys. */
function instantCrypto(random: () => number) {
	return {
		getRandomValues: (bytes: Uint8Array): Uint8Array => {
			for (let index = 0; index < bytes.length; index += 1) bytes[index] = Math.floor(random() * 256);
			return bytes;
		},
		subtle: {
			importKey: async (_format: string, key: Uint8Array): Promise<Uint8Array> => key.slice(),
			sign: async (_algorithm: string, key: Uint8Array, data: Uint8Array): Promise<ArrayBuffer> =>
				new Uint8Array(createHmac("sha256", key).update(data).digest()).buffer,
		},
	};
}
