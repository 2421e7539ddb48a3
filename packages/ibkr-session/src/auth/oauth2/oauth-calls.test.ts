import { inspect } from "node:util";
import { IbkrVenue, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, describe, expect, it } from "vitest";
import { createIbkrHttp } from "../../index.ts";
import { createIbkrOAuth } from "./index.ts";

let link: Link | undefined;

function deskOf(mode: "oauth1" | "oauth2") {
	const venue = new IbkrVenue({ mode, loadMs: 0, pacing: false });
	link = new Link(venue);
	return { venue, fetch: memoryFetch(link), oauth: createIbkrOAuth({ fetch: memoryFetch(link) }) };
}

const answered = (status: number, body: string) =>
	createIbkrOAuth({ fetch: async () => new Response(body, { status }) });
const signed = { authorization: 'OAuth realm="limited_poa", oauth_signature="planted"' };

afterEach(() => link?.close());

describe("createIbkrOAuth with OAuth 1.0a", () => {
	it("createIbkrOAuth requests the three OAuth 1.0a tokens with the caller's header and an empty body", async () => {
		const { venue, oauth } = deskOf("oauth1");
		expect((await oauth.requestToken(signed)).token.reveal()).toMatch(/^[0-9a-f]{20}$/);
		const access = await oauth.accessToken(signed);
		expect(access.isPaper).toBe(true);
		expect(access.encryptedSecret.reveal()).toMatch(/=$/);
		const live = await oauth.liveSessionToken(signed);
		expect(live.diffieHellmanResponse.reveal()).toMatch(/^[0-9a-f]+$/);
		expect(live.expiration).toBeGreaterThan(Date.now());
		expect(venue.received.map(({ path }) => path)).toEqual([
			"/v1/api/oauth/request_token",
			"/v1/api/oauth/access_token",
			"/v1/api/oauth/live_session_token",
		]);
		expect(venue.received[0]?.headers).toMatchObject({ authorization: signed.authorization, "content-length": "0" });
	});

	it.each([
		['{"error":"id: 1, error: invalid consumer","statusCode":401}', "invalid-consumer", "next reset"],
		['{"error":"id: 1, error: LST failed, error: No access secret key found for planted"}', "token-refused", "again"],
		["", "access-denied", "status 401, access-denied"],
	])(
		"a token call rejects with the venue's reason for the refusal in venueCode: %s",
		async (body, venueCode, message) => {
			const error = await answered(401, body)
				.liveSessionToken(signed)
				.catch((reason: unknown) => reason);
			expect(error).toMatchObject({ kind: "venue", status: 401, venueCode, message: expect.stringContaining(message) });
			expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted");
		},
	);

	it("liveSessionToken() and requestToken() reject a reply that has a member with a wrong name or a wrong type", async () => {
		const misnamed =
			'{"diffie_hellman_challenge":"0f","live_session_token_signature":"00","live_session_token_expiration":1}';
		await expect(answered(200, misnamed).liveSessionToken(signed)).rejects.toMatchObject({ kind: "reply" });
		await expect(answered(200, '{"oauth_token":7}').requestToken(signed)).rejects.toMatchObject({ kind: "reply" });
	});
});

describe("createIbkrOAuth with OAuth 2.0", () => {
	it("createIbkrOAuth exchanges two signed JWTs for the OAuth 2.0 bearer token that opens a brokerage session", async () => {
		const { venue, fetch, oauth } = deskOf("oauth2");
		const token = await oauth.oauth2Token({ clientAssertion: "head.claims.signature" });
		expect(token).toMatchObject({ expiresInMs: 86_399_000, authScope: "sso-sessions.write" });
		const session = await oauth.ssoSession({ bearer: token.accessToken.reveal(), assertion: "head.claims.signature" });
		expect(session.isActive).toBe(true);
		const [first, second] = venue.received;
		expect(first?.path).toBe("/oauth2/api/v1/token");
		expect(Object.fromEntries(new URLSearchParams(first?.body))).toMatchObject({
			client_assertion: "head.claims.signature",
		});
		expect(second).toMatchObject({ path: "/gw/api/v1/sso-sessions", body: "head.claims.signature" });
		expect(second?.headers["content-type"]).toBe("application/jwt");

		const authorization = `Bearer ${session.accessToken.reveal()}`;
		const baseUrl = "https://api.ibkr.com/v1/api";
		const client = createIbkrHttp({ baseUrl, fetch, authorize: () => ({ authorization }) });
		expect(await client.init()).toMatchObject({ kind: "accepted" });
		expect(await client.tickle()).toMatchObject({ kind: "live" });
		expect(await createIbkrHttp({ baseUrl, fetch }).tickle()).toMatchObject({ kind: "no-session" });
		expect(inspect([token, session, oauth], { depth: 10, showHidden: true })).not.toContain(
			session.accessToken.reveal(),
		);
	});

	it("ssoSession() rejects with token-expired when the bearer token is too old", async () => {
		const { oauth } = deskOf("oauth2");
		const asked = oauth.ssoSession({ bearer: "planted", assertion: "a.b.c" });
		await expect(asked).rejects.toMatchObject({ kind: "venue", venueCode: "token-expired" });
		await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining("planted") });
	});
});

it.each([
	[{ authorization: "" }, "option authorization must be printable ASCII"],
	[{ authorization: "OAuth planted\r\nx: y" }, "option authorization must be printable ASCII"],
	[{ authorization: undefined }, "got a value of type undefined"],
])("requestToken rejects a header that cannot be sent, without quoting it: %#", async (wrong, message) => {
	// The cast allows a wrong value, which a program in plain JavaScript can pass.
	const asked = answered(200, "{}").requestToken(wrong as { authorization: string });
	await expect(asked).rejects.toMatchObject({ option: "authorization", message: expect.stringContaining(message) });
	await expect(asked).rejects.not.toMatchObject({ message: expect.stringContaining("planted") });
});
