import { describe, expect, expectTypeOf, it, vi } from "vitest";
import { IbkrError, isIbkrError } from "./index.ts";

describe("IbkrError", () => {
	it("IbkrError joins `call`, `problem` and `todo` in its message, and has no member without a value", () => {
		const error = new IbkrError("http", "status 404", { call: "POST /tickle", status: 404, todo: "Check baseUrl." });
		expect(error.message).toBe("@x/ibkr-session: POST /tickle: status 404. Check baseUrl.");
		expect(Object.keys(error)).toEqual(["name", "brand", "kind", "call", "status", "todo"]);
	});

	it.each([
		["no answer", "Try again"],
		["no answer.", "Try again."],
	])("an IbkrError has one full stop per sentence when the problem is %j and todo %j", (problem, todo) => {
		const { message } = new IbkrError("timeout", problem, { call: "POST /tickle", todo });
		expect(message).toBe("@x/ibkr-session: POST /tickle: no answer. Try again.");
	});

	it("IbkrError quotes the venue's own message", () => {
		const details = {
			call: "POST /tickle",
			status: 500,
			venueMessage: "failed to generate sso dh token",
			todo: "Wait.",
		};
		const message = '@x/ibkr-session: POST /tickle: status 500: "failed to generate sso dh token". Wait.';
		expect(new IbkrError("unavailable", "status 500", details).message).toBe(message);
	});

	it("IbkrError computes retryAfterMs from resetAt", () => {
		vi.useFakeTimers({ now: 1_000 });
		expect(new IbkrError("pacing", "x", { call: "c", resetAt: 3_500 }).retryAfterMs).toBe(2_500);
		expect(new IbkrError("pacing", "x", { call: "c", resetAt: 500 }).retryAfterMs).toBe(0);
		vi.useRealTimers();
	});
});

it("isIbkrError tells the compiler which members an error of each kind always has", () => {
	const use = (error: unknown): void => {
		if (!isIbkrError(error)) return;
		if (error.kind === "venue") expectTypeOf(error.venueCode).toEqualTypeOf<string>();
		if (error.kind === "http") expectTypeOf(error.status).toEqualTypeOf<number>();
		if (error.kind === "banned") expectTypeOf(error.retryAfterMs).toEqualTypeOf<number>();
		if (error.kind === "timeout") expectTypeOf(error.status).toEqualTypeOf<number | undefined>();
	};
	expect(use).toBeTypeOf("function");
});
