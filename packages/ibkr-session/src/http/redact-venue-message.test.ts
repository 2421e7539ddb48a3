import { expect, it } from "vitest";
import { createIbkrHttp, createIbkrPenaltyBox } from "../index.ts";
import { VenueMessages } from "./redact-venue-message.ts";

it.each([
	["failed to generate sso dh token", "failed to generate sso dh token"],
	["id: 5, error: invalid consumer", "id: 5, error: invalid consumer"],
	[" two\n\n lines ", "two lines"],
	["key 0a1b2c3d4e5f60718293 denied", "key [hidden] denied"],
	["U1234567 DU7654321", "[hidden] [hidden]"],
	["user jdoe77", "user [hidden]"],
	["from 192.0.2.7 by jo.doe@example.com", "from 192.0.2.7 by jo.[hidden].com"],
	["abcdefghijklmnopqrstu", "[hidden]"],
	["12345 1234", "[hidden] 1234"],
	["\u001b[31mred", "[hidden]"],
	["", undefined],
	["   ", undefined],
])("VenueMessages keeps only plain words and short numbers of a text: %j becomes %j", (text, safe) => {
	expect(new VenueMessages().clean(text)).toBe(safe);
});

it("VenueMessages cuts a message to 200 characters, and processes only the first 2 000 characters of a long message", () => {
	const messages = new VenueMessages();
	expect(messages.clean("word ".repeat(100))).toHaveLength(201);
	// The text is cut in the middle of its last word, which could be a secret.
	expect(messages.clean(`${" ".repeat(1_990)}secretsecret`)).toBeUndefined();
	expect(messages.clean(`${" ".repeat(1_980)}secret word`)).toBe("secret word");
});

it("an IbkrHttp client hides every secret that it has sent or received, even if the secret is a plain word", async () => {
	const bodies = [
		'{"session":"sessionid","iserver":{"authStatus":{"authenticated":true}}}',
		'{"RESULT":true,"USER_NAME":"johnsmith","TOKEN":"tokenword"}',
		'{"accounts":["ACCOUNT","OTHER"]}',
	];
	const error = "johnsmith with ACCOUNT and OTHER: sessionid tokenword bearerword cookieword denied";
	const client = createIbkrHttp({
		fetch: async () => new Response(bodies.shift() ?? error, { headers: { "set-cookie": "x=cookieword" } }),
		authorize: () => ({ authorization: "Bearer bearerword" }),
		penaltyBox: createIbkrPenaltyBox(),
		pacing: false,
	});
	await client.tickle();
	await client.validate();
	await client.accounts();
	const shown = "[hidden] with [hidden] and [hidden]: [hidden] [hidden] [hidden] [hidden] denied";
	await expect(client.tickle()).rejects.toMatchObject({ venueMessage: shown });
});
