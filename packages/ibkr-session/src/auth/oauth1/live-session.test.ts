import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { clientOf, Desk } from "./testing/desk.ts";

let desk: Desk;

beforeEach(() => {
	vi.useFakeTimers({ now: 1_795_000_000_000 });
	desk = new Desk();
});

afterEach(() => {
	desk.close();
	vi.useRealTimers();
});

describe("the proof of a live session token", () => {
	it("that is wrong once is never used, and a second exchange with another number follows", async () => {
		const user = desk.user();
		desk.pull("wrongProof", { times: 1 });
		const { token } = await user.liveSession();
		expect(token.reveal()).toBe(desk.pull("liveSessionToken"));
		const sent = desk.exchanges().map(({ headers }) => /challenge="(\w+)"/.exec(headers["authorization"] ?? "")?.[1]);
		expect(new Set(sent).size).toBe(2);
	});

	it("that is wrong twice is an error, and no call is signed with that token", async () => {
		const user = desk.user();
		desk.pull("wrongProof", { times: 2 });
		await expect(clientOf(user).status()).rejects.toMatchObject({ kind: "venue", venueCode: "wrong-proof" });
		expect(desk.venue.received).toHaveLength(2);
	});

	it.each(["0", "1", (BigInt(`0x${Desk.dhPrime}`) - 1n).toString(16), Desk.dhPrime, "zz", ""])(
		"is not even looked at for a number that makes the key known to all: %s",
		async (number) => {
			const reply = {
				diffie_hellman_response: number,
				live_session_token_signature: "00".repeat(20),
				live_session_token_expiration: 1_795_086_400_000,
			};
			const user = desk.user({ fetch: async () => Response.json(reply) });
			await expect(user.liveSession()).rejects.toMatchObject({ venueCode: "wrong-proof" });
		},
	);
});

describe("the end of a live session token", () => {
	it("is an hour away when the next one is made, not a moment more", async () => {
		const client = clientOf(desk.user());
		await client.status();
		await vi.advanceTimersByTimeAsync(23 * 3_600_000 - 1);
		await client.status();
		expect(desk.exchanges()).toHaveLength(1);
		await vi.advanceTimersByTimeAsync(1);
		await client.status();
		expect(desk.exchanges()).toHaveLength(2);
	});

	it("is not brought nearer by an early renewal that fails: it goes on, and tries again a minute later", async () => {
		const client = clientOf(desk.user());
		await client.status();
		await vi.advanceTimersByTimeAsync(23 * 3_600_000);
		desk.pull("answer", { path: "/oauth/live_session_token", status: 503 });
		expect((await client.status()).kind).toBe("status");
		await vi.advanceTimersByTimeAsync(59_999);
		await client.status();
		expect(desk.exchanges()).toHaveLength(2);
		await vi.advanceTimersByTimeAsync(1);
		await client.status();
		expect(desk.exchanges()).toHaveLength(3);
	});

	it("is a day from the making where the venue sends the instant of the making", async () => {
		desk.close();
		desk = new Desk({ lstExpiration: "start" });
		const { expiresAt, expiresForm } = await desk.user().liveSession();
		expect(Math.abs(expiresAt - (Date.now() + 86_400_000))).toBeLessThan(1_000);
		expect(expiresForm).toBe("start");
	});
});

describe("the venue's clock", () => {
	it.each([-7_200_000, 7_200_000])("is learned from a refusal, and the exchange made once more: %i ms", async (ms) => {
		desk.close();
		desk = new Desk({ clockOffsetMs: ms });
		const user = desk.user();
		expect(await clientOf(user).init()).toMatchObject({ kind: "accepted" });
		expect(desk.exchanges().map(({ status }) => status)).toEqual([401, 200]);
		expect(Math.abs(user.clockOffsetMs - ms)).toBeLessThan(1_000);
		const { expiresAt } = await user.liveSession();
		expect(Math.abs(expiresAt - (Date.now() + ms + 86_400_000))).toBeLessThan(1_000);
	});

	it("does not go back between two signatures when this machine's does", async () => {
		const client = clientOf(desk.user());
		await client.init();
		vi.setSystemTime(Date.now() - 3_000);
		expect(await client.status()).toMatchObject({ kind: "status" });
	});
});
