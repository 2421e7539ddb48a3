import { expect, it } from "vitest";
import { redact, redactData, safeCause, secretsIn } from "./redact.ts";

it("takes every secret out of a text, the longer first", () => {
	expect(redact("a key-1 and key-12", ["key-1", "key-12"])).toBe("a [redacted] and [redacted]");
});

it("cuts what is too long for a log", () => {
	expect(redact("x".repeat(500), [])).toHaveLength(201);
});

it("keeps the short and flat part of an error's data, without members whose names tell of secrets", () => {
	const data = { reason: "wrong key-1", param: "x", wait: 5, deep: { a: 1 }, access_token: "t", username: "me" };
	expect(redactData(data, ["key-1"])).toEqual({ reason: "wrong [redacted]", param: "x", wait: 5 });
	expect(redactData("about key-1", ["key-1"])).toBe("about [redacted]");
	expect([redactData([1], []), redactData(null, []), redactData({ deep: {} }, [])]).toEqual(Array(3).fill(undefined));
});

it("finds secrets by their names", () => {
	const params = {
		client_id: "id1",
		client_secret: "s12",
		refresh_token: "r12",
		scope: "abc",
		nonce: "n12",
		amount: 1,
	};
	expect(secretsIn(params)).toEqual(["id1", "s12", "r12", "n12"]);
	expect(secretsIn(undefined)).toEqual([]);
});

it("keeps of a foreign error its name and words", () => {
	const foreign = Object.assign(new TypeError("fetch failed", { cause: new Error("at key-1") }), { headers: "key-1" });
	const cause = safeCause(foreign, ["key-1"]);
	expect(cause).toMatchObject({ name: "TypeError", message: "fetch failed: at [redacted]" });
	expect(cause).not.toHaveProperty("headers");
	expect(safeCause("key-1", []).message).toBe("a thrown string");
});
