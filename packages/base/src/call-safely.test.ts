import { expect, it } from "vitest";
import { callSafely } from "./call-safely.ts";

const fault = new Error("a broken callback");

it.each([
	[
		"throws",
		() => {
			throw fault;
		},
	],
	["rejects", () => Promise.reject(fault)],
])("callSafely throws nothing when the callback %s; onFault, if given, gets the error", async (_how, callback) => {
	const faults: unknown[] = [];
	callSafely(callback, (error) => faults.push(error));
	callSafely(callback);
	await new Promise(setImmediate);
	expect(faults).toEqual([fault]);
});
