import { expect, it } from "vitest";
import { createIbkrConsumer } from "./auth/oauth1/index.ts";
import { createIbkrBearer, createIbkrOAuth } from "./auth/oauth2/index.ts";
import { gatewayFetch } from "./gateway/index.ts";
import { connectIbkr, createIbkrHttp, createIbkrPacing, createIbkrPenaltyBox } from "./index.ts";

/** What a program without types could hand in. */
// biome-ignore lint/suspicious/noExplicitAny: the options are wrong on purpose
type Anything = any;

it.each<[string, (options: Anything) => unknown, string]>([
	["createIbkrHttp", createIbkrHttp, "uri"],
	["createIbkrPacing", createIbkrPacing, "perSecond"],
	["createIbkrPenaltyBox", createIbkrPenaltyBox, "untilMs"],
	["connectIbkr", connectIbkr, "sessionId"],
	["gatewayFetch", gatewayFetch, "fingerprint"],
	["createIbkrOAuth", createIbkrOAuth, "baseUrl"],
	["createIbkrBearer", createIbkrBearer, "clientID"],
	["createIbkrConsumer", createIbkrConsumer, "dhPrime"],
	["init", (options) => createIbkrHttp().init(options), "competes"],
])("%s refuses an option that it does not know, by name and with those that there are", async (_, call, name) => {
	const made = async () => call({ [name]: "planted" });
	const error = await made().catch((reason: unknown) => reason);
	expect(error).toMatchObject({
		kind: "options",
		message: expect.stringMatching(new RegExp(`the option ${name} is not known; there are \\w+`)),
	});
	expect(String(error)).not.toContain("planted");
});

it("a member that every object has is not an option, and a name that is no word is not quoted", () => {
	expect(() => createIbkrHttp({ toString: 1 } as Anything)).toThrow("the option toString is not known");
	expect(() => createIbkrHttp({ "planted secret": 1 } as Anything)).toThrow("the option with an odd name");
	for (const wrong of [null, 7, "x"]) expect(() => createIbkrHttp(wrong as Anything)).toThrow("must be an object");
});
