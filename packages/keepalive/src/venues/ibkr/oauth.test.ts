import { generateKeyPairSync, getDiffieHellman } from "node:crypto";
import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { createIbkrBearer } from "@x/ibkr-session/oauth";
import { createIbkrConsumer } from "@x/ibkr-session/oauth1";
import { type IbkrFault, IbkrVenue, type IbkrVenueOptions, Link, memoryFetch, type NetworkFault } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Keeper, keepalive } from "../../keeper.ts";
import { type IbkrSessionOptions, ibkr } from "./index.ts";

const rsa = () =>
	generateKeyPairSync("rsa", {
		modulusLength: 2_048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
const pair = rsa();
const dhPrime = getDiffieHellman("modp14").getPrime("hex");
const consumerKey = "ABCDEFGHI";

let venue: IbkrVenue;
let link: Link<IbkrFault>;
let keeper: Keeper | undefined;

const trigger = (fault: IbkrFault | NetworkFault, args: Record<string, unknown> = {}): unknown =>
	link.faults[fault](args);
const status = () => keeper?.snapshot()["ibkr"]?.status;
const made = (path: string) => venue.received.filter((request) => request.path.endsWith(path)).length;

function begin(options: IbkrVenueOptions): void {
	venue = new IbkrVenue({ pacing: true, loadMs: 500, ...options });
	link = new Link(venue);
}

const realTimeout = globalThis.setTimeout;

/** Advances the fake clock until the condition holds. Does so slowly, because Web Crypto runs in another thread in real time. */
async function until(holds: () => boolean): Promise<void> {
	while (!holds()) {
		await vi.advanceTimersByTimeAsync(50);
		await new Promise((resolve) => realTimeout(resolve, 2));
	}
}

/** Starts a keeper with a session over OAuth 1.0a. The simulator verifies the signature of each request. */
function keepOAuth1(options: Pick<IbkrSessionOptions, "tickleMs"> = {}): void {
	const keys = { signatureKey: pair.publicKey, encryptionKey: pair.publicKey };
	begin({ mode: "oauth1", consumer: { key: consumerKey, dhPrime, ...keys } });
	const { token, secret } = trigger("issue") as { token: string; secret: string };
	const penaltyBox = createIbkrPenaltyBox();
	const user = createIbkrConsumer({
		consumerKey,
		signatureKey: pair.privateKey,
		encryptionKey: pair.privateKey,
		dhParameters: dhPrime,
		fetch: memoryFetch(link),
		penaltyBox,
	}).user({ accessToken: token, accessTokenSecret: secret });
	const { authorize, renew, fetch } = user;
	const session = ibkr({ mode: "oauth1", client: { authorize, fetch, penaltyBox }, renew, ...options });
	keeper = keepalive([session], { random: () => 0 });
}

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(async () => {
	await keeper?.stop({ orders: "keep" });
	link.close();
	vi.useRealTimers();
});

it("an OAuth 1.0a session makes a live session token, sends an init and reads the accounts", async () => {
	keepOAuth1();
	await vi.advanceTimersByTimeAsync(5_000);
	expect(status()).toMatchObject({ state: "alive" });
	expect(venue.truth()).toMatchObject({ brokerage: "live", inits: 1 });
	expect(made("/sso/validate")).toBe(0);
});

it("an OAuth 1.0a session makes a new live session token if the old one is lost, without a person's help", async () => {
	keepOAuth1();
	await vi.advanceTimersByTimeAsync(5_000);
	trigger("expireSso");
	await vi.advanceTimersByTimeAsync(60_000 + 10_000);
	expect(status()).toMatchObject({ state: "alive" });
	expect(made("/live_session_token")).toBe(2);
	expect(venue.truth()).toMatchObject({ brokerage: "live", inits: 2 });
	expect(venue.received.every((request) => request.status !== 429)).toBe(true);
});

it("an OAuth 1.0a session makes a new live session token an hour before the old one expires", async () => {
	// A third of the default number of tickles, so that the simulation of three days takes only seconds.
	keepOAuth1({ tickleMs: 60_000 });
	await vi.advanceTimersByTimeAsync(3 * 86_400_000);
	expect(status()).toMatchObject({ state: "alive" });
	// The session makes a new token after 0, 23, 46 and 69 hours, and sends an init after each of them.
	expect(venue.truth()).toMatchObject({ brokerage: "live", inits: 4 });
	expect(keeper?.snapshot()["ibkr"]?.tally).toMatchObject({ losses: 3, recoveries: 3 });
});

it("an OAuth 1.0a session is blocked if its access token was revoked, and retries slowly", async () => {
	keepOAuth1();
	await vi.advanceTimersByTimeAsync(5_000);
	const [token] = /oauth_token="\w+"/.exec(venue.received.at(-1)?.headers["authorization"] ?? "") ?? [""];
	trigger("revoke", { token: token.slice(13, -1) });
	trigger("expireSso");
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect(status()).toMatchObject({ state: "blocked", todo: expect.stringContaining("token-refused") });
	expect(made("/live_session_token")).toBeLessThan(65);
});

it("an OAuth 1.0a session requests a token once an hour while the venue does not know the consumer key", async () => {
	keepOAuth1();
	const body = '{"error":"id: 7, error: invalid consumer","statusCode":401}';
	trigger("answer", { path: "/oauth/live_session_token", status: 401, body, times: 1_000 });
	await vi.advanceTimersByTimeAsync(5_000);
	expect(status()).toMatchObject({
		state: "blocked",
		todo: expect.stringContaining("days to activate a new consumer key"),
		cause: { message: expect.stringContaining('"id: 7, error: invalid consumer"') },
	});
	await vi.advanceTimersByTimeAsync(24 * 3_600_000);
	// The session requests a token after 0, 1, 3, 7, 15, 31 and 63 minutes, and then every hour.
	expect(made("/live_session_token")).toBeLessThanOrEqual(30);
	expect(status()).toMatchObject({ cause: { message: expect.stringContaining("invalid consumer") } });
});

it("a session without the option `renew` sends a tickle once an hour while the venue does not know the consumer key", async () => {
	begin({ mode: "oauth1", start: "live" });
	const body = '{"error":"id: 7, error: invalid consumer","statusCode":401}';
	trigger("answer", { status: 401, body, times: 1_000 });
	const client = { authorize: () => ({ authorization: "OAuth x" }), fetch: memoryFetch(link) };
	keeper = keepalive([ibkr({ mode: "oauth1", client: { ...client, penaltyBox: createIbkrPenaltyBox() } })], {
		random: () => 0,
	});
	await vi.advanceTimersByTimeAsync(24 * 3_600_000);
	expect(venue.received.length).toBeLessThanOrEqual(40);
	expect(status()).toMatchObject({ state: "blocked", cause: { message: expect.stringContaining("invalid consumer") } });
});

it("an OAuth 1.0a session is blocked if each new live session token has a wrong signature, and never uses such a token", async () => {
	keepOAuth1();
	trigger("wrongProof", { times: 1_000 });
	await vi.advanceTimersByTimeAsync(5_000);
	expect(status()).toMatchObject({ state: "blocked", todo: expect.stringContaining("wrong-proof") });
	expect(venue.received.every(({ path }) => path.endsWith("/live_session_token"))).toBe(true);
});

it("an OAuth 2.0 session makes a new bearer token if the old one is lost, and then sends an init", async () => {
	const client = { id: "client", keyId: "main", publicKey: pair.publicKey, credential: "user" };
	begin({ mode: "oauth2", client });
	const penaltyBox = createIbkrPenaltyBox();
	const bearer = createIbkrBearer({
		clientId: "client",
		keyId: "main",
		privateKey: pair.privateKey,
		credential: "user",
		ip: "192.0.2.7",
		fetch: memoryFetch(link),
		penaltyBox,
	});
	const { authorize, renew, fetch } = bearer;
	keeper = keepalive([ibkr({ mode: "oauth2", client: { authorize, fetch, penaltyBox }, renew })], { random: () => 0 });
	// Web Crypto runs in another thread, for which the fake clock does not wait.
	await bearer.session();
	await vi.advanceTimersByTimeAsync(5_000);
	expect(status()).toMatchObject({ state: "alive" });
	trigger("expireSso");
	await until(() => made("/gw/api/v1/sso-sessions") === 2);
	await vi.advanceTimersByTimeAsync(10_000);
	expect(status()).toMatchObject({ state: "alive" });
	expect(venue.truth()).toMatchObject({ brokerage: "live", inits: 2 });
});

it("all sessions that share a penalty box (the record of blocks) send nothing for 15 minutes after a 429", async () => {
	begin({});
	const elsewhere = new IbkrVenue();
	const second = new Link(elsewhere);
	const penaltyBox = createIbkrPenaltyBox();
	const one = ibkr({ client: { fetch: memoryFetch(link), penaltyBox } });
	const other = ibkr({ client: { fetch: memoryFetch(second), penaltyBox }, name: "second", tickleMs: 30_000 });
	keeper = keepalive([one, other], { random: () => 0 });
	await vi.advanceTimersByTimeAsync(10_000);
	expect(keeper.snapshot()["second"]?.status.state).toBe("alive");
	trigger("answer", { status: 429 });
	await expect(one.handle?.status()).rejects.toMatchObject({ kind: "banned" });
	const sent = () => venue.received.length + elsewhere.received.length;
	const before = sent();
	await vi.advanceTimersByTimeAsync(899_999);
	expect(sent()).toBe(before);
	await vi.advanceTimersByTimeAsync(60_000);
	expect(keeper.snapshot()["ibkr"]?.status.state).toBe("alive");
	expect(keeper.snapshot()["second"]?.status.state).toBe("alive");
	second.close();
});
