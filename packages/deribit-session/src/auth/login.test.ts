import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { inspect } from "node:util";
import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { DeribitError } from "../errors.ts";
import { connectDeribit } from "../socket/connect.ts";
import { checkDeribitCredentials, type DeribitCredentials } from "./credentials-and-tokens.ts";
import { DeribitSessionNames } from "./session-name-registry.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { clientId, clientSecret };
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function connect(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const open = (sessionNames?: DeribitSessionNames) =>
		connectDeribit({ WebSocket: memoryWebSocket(link), ...(sessionNames && { sessionNames }) });
	const triggerFault = (fault: keyof typeof link.faults, args = {}): unknown => link.faults[fault](args);
	const grants = (): unknown[] =>
		venue.received
			.filter(({ method }) => method === "public/auth")
			.map(({ params }) => (params as { grant_type: string }).grant_type);
	return { venue, link, open, triggerFault, grants, connection: await open() };
}

const failure = (promise: Promise<unknown>): Promise<DeribitError> =>
	promise.then(
		() => expect.fail("it succeeded"),
		(error: DeribitError) => error,
	);

describe("DeribitConnection.authenticate", () => {
	it("authenticate() sends a fresh nonce and signature, and no secret, when the grant is client_signature", async () => {
		const { connection, venue } = await connect();
		const granted = await connection.authenticate({
			...credentials,
			grant: "client_signature",
			authScope: "account:read",
		});
		expect(granted.authScope).toContain("account:read");
		const params = venue.received[0]?.params as Record<string, string>;
		expect(Object.keys(params).sort()).toEqual(
			["client_id", "data", "grant_type", "nonce", "scope", "signature", "timestamp"].sort(),
		);
		expect(JSON.stringify(venue.received)).not.toContain(clientSecret);
		await connection.authenticate({ ...credentials, grant: "client_signature" });
		const shown = inspect(connection, { depth: 10, showHidden: true });
		expect(shown).not.toContain(params["signature"]);
	});

	it("authenticate() takes the nonce from the option crypto when the grant is client_signature", async () => {
		const { link } = await connect();
		const getRandomValues = vi.fn((array: Uint8Array) => array.fill(7));
		const crypto = { subtle: globalThis.crypto.subtle, getRandomValues } as unknown as typeof globalThis.crypto;
		const connection = await connectDeribit({ WebSocket: memoryWebSocket(link), crypto });
		await connection.authenticate({ ...credentials, grant: "client_signature" });
		expect(getRandomValues).toHaveBeenCalledOnce();
	});

	it("authenticate() fails with invalid_credentials (13004) when the secret is wrong, with either grant", async () => {
		const { connection } = await connect();
		const wrong = { clientId, clientSecret: "wrong-secret" } as const;
		expect(await failure(connection.authenticate({ ...wrong, grant: "client_signature" }))).toMatchObject({
			venueCode: 13004,
		});
		expect(await failure(connection.authenticate(wrong))).toMatchObject({ venueCode: 13004, data: undefined });
	});

	it("authenticate() rejects an unknown grant without sending a request", async () => {
		const { connection, venue } = await connect();
		// @ts-expect-error: `grant` is not one of the allowed values.
		const wrong: DeribitCredentials = { ...credentials, grant: "password" };
		expect(await failure(connection.authenticate(wrong))).toMatchObject({ name: "OptionError", option: "grant" });
		expect(venue.received).toEqual([]);
	});
});

describe("DeribitConnection.renew", () => {
	it("renewInMs reaches 0 after exactly 80 % of the tokens' lifetime", async () => {
		const { connection } = await connect();
		expect(connection.renewInMs).toBeUndefined();
		await connection.authenticate({ ...credentials, authScope: "account:read expires:50" });
		expect(connection.renewInMs).toBe(40_000);
		await vi.advanceTimersByTimeAsync(39_999);
		expect(connection.renewInMs).toBe(1);
		await vi.advanceTimersByTimeAsync(1);
		expect(connection.renewInMs).toBe(0);
	});

	it("renewInMs is 292 days (80 % of a year) when the tokens last a year", async () => {
		const { connection } = await connect();
		await connection.authenticate(credentials);
		expect(connection.renewInMs).toBe(292 * 86_400_000);
	});

	it("renewInMs follows the wall clock when the machine was suspended", async () => {
		const { connection } = await connect();
		await connection.authenticate({ ...credentials, authScope: "expires:100" });
		vi.setSystemTime(Date.now() + 90_000);
		expect(connection.renewInMs).toBe(-10_000);
		vi.setSystemTime(Date.now() - 200_000);
		expect(connection.renewInMs).toBe(80_000);
	});

	it("renew() sends the refresh token that the previous renewal returned", async () => {
		const { connection, venue, grants } = await connect();
		await connection.authenticate({ ...credentials, authScope: "account:read_write session:renewed" });
		const tokens = [connection.tokens()];
		for (let count = 0; count < 2; count += 1) {
			await connection.renew();
			tokens.push(connection.tokens());
		}
		expect(grants()).toEqual(["client_credentials", "refresh_token", "refresh_token"]);
		expect(venue.received.slice(1).map(({ params }) => params)).toMatchObject([
			{ refresh_token: tokens[0]?.refreshToken },
			{ refresh_token: tokens[1]?.refreshToken },
		]);
		expect(new Set(tokens.map((each) => each?.accessToken)).size).toBe(3);
		expect(connection.renewInMs).toBe(0.8 * 900_000);
	});

	it("renew() shares one renewal when it is called concurrently", async () => {
		const { connection, grants } = await connect();
		await connection.authenticate(credentials);
		const renewals = [connection.renew(), connection.renew(), connection.renew()];
		const [first, ...others] = await Promise.all(renewals);
		expect(others).toEqual([first, first]);
		expect(grants()).toEqual(["client_credentials", "refresh_token"]);
		await connection.renew();
		expect(grants()).toHaveLength(3);
	});

	it("renew() logs in with the credentials once when the venue refuses the refresh token as spent (-32602)", async () => {
		const { connection, open, grants, triggerFault } = await connect();
		const login = { ...credentials, authScope: "account:read_write session:spent" };
		await connection.authenticate(login);
		// Another program logs in with the same session name. The registry of session names in this program cannot know of
		// that login.
		await (await open(new DeribitSessionNames())).authenticate({ ...credentials, authScope: "session:spent" });
		expect((await connection.renew()).authScope).toContain("session:spent");
		expect(grants().slice(2)).toEqual(["refresh_token", "client_credentials"]);
		triggerFault("suppressAnswers", { methods: ["public/auth"] });
		const slow = failure(connection.renew({ timeoutMs: 1_000 }));
		await vi.advanceTimersByTimeAsync(1_000);
		expect(await slow).toMatchObject({ kind: "timeout" });
		triggerFault("suppressAnswers", { on: false });
		// The venue accepted the refresh token, and only the venue's reply was lost. Therefore the refresh token that the client
		// holds is spent.
		await connection.renew();
		expect(grants().slice(4)).toEqual(["refresh_token", "refresh_token", "client_credentials"]);
	});

	it("renew() sends nothing after the venue refused the credentials (13004) until authenticate() succeeds", async () => {
		const { connection, triggerFault, grants } = await connect();
		await connection.authenticate({ ...credentials, authScope: "session:stop" });
		triggerFault("revoke");
		triggerFault("spendRefreshTokens");
		const refused = await failure(connection.renew());
		expect(refused).toMatchObject({ venueCode: 13004 });
		expect(await failure(connection.renew())).toBe(refused);
		expect(grants()).toEqual(["client_credentials", "refresh_token", "client_credentials"]);
		triggerFault("revoke", { on: false });
		await connection.authenticate(credentials);
		await connection.renew();
		expect(grants().slice(3)).toEqual(["client_credentials", "refresh_token"]);
	});

	it("renew() fails when authenticate() was never called or the connection has ended", async () => {
		const { connection, venue, open } = await connect();
		expect(await failure(connection.renew())).toMatchObject({ kind: "request" });
		await connection.authenticate(credentials);
		const { refreshToken = "" } = connection.tokens() ?? {};
		await connection.disconnect();
		expect(await failure(connection.renew())).toMatchObject({ kind: "closed", why: "disconnect" });
		// A new connection logs in with the credentials and never uses the tokens of the old connection.
		const next = await open();
		await next.authenticate(credentials);
		await next.renew();
		const sent = JSON.stringify(venue.received.filter(({ via }) => via === "connection-2"));
		expect(sent).not.toContain(refreshToken);
	});

	it("renew() shows no secret when the connection and the error are printed", async () => {
		const { connection, triggerFault } = await connect();
		await connection.authenticate(credentials);
		const before = connection.tokens();
		triggerFault("revoke");
		triggerFault("spendRefreshTokens");
		const refused = await failure(connection.renew());
		const shown = inspect([connection, refused], { depth: 10, showHidden: true });
		for (const secret of [clientId, clientSecret, before?.accessToken, before?.refreshToken]) {
			expect(secret).toMatch(/.{5}/);
			expect(shown).not.toContain(secret);
		}
	});
});

describe("the option signer of the credentials", () => {
	const hmac = (text: string): string => createHmac("sha256", clientSecret).update(text).digest("hex");
	const pemOf = (key: KeyObject): string => String(key.export({ type: "spki", format: "pem" }));

	it("the option signer signs each login, and each renewal whose refresh token is spent, so that the secret is never sent", async () => {
		const { connection, venue, grants, triggerFault } = await connect();
		const signer = vi.fn(async (text: string) => hmac(text));
		const authScope = "account:read session:kept";
		const granted = await connection.authenticate({ clientId, signer, authScope });
		expect(granted.authScope).toContain("account:read");
		await connection.renew();
		triggerFault("spendRefreshTokens");
		await connection.renew();
		expect(grants()).toEqual(["client_signature", "refresh_token", "refresh_token", "client_signature"]);
		expect(signer.mock.calls.map(([text]) => text)).toEqual([
			expect.stringMatching(/^\d{13}\n[0-9a-f]{32}\n$/),
			expect.stringMatching(/^\d{13}\n[0-9a-f]{32}\n$/),
		]);
		expect(JSON.stringify(venue.received)).not.toContain(clientSecret);
	});

	it.each([
		["Ed25519", null, generateKeyPairSync("ed25519")],
		["RSA", "sha256", generateKeyPairSync("rsa", { modulusLength: 2_048 })],
	] as const)(
		"the option signer can sign logins and renewals with a key other than an HMAC key: %s",
		async (_, hash, { publicKey, privateKey }) => {
			const { connection, venue, grants, triggerFault } = await connect({ publicKey: pemOf(publicKey) });
			const signer = (text: string): string => sign(hash, Buffer.from(text), privateKey).toString("base64url");
			await connection.authenticate({ clientId, signer });
			await connection.renew();
			triggerFault("spendRefreshTokens");
			expect((await connection.renew()).authScope).toContain("account:read_write");
			expect(grants()).toEqual(["client_signature", "refresh_token", "refresh_token", "client_signature"]);
			const [first, last] = [venue.received.at(0), venue.received.at(-1)].map((request) => request?.params);
			expect(first).toEqual({
				grant_type: "client_signature",
				client_id: clientId,
				timestamp: Date.now(),
				nonce: expect.stringMatching(/^[0-9a-f]{32}$/),
				data: "",
				signature: expect.any(String),
			});
			// The venue accepts each nonce only once, so the second login needs a new nonce.
			expect(last).not.toMatchObject({ nonce: (first as { nonce: string }).nonce });
		},
	);

	it("the option signer makes the login fail with invalid_credentials (13004) when it signs with the wrong private key", async () => {
		const pair = () => generateKeyPairSync("ed25519");
		const { connection, grants } = await connect({ publicKey: pemOf(pair().publicKey) });
		const { privateKey } = pair();
		const signer = (text: string): string => sign(null, Buffer.from(text), privateKey).toString("base64url");
		const error = await failure(connection.authenticate({ clientId, signer }));
		expect(error).toMatchObject({ venueCode: 13004 });
		expect(grants()).toEqual(["client_signature"]);
	});

	it.each<[string, () => unknown, string]>([
		[
			"throws",
			() => {
				throw new Error("planted-secret");
			},
			"the option signer failed with an unexpected Error",
		],
		["rejects", () => Promise.reject("planted-secret"), "the option signer failed with an unexpected string"],
		["returns nothing", () => undefined, "the option signer returned no signature"],
		["returns an empty string", () => "", "the option signer returned no signature"],
	])("the login fails, with no text of the signer's own error, when the signer %s", async (_, signer, message) => {
		const { connection, grants } = await connect();
		const error = await failure(connection.authenticate({ clientId, signer: signer as () => string }));
		expect(error).toMatchObject({ kind: "request", call: "public/auth" });
		expect(error.message).toContain(message);
		expect(inspect(error, { depth: 10, showHidden: true })).not.toContain("planted-secret");
		expect(grants()).toEqual([]);
	});

	it("the option signer makes the login fail at the deadline of the call when the signer never returns", async () => {
		const { connection } = await connect();
		const signer = () => new Promise<string>(() => undefined);
		const login = failure(connection.authenticate({ clientId, signer }, { timeoutMs: 500 }));
		await vi.advanceTimersByTimeAsync(500);
		expect(await login).toMatchObject({ kind: "timeout", call: "public/auth" });
	});

	it("the option signer cannot be combined with clientSecret or with the grant client_credentials", () => {
		const signer = (text: string): string => text;
		const wrong = [
			// @ts-expect-error credentials with both a secret and a signer
			{ clientId, clientSecret, signer } satisfies DeribitCredentials,
			// @ts-expect-error a signer with the grant that sends the secret
			{ clientId, signer, grant: "client_credentials" } satisfies DeribitCredentials,
			// @ts-expect-error credentials with neither a secret nor a signer
			{ clientId } satisfies DeribitCredentials,
		];
		const messages = wrong.map((each) => {
			try {
				checkDeribitCredentials(each as DeribitCredentials);
				return "";
			} catch (error) {
				return String(error);
			}
		});
		expect(messages).toEqual([
			expect.stringContaining("option clientSecret must be left out when signer is given, got a value of type string"),
			expect.stringContaining('option grant must be "client_signature", got'),
			expect.stringContaining("option clientSecret must be a non-empty string"),
		]);
	});
});
