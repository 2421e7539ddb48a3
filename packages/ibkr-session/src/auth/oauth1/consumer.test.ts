import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIbkrConsumer } from "./index.ts";
import { baseUrl, clientOf, Desk } from "./testing/desk.ts";

let desk: Desk;

beforeEach(() => {
	vi.useFakeTimers({ now: 1_795_000_000_000 });
	desk = new Desk();
});

afterEach(() => {
	desk.close();
	vi.useRealTimers();
});

describe("a first party", () => {
	it("makes a live session token before its first call and signs every call with it", async () => {
		const user = desk.user();
		const client = clientOf(user);
		expect(await client.init()).toMatchObject({ kind: "accepted" });
		expect(await client.tickle()).toMatchObject({ kind: "live" });
		expect(await client.accounts()).toMatchObject({ kind: "accounts" });
		expect(desk.exchanges()).toHaveLength(1);
		expect((await user.liveSession()).token.reveal()).toBe(desk.pull("liveSessionToken"));
		const [first] = desk.venue.received;
		expect(first).toMatchObject({ body: "", status: 200 });
		expect(first?.headers["content-length"]).toBe("0");
		expect(first?.headers["authorization"]).toMatch(/^OAuth realm="limited_poa", diffie_hellman_challenge="[1-9a-f]/);
	});

	it("makes one token for any number of first calls", async () => {
		const user = desk.user();
		const client = clientOf(user);
		await Promise.all([client.status(), client.status(), client.status(), user.renew()]);
		expect(desk.exchanges()).toHaveLength(1);
	});

	it("makes another token once the venue lost the first", async () => {
		const user = desk.user();
		const client = clientOf(user);
		await client.init();
		desk.pull("expireSso");
		expect(await client.tickle()).toMatchObject({ kind: "no-session" });
		await user.renew();
		expect(await client.init()).toMatchObject({ kind: "accepted" });
	});

	it("signs with a time of ten digits and a fresh nonce of 32, which take part in what is signed", async () => {
		const user = desk.user();
		const client = clientOf(user);
		await client.status();
		await client.status();
		const headers = desk.venue.received.map((request) => request.headers["authorization"] ?? "");
		const nonces = headers.map((header) => /oauth_nonce="(\w+)"/.exec(header)?.[1]);
		expect(new Set(nonces).size).toBe(3);
		for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
		for (const header of headers) expect(header).toContain('oauth_timestamp="1795000000"');
		expect(headers[1]).toContain('oauth_signature_method="HMAC-SHA256"');
	});
});

describe("a third party", () => {
	it("gets a user's credentials by consent, and a session with them", async () => {
		const consumer = createIbkrConsumer({ ...Desk.keys, fetch: desk.fetch });
		const { token } = await consumer.requestToken();
		const early = consumer.accessToken({ token: token.reveal(), verifier: "guessed" });
		await expect(early).rejects.toMatchObject({ kind: "venue", status: 401 });
		const verifier = String(desk.pull("consent", { token: token.reveal() }));
		const access = await consumer.accessToken({ token: token.reveal(), verifier });
		const user = consumer.user({
			accessToken: access.token.reveal(),
			accessTokenSecret: access.encryptedSecret.reveal(),
		});
		expect(await clientOf(user).init()).toMatchObject({ kind: "accepted" });
	});

	it("sends the callback with the first of the two requests only, and an empty body with both", async () => {
		const consumer = createIbkrConsumer({ ...Desk.keys, fetch: desk.fetch });
		const { token } = await consumer.requestToken();
		const verifier = String(desk.pull("consent", { token: token.reveal() }));
		await consumer.accessToken({ token: token.reveal(), verifier });
		const [request, access] = desk.venue.received;
		expect(request?.headers["authorization"]).toContain('oauth_callback="oob"');
		expect(access?.headers["authorization"]).not.toContain("oauth_callback");
		for (const sent of [request, access]) expect(sent).toMatchObject({ body: "", headers: { "content-length": "0" } });
	});

	it("is told when its access token was revoked", async () => {
		const credentials = desk.issued();
		const user = desk.user({}, credentials);
		desk.pull("revoke", { token: credentials.accessToken });
		await expect(user.liveSession()).rejects.toMatchObject({ venueCode: "token-refused" });
		expect(desk.exchanges()).toHaveLength(1);
	});
});

it("a request that is sent twice, or with another method or address than was signed, is refused", async () => {
	const sent: [string, RequestInit | undefined][] = [];
	const fetch: typeof globalThis.fetch = (input, init) => {
		sent.push([String(input), init]);
		return desk.fetch(input, init);
	};
	const user = desk.user({ fetch });
	const client = clientOf(user);
	await client.init();
	await client.tickle();
	const [address = "", init] = sent.at(-1) ?? [];
	expect((await desk.fetch(address, init)).status).toBe(401);
	const { authorization } = await user.authorize({ method: "GET", url: `${baseUrl}/tickle` });
	const headers = { authorization: authorization ?? "" };
	expect((await desk.fetch(`${baseUrl}/tickle`, { method: "POST", headers })).status).toBe(401);
	expect((await desk.fetch(`${baseUrl}/iserver/accounts`, { headers })).status).toBe(401);
	expect((await desk.fetch(`${baseUrl}/tickle`, { headers })).status).toBe(200);
});

it("nothing printed shows a key, a token or a secret", async () => {
	const credentials = desk.issued();
	const consumer = createIbkrConsumer({ ...Desk.keys, fetch: desk.fetch });
	const user = consumer.user(credentials);
	const live = await user.liveSession();
	desk.pull("wrongProof", { times: 2 });
	const error = await user.renew().catch((reason: unknown) => reason);
	const printed = inspect([consumer, user, live, error], { depth: 10, showHidden: true });
	const secrets = [credentials.accessToken, credentials.accessTokenSecret, live.token.reveal(), Desk.keys.consumerKey];
	for (const secret of secrets) expect(printed).not.toContain(secret);
});
