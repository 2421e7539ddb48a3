import { inspect } from "node:util";
import type { IbkrHttp } from "@x/ibkr-session";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { Session } from "../../session.ts";
import { type IbkrSessionOptions, ibkr } from "./index.ts";

const authorize = () => ({ authorization: "OAuth x" });

describe("the options of ibkr()", () => {
	it("ibkr() returns a session whose property `handle` is the typed client, and wrong options are a compile error", () => {
		expectTypeOf(ibkr).returns.toExtend<Session<IbkrHttp>>();
		const wrong = (): void => {
			// @ts-expect-error not a mode
			ibkr({ mode: "basic" });
			// @ts-expect-error a string is not a boolean
			ibkr({ compete: "true" });
			// @ts-expect-error not an option
			ibkr({ tickleSeconds: 60 });
			// @ts-expect-error not an option of the client
			ibkr({ client: { url: "https://localhost:5000" } });
		};
		expect(wrong).toBeTypeOf("function");
	});

	it.each([
		[{ mode: "basic" }, 'option mode must be "gateway" or "oauth1" or "oauth2", got "basic"'],
		[{ mode: "oauth" }, "option mode must be"],
		[{ mode: "oauth1" }, "option client.authorize is required with OAuth"],
		[{ renew: async () => undefined }, "option renew is only allowed with OAuth"],
		[{ tickle: 60_000 }, "option tickle is not known"],
		[{ ticklems: 60_000 }, "Did you mean tickleMs?"],
		[{ toString: 1 }, "option toString is not known"],
		[{ baseUrl: "https://planted-user:pw@localhost" }, "option baseUrl is not known"],
		[{ socket: { ticms: 1 } }, "option socket.ticms is not known. Did you mean ticMs?"],
		[
			{ socket: { ticMs: 60_001 } },
			"option socket.ticMs must be a number of milliseconds from 1000 to 60000, got 60001",
		],
		[{ socket: { token: () => "x" } }, "option socket.token is only allowed with OAuth"],
		[{ socket: 7 }, "option socket must be an object, got 7"],
		[{ mode: "oauth2", client: { authorize }, socket: true }, "option socket.token is required with OAuth"],
		[
			{ mode: "oauth2", client: { authorize }, socket: { token: "planted-user" } },
			"option socket.token must be a function",
		],
		[{ onOpen: "planted-user" }, "option onOpen must be a function, got a value of type string"],
		[null, "must be an object, got null"],
		[{ tickleMs: 1_199 }, "option tickleMs must be a number of milliseconds from 1200 to 100000, got 1199"],
		[{ maxInitsPerDay: "5" }, 'option maxInitsPerDay must be a number from 1 to 1000, got "5"'],
		[{ maxTakeoversPerDay: 0 }, "option maxTakeoversPerDay must be"],
		[{ region: "mars" }, "option region must be"],
		[{ compete: "yes" }, 'option compete must be false or true or "takeover"'],
		[{ name: "" }, "option name must be a non-empty string"],
		[{ client: 7 }, "option client must be an object, got 7"],
		[{ client: { baseUrl: "https://planted-user:pw@localhost" } }, "baseUrl"],
	])("ibkr() throws before anything is sent, and shows no secret, for %j", (options, message) => {
		let thrown: unknown;
		try {
			// The cast passes wrong options on purpose, as a program without types can.
			ibkr(options as IbkrSessionOptions);
		} catch (error) {
			thrown = error;
		}
		expect(String(thrown)).toContain(message);
		expect(inspect(thrown)).not.toContain("planted-user");
	});

	it("ibkr() treats an option that is undefined like an option that is missing", () => {
		// The cast passes wrong options on purpose, as a program without types can.
		const options = { name: undefined, client: { baseUrl: undefined }, socket: undefined } as object;
		expect(ibkr(options).name).toBe("ibkr");
	});
});

describe("the property `warnings` of an IbkrSession", () => {
	it("session.warnings is empty with the default options", () => {
		expect(ibkr().warnings).toEqual([]);
	});

	it.each<[IbkrSessionOptions, string]>([
		[{ client: { pacing: false } }, "client.pacing is false"],
		[{ mode: "oauth1", client: { authorize } }, "renew is not set"],
		[{ logoutOnClose: true }, "logoutOnClose is true at a gateway"],
		[{ ttlMs: 20_000 }, "tickleMs (20000) is not below ttlMs (20000)"],
		[{ socket: { deadMs: 10_000 } }, "socket.deadMs (10000) is not above 10000"],
	])("session.warnings names the unwise option in %j", (options, warning) => {
		expect(ibkr(options).warnings).toEqual([expect.stringContaining(warning)]);
	});
});
