import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIbkrConsumer } from "./index.ts";
import { baseUrl, clientOf, OAuth1Harness } from "./testing/oauth1-test-venue.ts";

let harness: OAuth1Harness;

beforeEach(() => {
	vi.useFakeTimers({ now: 1_795_000_000_000 });
	harness = new OAuth1Harness();
});

afterEach(() => {
	harness.close();
	vi.useRealTimers();
});

describe("the method user() of an OAuth 1.0a consumer", () => {
	it("consumer.user() creates a live session token before the user's first call, and signs every call with that token", async () => {
		const user = harness.user();
		const client = clientOf(user);
		expect(await client.init()).toMatchObject({ kind: "accepted" });
		expect(await client.tickle()).toMatchObject({ kind: "live" });
		expect(await client.accounts()).toMatchObject({ kind: "accounts" });
		expect(harness.exchanges()).toHaveLength(1);
		expect((await user.liveSession()).token.reveal()).toBe(harness.pull("liveSessionToken"));
		const [first] = harness.venue.received;
		expect(first).toMatchObject({ body: "", status: 200 });
		expect(first?.headers["content-length"]).toBe("0");
		expect(first?.headers["authorization"]).toMatch(/^OAuth realm="limited_poa", diffie_hellman_challenge="[1-9a-f]/);
	});

	it("consumer.user() creates only one live session token when several first calls are concurrent", async () => {
		const user = harness.user();
		const client = clientOf(user);
		await Promise.all([client.status(), client.status(), client.status(), user.renew()]);
		expect(harness.exchanges()).toHaveLength(1);
	});

	it("renew() creates another live session token after the venue has lost the first token", async () => {
		const user = harness.user();
		const client = clientOf(user);
		await client.init();
		harness.pull("expireSso");
		expect(await client.tickle()).toMatchObject({ kind: "no-session" });
		await user.renew();
		expect(await client.init()).toMatchObject({ kind: "accepted" });
	});

	it("consumer.user() signs each call with a time in seconds and a new nonce of 32 hexadecimal digits", async () => {
		const user = harness.user();
		const client = clientOf(user);
		await client.status();
		await client.status();
		const headers = harness.venue.received.map((request) => request.headers["authorization"] ?? "");
		const nonces = headers.map((header) => /oauth_nonce="(\w+)"/.exec(header)?.[1]);
		expect(new Set(nonces).size).toBe(3);
		for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
		for (const header of headers) expect(header).toContain('oauth_timestamp="1795000000"');
		expect(headers[1]).toContain('oauth_signature_method="HMAC-SHA256"');
	});
});

describe("a third party's consumer", () => {
	it("a third party's consumer gets the credentials of a user who consents, and these credentials open a session", async () => {
		const consumer = createIbkrConsumer({ ...OAuth1Harness.keys, fetch: harness.fetch });
		const { token } = await consumer.requestToken();
		const early = consumer.accessToken({ token: token.reveal(), verifier: "guessed" });
		await expect(early).rejects.toMatchObject({ kind: "venue", status: 401 });
		const verifier = String(harness.pull("consent", { token: token.reveal() }));
		const access = await consumer.accessToken({ token: token.reveal(), verifier });
		const user = consumer.user({
			accessToken: access.token.reveal(),
			accessTokenSecret: access.encryptedSecret.reveal(),
		});
		expect(await clientOf(user).init()).toMatchObject({ kind: "accepted" });
	});

	it("a third party's consumer sends oauth_callback in requestToken() but not in accessToken(), and no body in either call", async () => {
		const consumer = createIbkrConsumer({ ...OAuth1Harness.keys, fetch: harness.fetch });
		const { token } = await consumer.requestToken();
		const verifier = String(harness.pull("consent", { token: token.reveal() }));
		await consumer.accessToken({ token: token.reveal(), verifier });
		const [request, access] = harness.venue.received;
		expect(request?.headers["authorization"]).toContain('oauth_callback="oob"');
		expect(access?.headers["authorization"]).not.toContain("oauth_callback");
		for (const sent of [request, access]) expect(sent).toMatchObject({ body: "", headers: { "content-length": "0" } });
	});

	it("user.liveSession() rejects with venueCode `token-refused` when the user's access token was revoked", async () => {
		const credentials = harness.issued();
		const user = harness.user({}, credentials);
		harness.pull("revoke", { token: credentials.accessToken });
		await expect(user.liveSession()).rejects.toMatchObject({ venueCode: "token-refused" });
		expect(harness.exchanges()).toHaveLength(1);
	});
});

it("the simulator of IBKR refuses a request that is sent twice or whose method or URL differs from what was signed", async () => {
	const sent: [string, RequestInit | undefined][] = [];
	const fetch: typeof globalThis.fetch = (input, init) => {
		sent.push([String(input), init]);
		return harness.fetch(input, init);
	};
	const user = harness.user({ fetch });
	const client = clientOf(user);
	await client.init();
	await client.tickle();
	const [address = "", init] = sent.at(-1) ?? [];
	expect((await harness.fetch(address, init)).status).toBe(401);
	const { authorization } = await user.authorize({ method: "GET", url: `${baseUrl}/tickle` });
	const headers = { authorization: authorization ?? "" };
	expect((await harness.fetch(`${baseUrl}/tickle`, { method: "POST", headers })).status).toBe(401);
	expect((await harness.fetch(`${baseUrl}/iserver/accounts`, { headers })).status).toBe(401);
	expect((await harness.fetch(`${baseUrl}/tickle`, { headers })).status).toBe(200);
});

it("no object or error of an OAuth 1.0a consumer prints a key, a token or a secret", async () => {
	const credentials = harness.issued();
	const consumer = createIbkrConsumer({ ...OAuth1Harness.keys, fetch: harness.fetch });
	const user = consumer.user(credentials);
	const live = await user.liveSession();
	harness.pull("wrongProof", { times: 2 });
	const error = await user.renew().catch((reason: unknown) => reason);
	const printed = inspect([consumer, user, live, error], { depth: 10, showHidden: true });
	const secrets = [
		credentials.accessToken,
		credentials.accessTokenSecret,
		live.token.reveal(),
		OAuth1Harness.keys.consumerKey,
	];
	for (const secret of secrets) expect(printed).not.toContain(secret);
});
