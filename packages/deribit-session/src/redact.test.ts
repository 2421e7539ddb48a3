import { expect, it } from "vitest";
import { redactData, safeCause, secretsIn } from "./redact.ts";

it("redactData drops nested data and members with the name of a secret, and removes secrets from the other members", () => {
	const data = { reason: "wrong key-1", param: "x", wait: 5, deep: { a: 1 }, access_token: "t", username: "me" };
	expect(redactData(data, ["key-1"])).toEqual({ reason: "wrong [redacted]", param: "x", wait: 5 });
	expect(redactData("about key-1", ["key-1"])).toBe("about [redacted]");
	expect([redactData([1], []), redactData(null, []), redactData({ deep: {} }, [])]).toEqual(Array(3).fill(undefined));
});

it("secretsIn returns the values of members whose names show that they hold a secret", () => {
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

it("redactData removes a secret before any shorter secret that it contains, and shortens long texts", () => {
	expect(redactData("a key-1 and key-12", ["key-1", "key-12"])).toBe("a [redacted] and [redacted]");
	expect(redactData("x".repeat(500), [])).toHaveLength(201);
});

it("safeCause copies the name, the redacted message and the cause of an error that another package has thrown", () => {
	const foreign = Object.assign(new TypeError("fetch failed", { cause: new Error("at key-1") }), { headers: "key-1" });
	const cause = safeCause(foreign, ["key-1"]);
	expect(cause).toMatchObject({ name: "TypeError", message: "fetch failed", cause: { message: "at [redacted]" } });
	expect(cause).not.toHaveProperty("headers");
	expect(safeCause("key-1", [])).toBeUndefined();
});
