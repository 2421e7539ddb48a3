import { generateKeyPairSync, getDiffieHellman } from "node:crypto";
import { inspect } from "node:util";
import { IbkrVenue, type IbkrVenueOptions, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createIbkrClient } from "../index.ts";
import { createIbkrConsumer, type IbkrConsumerOptions, type UserCredentials } from "./index.ts";

const rsa = () =>
	generateKeyPairSync("rsa", {
		modulusLength: 2_048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
const signature = rsa();
const encryption = rsa();
const dhPrime = getDiffieHellman("modp14").getPrime("hex");
const baseUrl = "https://api.ibkr.com/v1/api";
const keys: IbkrConsumerOptions = {
	consumerKey: "PLANTEDCK",
	signatureKey: signature.privateKey,
	encryptionKey: encryption.privateKey,
	dhParameters: dhPrime,
};

let venue: IbkrVenue;
let link: Link | undefined;

function begin(options: Partial<IbkrVenueOptions> = {}, realm?: string) {
	venue = new IbkrVenue({
		mode: "oauth1",
		loadMs: 0,
		pacing: false,
		consumer: {
			key: keys.consumerKey,
			signatureKey: signature.publicKey,
			encryptionKey: encryption.publicKey,
			dhPrime,
			...(realm === undefined ? {} : { realm }),
		},
		...options,
	});
	link = new Link(venue);
	return memoryFetch(link);
}

const pull = (lever: string, args: Record<string, unknown> = {}): unknown => venue.levers[lever]?.(args);

function issued(): UserCredentials {
	const { token, secret } = pull("issue") as { token: string; secret: string };
	return { accessToken: token, accessTokenSecret: secret };
}

const exchanges = () => venue.received.filter(({ path }) => path.endsWith("/live_session_token"));

beforeEach(() => {
	vi.useFakeTimers({ now: 1_795_000_000_000 });
});

afterEach(() => {
	link?.close();
	vi.useRealTimers();
});

describe("a first party", () => {
	it("makes a live session token before its first call and signs every call with it", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		expect(await client.init()).toMatchObject({ kind: "accepted" });
		expect(await client.tickle()).toMatchObject({ kind: "live" });
		expect(await client.accounts()).toMatchObject({ kind: "accounts" });
		expect(exchanges()).toHaveLength(1);
		expect((await user.liveSession()).token.reveal()).toBe(pull("liveSessionToken"));
		const [first] = venue.received;
		expect(first).toMatchObject({ body: "", status: 200 });
		expect(first?.headers["content-length"]).toBe("0");
		expect(first?.headers["authorization"]).toMatch(/^OAuth realm="limited_poa", diffie_hellman_challenge="[1-9a-f]/);
	});

	it("makes one token for any number of first calls", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		await Promise.all([client.status(), client.status(), client.status(), user.renew()]);
		expect(exchanges()).toHaveLength(1);
	});

	it("makes the next token an hour before the end of the first, not a moment earlier", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		await client.status();
		await vi.advanceTimersByTimeAsync(23 * 3_600_000 - 1);
		await client.status();
		expect(exchanges()).toHaveLength(1);
		await vi.advanceTimersByTimeAsync(1);
		await client.status();
		expect(exchanges()).toHaveLength(2);
	});

	it("goes on with its token when an early renewal fails, and tries again a minute later", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		await client.status();
		await vi.advanceTimersByTimeAsync(23 * 3_600_000);
		pull("answer", { path: "/oauth/live_session_token", status: 503 });
		expect((await client.status()).kind).toBe("status");
		await vi.advanceTimersByTimeAsync(59_999);
		await client.status();
		expect(exchanges()).toHaveLength(2);
		await vi.advanceTimersByTimeAsync(1);
		await client.status();
		expect(exchanges()).toHaveLength(3);
	});

	it("reads an expiration that is the instant of the making as a day from there", async () => {
		const fetch = begin({ lstExpiration: "start" });
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		const { expiresAt } = await user.liveSession();
		expect(Math.abs(expiresAt - (Date.now() + 86_400_000))).toBeLessThan(1_000);
	});

	it("makes another token once the venue lost the first", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		await client.init();
		pull("expireSso");
		expect(await client.tickle()).toMatchObject({ kind: "no-session" });
		await user.renew();
		expect(await client.init()).toMatchObject({ kind: "accepted" });
	});
});

describe("the proof of a live session token", () => {
	it("that is wrong once is never used, and a second exchange with another number follows", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		pull("wrongProof", { times: 1 });
		const { token } = await user.liveSession();
		expect(token.reveal()).toBe(pull("liveSessionToken"));
		const challenges = exchanges().map(({ headers }) => /challenge="(\w+)"/.exec(headers["authorization"] ?? "")?.[1]);
		expect(new Set(challenges).size).toBe(2);
	});

	it("that is wrong twice is an error, and no call is signed with that token", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		pull("wrongProof", { times: 2 });
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		await expect(client.status()).rejects.toMatchObject({ kind: "refused", because: "wrong-proof" });
		expect(venue.received).toHaveLength(2);
	});

	it.each(["0", "1", (BigInt(`0x${dhPrime}`) - 1n).toString(16), "zz", ""])(
		"is not even looked at for a number that makes the key known to all: %s",
		async (number) => {
			begin();
			const reply = {
				diffie_hellman_response: number,
				live_session_token_signature: "00".repeat(20),
				live_session_token_expiration: 1_795_086_400_000,
			};
			const fetch = async () => Response.json(reply);
			const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
			await expect(user.liveSession()).rejects.toMatchObject({ because: "wrong-proof" });
		},
	);
});

describe("the venue's clock", () => {
	it.each([-7_200_000, 7_200_000])("is learned from a refusal, and the exchange made once more: %i ms", async (ms) => {
		const fetch = begin({ clockOffsetMs: ms });
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		expect(await client.init()).toMatchObject({ kind: "accepted" });
		expect(exchanges().map(({ status }) => status)).toEqual([401, 200]);
		expect(Math.abs(user.clockOffsetMs - ms)).toBeLessThan(1_000);
		const { expiresAt } = await user.liveSession();
		expect(Math.abs(expiresAt - (Date.now() + ms + 86_400_000))).toBeLessThan(1_000);
	});

	it("does not go back between two signatures when this machine's does", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		await client.init();
		vi.setSystemTime(Date.now() - 3_000);
		expect(await client.status()).toMatchObject({ kind: "status" });
	});
});

describe("a third party", () => {
	it("gets a user's credentials by consent, and a session with them", async () => {
		const fetch = begin();
		const consumer = createIbkrConsumer({ ...keys, fetch });
		const { token } = await consumer.requestToken();
		const early = consumer.accessToken({ token: token.reveal(), verifier: "guessed" });
		await expect(early).rejects.toMatchObject({ kind: "refused", status: 401 });
		const verifier = String(pull("consent", { token: token.reveal() }));
		const access = await consumer.accessToken({ token: token.reveal(), verifier });
		const user = consumer.user({
			accessToken: access.token.reveal(),
			accessTokenSecret: access.encryptedSecret.reveal(),
		});
		const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
		expect(await client.init()).toMatchObject({ kind: "accepted" });
	});

	it("is told when its access token was revoked", async () => {
		const fetch = begin();
		const credentials = issued();
		const user = createIbkrConsumer({ ...keys, fetch }).user(credentials);
		pull("revoke", { token: credentials.accessToken });
		await expect(user.liveSession()).rejects.toMatchObject({ because: "token-refused" });
		expect(exchanges()).toHaveLength(1);
	});
});

describe("the keys", () => {
	it("that are exchanged are noticed before anything is sent", () => {
		const fetch = begin();
		const exchanged = {
			...keys,
			fetch,
			signatureKey: encryption.privateKey,
			encryptionKey: signature.privateKey,
		};
		expect(() => createIbkrConsumer(exchanged).user(issued())).toThrow(/are the two RSA keys exchanged/);
	});

	it("sign with the signature key: the encryption key in its place is refused", async () => {
		const fetch = begin();
		const user = createIbkrConsumer({ ...keys, fetch, signatureKey: encryption.privateKey }).user(issued());
		await expect(user.liveSession()).rejects.toMatchObject({ because: "invalid-consumer" });
	});

	it("the realm is limited_poa, and test_realm for the test consumer", async () => {
		const fetch = begin({}, "test_realm");
		const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
		await expect(user.liveSession()).rejects.toMatchObject({ because: "invalid-consumer" });
		await createIbkrConsumer({ ...keys, fetch, realm: "test_realm" })
			.user(issued())
			.liveSession();
		await expect(createIbkrConsumer({ ...keys, fetch, consumerKey: "TESTCONS" }).requestToken()).rejects.toMatchObject({
			kind: "refused",
		});
		expect(venue.received.at(-1)?.headers["authorization"]).toContain('realm="test_realm"');
	});

	it.each([
		["consumerKey", { consumerKey: 'planted"' }],
		["signatureKey", { signatureKey: "planted" }],
		["encryptionKey", { encryptionKey: signature.publicKey }],
		["dhParameters", { dhParameters: "abc123" }],
		["dhParameters", { dhParameters: "planted" }],
		["realm", { realm: "a b" }],
		["renewBeforeMs", { renewBeforeMs: -1 }],
	])("that are wrong are refused by name and not quoted: %s", (name, wrong) => {
		begin();
		let thrown: unknown;
		try {
			createIbkrConsumer({ ...keys, ...wrong });
		} catch (error) {
			thrown = error;
		}
		expect(thrown).toMatchObject({ kind: "options", message: expect.stringContaining(`option ${name} must`) });
		expect(inspect(thrown)).not.toContain("planted");
	});
});

it("a request that is sent twice, or with another method or address than was signed, is refused", async () => {
	const inner = begin();
	const sent: [string, RequestInit | undefined][] = [];
	const fetch: typeof globalThis.fetch = (input, init) => {
		sent.push([String(input), init]);
		return inner(input, init);
	};
	const user = createIbkrConsumer({ ...keys, fetch }).user(issued());
	const client = createIbkrClient({ baseUrl, fetch: user.fetch, authorize: user.authorize });
	await client.init();
	await client.tickle();
	const [address = "", init] = sent.at(-1) ?? [];
	expect((await inner(address, init)).status).toBe(401);
	const { authorization } = await user.authorize({ method: "GET", url: `${baseUrl}/tickle` });
	const headers = { authorization: authorization ?? "" };
	expect((await inner(`${baseUrl}/tickle`, { method: "POST", headers })).status).toBe(401);
	expect((await inner(`${baseUrl}/iserver/accounts`, { headers })).status).toBe(401);
	expect((await inner(`${baseUrl}/tickle`, { headers })).status).toBe(200);
});

it("nothing printed shows a key, a token or a secret", async () => {
	const fetch = begin();
	const credentials = issued();
	const consumer = createIbkrConsumer({ ...keys, fetch });
	const user = consumer.user(credentials);
	const live = await user.liveSession();
	pull("wrongProof", { times: 2 });
	const error = await user.renew().catch((reason: unknown) => reason);
	const printed = inspect([consumer, user, live, error], { depth: 10, showHidden: true });
	const secrets = [credentials.accessToken, credentials.accessTokenSecret, live.token.reveal(), keys.consumerKey];
	for (const secret of secrets) expect(printed).not.toContain(secret);
});
