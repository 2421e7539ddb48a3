import { describe, expect, it } from "vitest";
import { isKeeperError, KeeperError } from "../keeper-error.ts";
import { dispositionOf, isSessionError, SessionError } from "../session-error.ts";
import { packError, unpackError } from "./packed-error.ts";

/** Returns the error as the other thread receives it. */
const passed = (error: unknown): Error => unpackError(structuredClone(packError(error)));

describe("an error that is passed from one thread to another", () => {
	it("an error of this project keeps its brand, kind, session, disposition and causes when it is passed to another thread", () => {
		const disposition = { action: "human", todo: "log in at the gateway" } as const;
		const cause = new SessionError("nobody is logged in", { disposition });
		const error = passed(new KeeperError("not-armed", "ibkr is not armed", { session: "ibkr", cause }));
		expect(isKeeperError(error)).toBe(true);
		expect(error).toMatchObject({ name: "KeeperError", kind: "not-armed", session: "ibkr" });
		expect(isSessionError(error.cause)).toBe(true);
		expect(dispositionOf(error.cause)).toEqual(disposition);
	});

	it("an error that is not of this project keeps only its name, message and code when it is passed to another thread", () => {
		const foreign = Object.assign(new TypeError("fetch failed"), {
			code: "ECONNRESET",
			config: { headers: { authorization: "Bearer secret" } },
			apiKey: "secret",
		});
		const error = passed(foreign);
		expect(error).toMatchObject({ name: "TypeError", message: "fetch failed", code: "ECONNRESET" });
		expect(Object.keys(error)).toEqual(["code"]);
		expect(error.stack).not.toContain("secret");
	});

	it("an error of this project loses those members that cannot be cloned when it is passed to another thread", () => {
		const error = new KeeperError("stopped", "x");
		Object.assign(error, { handle: () => undefined, link: new Map(), plain: { list: [1, "a", null] } });
		expect(Object.keys(passed(error)).sort()).toEqual(["brand", "kind", "plain", "session"]);
	});

	it("packError() keeps at most five errors of a chain of causes, because the chain may be a circle; it never throws", () => {
		const circle = new Error("circle");
		circle.cause = circle;
		let depth = 0;
		for (let error: unknown = passed(circle); error instanceof Error; error = error.cause) depth += 1;
		expect(depth).toBe(5);
		expect(passed("a string").message).toBe("a value of type string was thrown instead of an Error");
		const hostile = new Proxy(new Error("x"), {
			ownKeys: () => {
				throw new Error("no");
			},
		});
		expect(passed(hostile).message).toBe("x");
	});
});
