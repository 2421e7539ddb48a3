import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Renewing } from "./renewing.ts";

const hourMs = 3_600_000;
let made = 0;

/** Tokens with so much life in them; `fails` decides by the number of the attempt. */
function tokens(lifeMs: number, earlyMs: number, fails: (attempt: number) => boolean = () => false) {
	made = 0;
	const make = async () => {
		made += 1;
		if (fails(made)) throw new Error("not now");
		return { expiresAt: Date.now() + lifeMs };
	};
	return new Renewing(make, Date.now, earlyMs);
}

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	vi.useRealTimers();
});

it("a token that lives for less than the lead is made again at half of its life, not for each call", async () => {
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
	"a token that ended when it was made is made once a minute at most: %i ms",
	async (lifeMs) => {
		const token = tokens(lifeMs, hourMs);
		for (let second = 0; second < 120; second++) {
			await token.get();
			await vi.advanceTimersByTimeAsync(1_000);
		}
		expect(made).toBe(2);
	},
);

it("a token past its end is not handed out when no other can be made", async () => {
	const token = tokens(hourMs, 60_000, (attempt) => attempt > 1);
	await token.get();
	await vi.advanceTimersByTimeAsync(hourMs);
	await expect(token.get()).rejects.toThrow("not now");
});

it("the clock of this machine set back does not stop the renewal once a minute has passed", async () => {
	const token = tokens(10_000, 0);
	await token.get();
	vi.setSystemTime(Date.now() + 20_000);
	await vi.advanceTimersByTimeAsync(60_000);
	await token.get();
	expect(made).toBe(2);
});
