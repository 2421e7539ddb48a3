import { inspect } from "node:util";
import type { IbkrHttp } from "@x/ibkr-session";
import { expect, expectTypeOf, it } from "vitest";
import type { Session } from "../../session.ts";
import { type IbkrSessionOptions, ibkr } from "./index.ts";

it("hands out the typed client, and wrong options do not compile", () => {
	expectTypeOf(ibkr).returns.toExtend<Session<IbkrHttp>>();
	const wrong = (): void => {
		// @ts-expect-error there are two modes
		ibkr({ mode: "basic" });
		// @ts-expect-error a text is not a boolean
		ibkr({ compete: "true" });
		// @ts-expect-error there is no such option
		ibkr({ tickleSeconds: 60 });
	};
	expect(wrong).toBeTypeOf("function");
});

it.each([
	[{ mode: "basic" }, "option mode is a string"],
	[{ mode: "oauth1" }, "option authorize is a undefined"],
	[{ mode: "oauth" }, "option mode is a string"],
	[{ tickle: 60_000 }, "option tickle is not known; there are name, mode"],
	[{ toString: 1 }, "option toString is not known"],
	[{ socket: { ticms: 1 } }, "option socket.ticms is not known; there are WebSocket"],
	[{ socket: { ticMs: 60_001 } }, "option socket.ticMs is a number 60001; it must be a number from 1000 to 60000"],
	[{ socket: { token: () => "x" } }, "option socket.token"],
	[{ socket: 7 }, "option socket is a number 7; it must be an object"],
	[{ mode: "oauth2", authorize: () => ({}), socket: true }, "option socket.token is a undefined"],
	[{ onRepair: "planted-user" }, "option onRepair is a string"],
	[null, "option"],
	[{ tickleMs: 1_199 }, "option tickleMs is a number 1199; it must be a number from 1200 to 100000"],
	[{ maxInitsPerDay: "5" }, "option maxInitsPerDay is a string"],
	[{ compete: "yes" }, "option compete is a string"],
	[{ name: "" }, "option name"],
	[{ baseUrl: "https://planted-user:pw@localhost" }, "the option baseUrl"],
])("refuses wrong options before anything is sent: %j", (options, message) => {
	let thrown: unknown;
	try {
		// Wrong on purpose: what a program without types could hand in.
		ibkr(options as IbkrSessionOptions);
	} catch (error) {
		thrown = error;
	}
	expect(String(thrown)).toContain(message);
	expect(inspect(thrown)).not.toContain("planted-user");
});
