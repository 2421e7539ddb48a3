import { expect, it } from "vitest";
import type { LeaderStore } from "../leader/index.ts";

const { signal } = new AbortController();
const ttlMs = 60_000;
let names = 0;

/** Returns a name that no other test uses. */
export function newLeaderName(): string {
	names += 1;
	return `session ${names}`;
}

/**
 * Registers the tests that every leader store has to pass.
 *
 * @param store - makes a new store for each process of a test; all stores use the same engine.
 */
export function testLeaderStore(store: () => LeaderStore): void {
	it("when ten processes call take() at the same time, one becomes the leader, and the others are told which process leads", async () => {
		const name = newLeaderName();
		const results = await Promise.all(
			Array.from({ length: 10 }, (_, index) => store().take(name, `holder ${index}`, ttlMs, signal)),
		);
		const winner = results.findIndex(({ isTaken }) => isTaken);
		expect(results.filter(({ isTaken }) => isTaken)).toHaveLength(1);
		for (const result of results) {
			if (result.isTaken) continue;
			expect(result.leader).toMatchObject({ holder: `holder ${winner}`, epoch: epochOf(results[winner]) });
			expect(result.leader.expiresInMs).toBeGreaterThan(0);
			expect(result.leader.expiresInMs).toBeLessThanOrEqual(ttlMs);
			expect(result.leader.ledForMs).toBeGreaterThanOrEqual(0);
		}
	});

	it("take() returns a higher epoch each time, even to a leader that calls take() again because the answer to its first call was lost", async () => {
		const name = newLeaderName();
		const first = epochOf(await store().take(name, "a", ttlMs, signal));
		const second = epochOf(await store().take(name, "a", ttlMs, signal));
		await store().release(name, "a", second, signal);
		const third = epochOf(await store().take(name, "b", ttlMs, signal));
		expect([second > first, third > second]).toEqual([true, true]);
	});

	it("renew() returns true only for the present leader with its own epoch", async () => {
		const name = newLeaderName();
		const epoch = epochOf(await store().take(name, "a", ttlMs, signal));
		expect(await store().renew(name, "a", epoch, ttlMs, signal)).toBe(true);
		expect(await store().renew(name, "a", epoch + 1, ttlMs, signal)).toBe(false);
		expect(await store().renew(name, "b", epoch, ttlMs, signal)).toBe(false);
		expect(await store().renew(name, "a", epoch, ttlMs, signal)).toBe(true);
	});

	it("renew() returns false after release(): a renewal that arrives late must not take the lead back", async () => {
		const name = newLeaderName();
		const epoch = epochOf(await store().take(name, "a", ttlMs, signal));
		await store().release(name, "a", epoch, signal);
		expect(await store().renew(name, "a", epoch, ttlMs, signal)).toBe(false);
		expect(await store().take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: true });
	});

	it("take() returns the last text that the previous leader has left for the next leader, with the age of the text", async () => {
		const name = newLeaderName();
		const first = await store().take(name, "a", ttlMs, signal);
		expect(first).not.toHaveProperty("note");
		const epoch = epochOf(first);
		const note = JSON.stringify({ text: "it's é".repeat(2_000) });
		await store().renew(name, "a", epoch, ttlMs, signal, "an earlier one");
		await store().renew(name, "a", epoch, ttlMs, signal, note);
		await store().renew(name, "a", epoch, ttlMs, signal);
		expect(await store().renew(name, "b", epoch, ttlMs, signal, "of one that does not lead")).toBe(false);
		await store().release(name, "a", epoch, signal);
		const next = await store().take(name, "b", ttlMs, signal);
		expect(next).toMatchObject({ isTaken: true, note: { text: note, ageMs: expect.any(Number) } });
		const ageMs = next.isTaken ? (next.note?.ageMs ?? -1) : -1;
		expect([ageMs >= 0, ageMs < 60_000]).toEqual([true, true]);
	});

	it("release() does nothing for another holder or another epoch", async () => {
		const name = newLeaderName();
		const epoch = epochOf(await store().take(name, "a", ttlMs, signal));
		await store().release(name, "a", epoch + 1, signal);
		await store().release(name, "b", epoch, signal);
		expect(await store().take(name, "b", ttlMs, signal)).toMatchObject({ isTaken: false, leader: { holder: "a" } });
	});
}

/**
 * The epoch in the result of `take()`.
 *
 * @throws when the lead was not taken.
 */
export function epochOf(result: Awaited<ReturnType<LeaderStore["take"]>> | undefined): number {
	return result?.isTaken ? result.epoch : expect.fail("the lead was not taken");
}
