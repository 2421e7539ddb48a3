import { inspect } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect } from "vitest";

export const apiKey = "planted-key-1234567890";
export const apiSecret = "planted-secret-0987654321";

/**
 * The number of runs and the seed of the random tests. With a fixed seed, all runs of the tests use the same values.
 */
export const fuzzed = { numRuns: 10_000, seed: 20_261_121 } as const;

const words = fc.constantFrom(
	...["auth", "subscribe", "ping", "pong", "unsubscribe", "dcp.future", "", "ON", "SPOT", "10", "linear"],
	...["__proto__", "constructor", apiKey, apiSecret],
);
const names = fc.constantFrom(
	...["op", "success", "ret_msg", "req_id", "conn_id", "args", "topic", "data", "__proto__", "toString", "toJSON"],
	...["retCode", "retMsg", "result", "retExtInfo", "time", "dcpInfos", "product", "dcpStatus", "timeWindow", "list"],
);
const numbers = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(0, -0, 1, 10_002, 10_006, 2 ** 53, 1e308, 1.7e12));

/** Generates JSON values of any kind, many of them with the venue's own strings and member names. */
export const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4, withCrossShrink: true },
		fc.constantFrom(null, true, false),
		numbers,
		words,
		fc.string(),
		fc.array(tie("value"), { maxLength: 4 }),
		fc.dictionary(names, tie("value"), { maxKeys: 6 }),
	),
}));

/** Generates the given objects with one member changed, added or removed. */
export function changed(like: fc.Arbitrary<object>): fc.Arbitrary<unknown> {
	return fc.tuple(like, names, anyValue, fc.boolean()).map(([object, name, value, drop]) => {
		const copy = new Map(Object.entries(object));
		if (drop) copy.delete(name);
		else copy.set(name, value);
		return Object.fromEntries(copy);
	});
}

/** Generates the JSON of the given values, sometimes cut off or with one character changed. */
export function mangled(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
	return fc
		.tuple(
			value,
			fc.double({ min: 0, max: 1, noNaN: true }),
			fc.integer({ min: 0, max: 9 }),
			fc.string({ maxLength: 1 }),
		)
		.map(([given, share, how, sign]) => {
			const text = JSON.stringify(given) ?? "undefined";
			const at = Math.floor(share * text.length);
			if (how === 0) return text.slice(0, at);
			// No character inside a secret is changed, because the test would not recognise a changed secret.
			const near = text.slice(Math.max(0, at - 25), at + 25);
			const isNearSecret = near.includes("planted") || near.includes("0987") || near.includes("1234");
			return how === 1 && !isNearSecret ? `${text.slice(0, at)}${sign}${text.slice(at + 1)}` : text;
		});
}

/** Checks that printing a value shows no secret. */
export function expectClean(shown: unknown): void {
	const stack = shown instanceof Error ? `${shown.stack} ${shown.message}` : "";
	const text = `${inspect(shown, { depth: 10, showHidden: true })} ${stack} ${JSON.stringify(shown)}`;
	expect(text).not.toContain("planted");
	expect(text).not.toMatch(/[0-9a-f]{64}/);
}

/** Returns the unhandled rejections during `work` and in the 20 ms after it. */
export async function unhandledIn(work: () => Promise<void>): Promise<unknown[]> {
	const rejections: unknown[] = [];
	const onRejection = (reason: unknown): void => void rejections.push(reason);
	process.on("unhandledRejection", onRejection);
	try {
		await work();
		await new Promise((resolve) => setTimeout(resolve, 20));
	} finally {
		process.off("unhandledRejection", onRejection);
	}
	return rejections;
}

/** How many bytes of the heap are in use after a garbage collection. */
export function heapInUse(): number {
	setFlagsFromString("--expose-gc");
	const collect: unknown = runInNewContext("gc");
	if (typeof collect !== "function") throw new Error("gc is not available");
	for (let times = 0; times < 3; times += 1) collect();
	return process.memoryUsage().heapUsed;
}
