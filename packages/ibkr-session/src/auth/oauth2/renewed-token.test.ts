import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { IbkrError } from "../../errors.ts";
import { RenewedToken } from "./renewed-token.ts";

const hourMs = 3_600_000;
let made = 0;

/**
 * A RenewedToken whose tokens have the lifetime `lifeMs`. The function `fails` gets the number of an attempt and
 * returns whether the attempt fails.
 */
function tokens(lifeMs: number, earlyMs: number, fails: (attempt: number) => boolean = () => false) {
	made = 0;
	const make = async () => {
		made += 1;
		if (fails(made)) throw new Error("not now");
		return { expiresAt: Date.now() + lifeMs };
	};
	return new RenewedToken(make, Date.now, earlyMs);
}

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	vi.useRealTimers();
});

it("RenewedToken renews a short-lived token after half of its lifetime, not for each call", async () => {
	const token = tokens(3 * hourMs, 12 * hourMs);
	await token.get();
	await vi.advanceTimersByTimeAsync(1.5 * hourMs - 1);
	for (let call = 0; call < 100; call++) await token.get();
	expect(made).toBe(1);
	await vi.advanceTimersByTimeAsync(1);
	await token.get();
	expect(made).toBe(2);
});

it.each([0, -hourMs, 1_000])(
	"RenewedToken creates a token at most once a minute when each token expires within a second: lifetime %i ms",
	async (lifeMs) => {
		const token = tokens(lifeMs, hourMs);
		for (let second = 0; second < 120; second++) {
			await token.get();
			await vi.advanceTimersByTimeAsync(1_000);
		}
		expect(made).toBe(2);
	},
);

it("RenewedToken does not return an expired token when the renewal fails", async () => {
	const token = tokens(hourMs, 60_000, (attempt) => attempt > 1);
	await token.get();
	await vi.advanceTimersByTimeAsync(hourMs);
	await expect(token.get()).rejects.toThrow("not now");
});

it("RenewedToken waits at most 2 s for a renewal while the current token is valid, and then returns the current token", async () => {
	const hung = Promise.withResolvers<{ expiresAt: number }>();
	const first = { expiresAt: Date.now() + 2 * hourMs };
	let attempts = 0;
	const token = new RenewedToken(() => (++attempts === 1 ? Promise.resolve(first) : hung.promise), Date.now, hourMs);
	await token.get();
	await vi.advanceTimersByTimeAsync(hourMs);
	const got: unknown[] = [];
	void token.get().then((value) => got.push(value));
	await vi.advanceTimersByTimeAsync(1_999);
	expect(got).toEqual([]);
	await vi.advanceTimersByTimeAsync(1);
	expect(got).toEqual([first]);
	void token.get().then((value) => got.push(value));
	await vi.advanceTimersByTimeAsync(0);
	expect(got).toEqual([first, first]);
	const second = { expiresAt: Date.now() + 24 * hourMs };
	hung.resolve(second);
	await vi.advanceTimersByTimeAsync(0);
	expect(await token.get()).toBe(second);
	expect(attempts).toBe(2);
});

it.each([
	["has expired", 0],
	["expires meanwhile", 1_000],
])("RenewedToken waits for the renewal when the current token %s", async (_what, leftMs) => {
	const hung = Promise.withResolvers<{ expiresAt: number }>();
	let attempts = 0;
	const token = new RenewedToken(
		() => (++attempts === 1 ? Promise.resolve({ expiresAt: Date.now() + hourMs }) : hung.promise),
		Date.now,
		leftMs,
	);
	await token.get();
	await vi.advanceTimersByTimeAsync(hourMs - leftMs);
	const got: unknown[] = [];
	void token.get().then((value) => got.push(value));
	await vi.advanceTimersByTimeAsync(60_000);
	expect(got).toEqual([]);
	const second = { expiresAt: Date.now() + hourMs };
	hung.resolve(second);
	await vi.advanceTimersByTimeAsync(0);
	expect(got).toEqual([second]);
});

it("RenewedToken renews a token a minute after its creation (the shortest pause) when the clock was set forward past its end", async () => {
	const token = tokens(10_000, 0);
	await token.get();
	vi.setSystemTime(Date.now() + 20_000);
	await vi.advanceTimersByTimeAsync(60_000);
	await token.get();
	expect(made).toBe(2);
});

/**
 * How many attempts to create a token are made within `ms` when a caller asks for a token every second and all attempts
 * fail.
 */
async function attemptsIn(ms: number, kind: IbkrError["kind"], venueCode?: string): Promise<number> {
	let attempts = 0;
	const token = new RenewedToken(
		async () => {
			attempts += 1;
			throw new IbkrError(kind, `attempt ${attempts}`, { call: "POST /oauth/live_session_token", venueCode });
		},
		Date.now,
		0,
	);
	for (let second = 0; second < ms / 1_000; second++) {
		await expect(token.get()).rejects.toThrow(`attempt ${attempts}`);
		await vi.advanceTimersByTimeAsync(1_000);
	}
	return attempts;
}

it.each([
	// While the venue refuses all attempts, they are made after 0, 1, 3, 7, 15 and 31 minutes and then every 30 minutes.
	["venue", 8],
	["http", 8],
	["unavailable", 120],
	["timeout", 120],
	["network", 7_200],
] as const)(
	"RenewedToken pauses between failed attempts for as long as the kind of the error requires: %s",
	async (kind, attempts) => {
		expect(await attemptsIn(2 * hourMs, kind)).toBe(attempts);
	},
);

it("RenewedToken pauses up to an hour between attempts while the venue does not know the consumer key", async () => {
	// While the venue refuses all attempts, they are made after 0, 1, 3, 7, 15, 31, 63, 123 and 183 minutes.
	expect(await attemptsIn(4 * hourMs, "venue", "invalid-consumer")).toBe(9);
});

it("RenewedToken returns to the shortest pause after an attempt has succeeded", async () => {
	const token = tokens(30_000, 0, (attempt) => attempt % 2 === 0);
	for (let minute = 0; minute < 6; minute++) {
		await token.get().catch(() => undefined);
		await vi.advanceTimersByTimeAsync(60_000);
	}
	expect(made).toBe(6);
});
