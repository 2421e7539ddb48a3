import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CallQueue, type NoTurn, type Turn } from "./call-queue.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

const reservation = { acquired: true, waitMs: 0, start: () => 0 } as const;
const { signal } = new AbortController();

/** A queue before a rate limiter that allows all, and the turns in their order. */
function queue() {
	const calls = new CallQueue({ tryAcquire: () => reservation }, 10);
	const turns: { readonly name: string; readonly turn: Turn | NoTurn }[] = [];
	const ask = (bot: string, method = "GET", path = "/x"): void => {
		void calls
			.acquire(bot, method, path, signal)
			.then((turn) => turns.push({ name: `${bot} ${method} ${path}`, turn }));
	};
	const settled = () => vi.advanceTimersByTimeAsync(0);
	const names = () => turns.map(({ name, turn }) => (typeof turn === "string" ? `${name}: ${turn}` : name));
	const endAll = (): void => {
		for (const { turn } of turns.splice(0)) if (typeof turn !== "string") turn.end();
	};
	return { calls, turns, ask, settled, names, endAll };
}

it("a call counts until 1 050 ms after its reply, and two of ten are left for the session", async () => {
	const { ask, settled, turns, names, endAll } = queue();
	for (let call = 0; call < 3; call += 1) for (const bot of ["a", "b", "c"]) ask(bot);
	await settled();
	// Six without a reply at the same time.
	expect(turns).toHaveLength(6);
	endAll();
	await settled();
	expect(turns).toHaveLength(2);
	await vi.advanceTimersByTimeAsync(1_049);
	expect(names()).toHaveLength(2);
	await vi.advanceTimersByTimeAsync(1);
	expect(names()).toHaveLength(3);
});

it("bots take turns: one call of another bot waits for one call of a bot that floods, not for all", async () => {
	const { ask, settled, names, endAll, turns } = queue();
	for (let call = 0; call < 16; call += 1) ask("flooder", "DELETE", "/o");
	await settled();
	expect(turns).toHaveLength(8);
	ask("maker", "POST", "/orders");
	ask("maker", "DELETE", "/order");
	endAll();
	await settled();
	await vi.advanceTimersByTimeAsync(1_050);
	expect(names().slice(0, 4)).toEqual([
		"flooder DELETE /o",
		"maker DELETE /order",
		"flooder DELETE /o",
		"maker POST /orders",
	]);
});

it("the seventeenth call that waits is refused, and a call that waited for 8 s", async () => {
	const { ask, settled, names } = queue();
	for (let call = 0; call < 3 + 16; call += 1) ask("a");
	await settled();
	expect(names()).toEqual(["a GET /x", "a GET /x", "a GET /x"]);
	ask("a", "GET", "/y");
	await settled();
	expect(names().at(-1)).toBe("a GET /y: too-many");
	await vi.advanceTimersByTimeAsync(7_999);
	expect(names()).toHaveLength(4);
	await vi.advanceTimersByTimeAsync(1);
	expect(names().slice(4)).toEqual(Array.from({ length: 16 }, () => "a GET /x: too-long"));
});

it("a path with a limit of its own is free so long after the reply, and refused at once when that is too far away", async () => {
	const { ask, settled, names, turns, endAll } = queue();
	for (const bot of ["a", "b"]) ask(bot, "GET", "/iserver/account/orders");
	await settled();
	expect(names()).toHaveLength(1);
	await vi.advanceTimersByTimeAsync(1_000);
	endAll();
	await vi.advanceTimersByTimeAsync(5_049);
	expect(turns).toEqual([]);
	await vi.advanceTimersByTimeAsync(1);
	expect(names()).toHaveLength(1);
	ask("a", "GET", "/iserver/scanner/params");
	await settled();
	endAll();
	ask("b", "GET", "/iserver/scanner/params");
	await settled();
	expect(names()).toEqual(["b GET /iserver/scanner/params: too-long"]);
});

it("a call whose bot has gone gets no turn and leaves no timer", async () => {
	const { calls } = queue();
	const held = await calls.acquire("a", "GET", "/iserver/account/orders", signal);
	expect(held).toMatchObject({ reservation });
	const gone = new AbortController();
	const waiting = calls.acquire("b", "GET", "/iserver/account/orders", gone.signal);
	gone.abort();
	expect(await waiting).toBe("gone");
	expect(vi.getTimerCount()).toBe(0);
});
