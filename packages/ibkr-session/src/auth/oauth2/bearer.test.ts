import { generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import { IbkrVenue, type IbkrVenueOptions, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createIbkrHttp } from "../../index.ts";
import { createIbkrBearer, type IbkrBearerOptions } from "./index.ts";

const rsa = () =>
	generateKeyPairSync("rsa", {
		modulusLength: 2_048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
const pair = rsa();
const baseUrl = "https://api.ibkr.com/v1/api";
const own: IbkrBearerOptions = {
	clientId: "planted-client",
	keyId: "main",
	privateKey: pair.privateKey,
	credential: "planted-üser",
	ip: "192.0.2.7",
};

let venue: IbkrVenue;
let link: Link | undefined;

function begin(options: Partial<IbkrVenueOptions> = {}): typeof fetch {
	const client = { id: own.clientId, keyId: own.keyId, publicKey: pair.publicKey, credential: own.credential };
	venue = new IbkrVenue({ mode: "oauth2", loadMs: 0, pacing: false, client, ...options });
	link = new Link(venue);
	return memoryFetch(link, "192.0.2.7");
}

const paths = () => venue.received.map(({ path }) => path);

beforeEach(() => {
	vi.useFakeTimers({ now: 1_795_000_000_000 });
});

afterEach(() => {
	link?.close();
	vi.useRealTimers();
});

it("createIbkrBearer opens only one session for concurrent calls and authorizes every call with that session", async () => {
	const bearer = createIbkrBearer({ ...own, fetch: begin() });
	const client = createIbkrHttp({ baseUrl, fetch: bearer.fetch, authorize: bearer.authorize });
	await Promise.all([client.status(), client.status()]);
	expect(await client.validate()).toMatchObject({ kind: "valid" });
	expect(await client.init()).toMatchObject({ kind: "accepted" });
	expect(await client.tickle()).toMatchObject({ kind: "live" });
	expect(paths().slice(0, 2)).toEqual(["/oauth2/api/v1/token", "/gw/api/v1/sso-sessions"]);
	expect(paths().filter((path) => path.includes("sso-sessions"))).toHaveLength(1);
});

it("createIbkrBearer dates its JWTs back by 10 s, as the example in IBKR's documentation does", async () => {
	await createIbkrBearer({ ...own, fetch: begin() }).session();
	const claimsOf = (jwt = "") => JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
	const [token, session] = venue.received;
	const assertion = new URLSearchParams(token?.body).get("client_assertion") ?? "";
	const now = 1_795_000_000;
	expect(claimsOf(assertion)).toEqual({
		iss: own.clientId,
		sub: own.clientId,
		aud: "/token",
		iat: now - 10,
		exp: now + 20,
	});
	expect(claimsOf(session?.body)).toEqual({
		ip: "192.0.2.7",
		credential: own.credential,
		iss: own.clientId,
		iat: now - 10,
		exp: now - 10 + 86_400,
	});
});

it("createIbkrBearer renews the session an hour before it ends, and at once when renew() is called", async () => {
	const bearer = createIbkrBearer({ ...own, fetch: begin() });
	const client = createIbkrHttp({ baseUrl, fetch: bearer.fetch, authorize: bearer.authorize });
	const sessions = () => paths().filter((path) => path.includes("sso-sessions")).length;
	await client.status();
	// The session lasts a day and begins 10 s in the past. So an hour before its end is 23 hours minus 10 s from now.
	await vi.advanceTimersByTimeAsync(23 * 3_600_000 - 10_000 - 1);
	await client.status();
	expect(sessions()).toBe(1);
	await vi.advanceTimersByTimeAsync(1);
	await client.status();
	expect(sessions()).toBe(2);
	venue.faults["expireSso"]?.({});
	expect(await client.tickle()).toMatchObject({ kind: "no-session" });
	await bearer.renew();
	expect(await client.init()).toMatchObject({ kind: "accepted" });
});

it("createIbkrBearer calls the option `ip` for each new session, because the venue binds a session to an IP address", async () => {
	const client = {
		id: own.clientId,
		keyId: own.keyId,
		publicKey: pair.publicKey,
		credential: own.credential,
		bindAddress: true,
	};
	let ip = "192.0.2.8";
	const bearer = createIbkrBearer({ ...own, ip: async () => ip, fetch: begin({ client }) });
	const calls = createIbkrHttp({ pacing: false, baseUrl, fetch: bearer.fetch, authorize: bearer.authorize });
	expect(await calls.validate()).toMatchObject({ kind: "no-session" });
	ip = "192.0.2.7";
	await bearer.renew();
	expect(await calls.validate()).toMatchObject({ kind: "valid" });
});

it("createIbkrBearer keeps using a valid session while the function in the option `ip` hangs; a renewal fails after callTimeoutMs", async () => {
	let calls = 0;
	const ip = (): string | Promise<string> => (++calls === 1 ? "192.0.2.7" : new Promise<string>(() => undefined));
	const bearer = createIbkrBearer({ ...own, ip, fetch: begin(), callTimeoutMs: 5_000 });
	const client = createIbkrHttp({ baseUrl, fetch: bearer.fetch, authorize: bearer.authorize });
	await client.status();
	await vi.advanceTimersByTimeAsync(23 * 3_600_000);
	const status = client.status();
	await vi.advanceTimersByTimeAsync(2_000);
	expect(await status).toMatchObject({ kind: "status" });
	const renewal = bearer.renew().catch((error: unknown) => error);
	await vi.advanceTimersByTimeAsync(2_999);
	expect(await client.status()).toMatchObject({ kind: "status" });
	expect(await Promise.race([renewal, "pending"])).toBe("pending");
	await vi.advanceTimersByTimeAsync(1);
	expect(await renewal).toMatchObject({
		kind: "authorize",
		message: expect.stringContaining("option ip took longer than 5000 ms"),
	});
	expect(calls).toBe(2);
});

it.each<[string, () => unknown]>([
	["returns nothing", () => undefined],
	["returns an empty text", async () => ""],
	["returns a blank text", () => " "],
	["returns no text", () => 7],
	[
		"throws",
		() => {
			throw new Error("planted");
		},
	],
	["rejects", () => Promise.reject(new Error("planted"))],
])(
	"createIbkrBearer rejects with kind `authorize` and sends nothing when option `ip` %s, and retries after a minute",
	async (_how, answer) => {
		let calls = 0;
		// The cast allows a wrong value, which a program in plain JavaScript can pass.
		const ip = (() => (++calls === 1 ? answer() : "192.0.2.7")) as () => string;
		const bearer = createIbkrBearer({ ...own, ip, fetch: begin() });
		const client = createIbkrHttp({ baseUrl, fetch: bearer.fetch, authorize: bearer.authorize });
		const error = await client.status().catch((reason: unknown) => reason);
		expect(error).toMatchObject({ kind: "authorize", message: expect.stringContaining("option ip ") });
		expect(inspect(error)).not.toContain("planted");
		expect(venue.received).toHaveLength(0);
		await vi.advanceTimersByTimeAsync(60_000);
		expect(await client.status()).toMatchObject({ kind: "status" });
	},
);

it.each([-4_000, 4_000])(
	"createIbkrBearer logs in, and leaves clockOffsetMs at 0, when the venue's clock differs by only %i ms",
	async (ms) => {
		const bearer = createIbkrBearer({ ...own, fetch: begin({ clockOffsetMs: -ms }) });
		await bearer.session();
		expect(venue.received.map(({ status }) => status)).toEqual([200, 200]);
		expect(bearer.clockOffsetMs).toBe(0);
	},
);

it.each([-3_600_000, 3_600_000])(
	"createIbkrBearer measures the venue's clock when the venue refuses a login, and tries once more: clock offset %i ms",
	async (ms) => {
		const bearer = createIbkrBearer({ ...own, fetch: begin({ clockOffsetMs: ms }) });
		await bearer.session();
		expect(venue.received.map(({ status }) => status)).toEqual([400, 200, 200]);
		expect(Math.abs(bearer.clockOffsetMs - ms)).toBeLessThan(1_000);
	},
);

it("createIbkrBearer rejects when the session that the venue opened is not active", async () => {
	const inner = begin();
	const fetch: typeof globalThis.fetch = async (input, init) => {
		const reply = await inner(input, init);
		if (!String(input).endsWith("/sso-sessions")) return reply;
		return Response.json({ ...((await reply.json()) as object), active: false });
	};
	await expect(createIbkrBearer({ ...own, fetch }).session()).rejects.toMatchObject({ venueCode: "not-active" });
});

it.each([
	[400, "http"],
	[401, "venue"],
	[403, "http"],
	[500, "unavailable"],
] as const)(
	"createIbkrBearer reports the HTTP status with which the venue refuses a login: %i",
	async (status, kind) => {
		const fetch = begin();
		venue.faults["answer"]?.({ status, body: `{"type":"about:blank","title":"planted1","status":${status}}` });
		const error = await createIbkrBearer({ ...own, fetch })
			.session()
			.catch((reason: unknown) => reason);
		expect(error).toMatchObject({ status, kind });
		expect(inspect(error)).not.toContain("planted");
	},
);

it("createIbkrBearer does not retry when the venue does not know the key", async () => {
	const bearer = createIbkrBearer({ ...own, privateKey: rsa().privateKey, fetch: begin() });
	await expect(bearer.session()).rejects.toMatchObject({ kind: "http", status: 400 });
	expect(venue.received).toHaveLength(1);
});

it.each([
	["clientId", { clientId: "" }],
	["credential", { credential: " " }],
	["privateKey", { privateKey: "planted" }],
	["privateKey", { privateKey: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----" }],
	["ip", { ip: "" }],
	["renewBeforeMs", { renewBeforeMs: Number.NaN }],
])(
	"createIbkrBearer throws an OptionError, without the value, before anything is sent when %s is wrong",
	async (name, wrong) => {
		const fetch = begin();
		const made = async () => createIbkrBearer({ ...own, ...wrong, fetch }).session();
		const error = await made().catch((reason: unknown) => reason);
		expect(error).toMatchObject({ name: "OptionError", option: name });
		expect(inspect(error)).not.toContain("planted");
		expect(venue.received).toHaveLength(0);
	},
);

it("no object or error of createIbkrBearer prints the user, the client, the key or a token", async () => {
	const bearer = createIbkrBearer({ ...own, fetch: begin() });
	const session = await bearer.session();
	venue.faults["answer"]?.({ path: undefined, status: 403, body: "planted-üser" });
	const error = await bearer.renew().catch((reason: unknown) => reason);
	const printed = inspect([bearer, session, error], { depth: 10, showHidden: true });
	for (const secret of ["planted", session.token.reveal(), pair.privateKey]) expect(printed).not.toContain(secret);
});
