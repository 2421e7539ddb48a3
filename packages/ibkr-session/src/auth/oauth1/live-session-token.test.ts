import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clientOf, OAuth1Harness } from "./testing/oauth1-test-venue.ts";

let harness: OAuth1Harness;

beforeEach(() => {
	vi.useFakeTimers({ now: 1_795_000_000_000 });
	harness = new OAuth1Harness();
});

afterEach(() => {
	harness.close();
	vi.useRealTimers();
});

describe("the method liveSession() of an IbkrUser", () => {
	it("liveSession() repeats the key exchange with a new random number when the venue's signature of the token is wrong once", async () => {
		const user = harness.user();
		harness.pull("wrongProof", { times: 1 });
		const { token } = await user.liveSession();
		expect(token.reveal()).toBe(harness.pull("liveSessionToken"));
		const sent = harness
			.exchanges()
			.map(({ headers }) => /challenge="(\w+)"/.exec(headers["authorization"] ?? "")?.[1]);
		expect(new Set(sent).size).toBe(2);
	});

	it("liveSession() rejects when the venue's signature of the token is wrong twice, and no call is signed with that token", async () => {
		const user = harness.user();
		harness.pull("wrongProof", { times: 2 });
		await expect(clientOf(user).status()).rejects.toMatchObject({ kind: "venue", venueCode: "wrong-proof" });
		expect(harness.venue.received).toHaveLength(2);
	});

	it.each(["0", "1", (BigInt(`0x${OAuth1Harness.dhPrime}`) - 1n).toString(16), OAuth1Harness.dhPrime, "zz", ""])(
		"liveSession() refuses a number from the venue with which anybody could compute the key: %s",
		async (number) => {
			const reply = {
				diffie_hellman_response: number,
				live_session_token_signature: "00".repeat(20),
				live_session_token_expiration: 1_795_086_400_000,
			};
			const user = harness.user({ fetch: async () => Response.json(reply) });
			await expect(user.liveSession()).rejects.toMatchObject({ venueCode: "wrong-proof" });
		},
	);
});

describe("the renewal of a live session token", () => {
	it("a live session token is renewed by the first call in the last hour before the token ends", async () => {
		const client = clientOf(harness.user());
		await client.status();
		await vi.advanceTimersByTimeAsync(23 * 3_600_000 - 1);
		await client.status();
		expect(harness.exchanges()).toHaveLength(1);
		await vi.advanceTimersByTimeAsync(1);
		await client.status();
		expect(harness.exchanges()).toHaveLength(2);
	});

	it("a failed renewal of a live session token is repeated after a minute, and meanwhile calls use the old token", async () => {
		const client = clientOf(harness.user());
		await client.status();
		await vi.advanceTimersByTimeAsync(23 * 3_600_000);
		harness.pull("answer", { path: "/oauth/live_session_token", status: 503 });
		expect((await client.status()).kind).toBe("status");
		await vi.advanceTimersByTimeAsync(59_999);
		await client.status();
		expect(harness.exchanges()).toHaveLength(2);
		await vi.advanceTimersByTimeAsync(1);
		await client.status();
		expect(harness.exchanges()).toHaveLength(3);
	});

	it("a live session token ends a day after its creation when the venue sends the time of creation in place of the end", async () => {
		harness.close();
		harness = new OAuth1Harness({ lstExpiration: "start" });
		const { expiresAt, expiresForm } = await harness.user().liveSession();
		expect(Math.abs(expiresAt - (Date.now() + 86_400_000))).toBeLessThan(1_000);
		expect(expiresForm).toBe("start");
	});
});

describe("the venue's clock", () => {
	it.each([-7_200_000, 7_200_000])(
		"liveSession() measures the venue's clock when the venue refuses the key exchange, and repeats the exchange: clock offset %i ms",
		async (ms) => {
			harness.close();
			harness = new OAuth1Harness({ clockOffsetMs: ms });
			const user = harness.user();
			expect(await clientOf(user).init()).toMatchObject({ kind: "accepted" });
			expect(harness.exchanges().map(({ status }) => status)).toEqual([401, 200]);
			expect(Math.abs(user.clockOffsetMs - ms)).toBeLessThan(1_000);
			const { expiresAt } = await user.liveSession();
			expect(Math.abs(expiresAt - (Date.now() + ms + 86_400_000))).toBeLessThan(1_000);
		},
	);

	it("the timestamps that an IbkrUser signs do not go back when this machine's clock is set back", async () => {
		const client = clientOf(harness.user());
		await client.init();
		vi.setSystemTime(Date.now() - 3_000);
		expect(await client.status()).toMatchObject({ kind: "status" });
	});
});
