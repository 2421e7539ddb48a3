import { createIbkrPacing, type IbkrPacing } from "@x/ibkr-session";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { CallQueue, type NoTurn, type Turn } from "./call-queue.ts";
import { PathLimits } from "./path-rate-limits.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

const reservation = { acquired: true, waitMs: 0, start: () => 0 } as const;
const { signal } = new AbortController();

/** Makes a queue in front of a rate limiter (by default a limiter that allows every call), and records the outcomes in their order. */
function queue(pacing: IbkrPacing = { tryAcquire: () => reservation }, callsPerSecond = 10) {
	const pathLimits = new PathLimits();
	pathLimits.attach(() => undefined);
	const calls = new CallQueue(pacing, callsPerSecond, pathLimits);
	const turns: { readonly name: string; readonly turn: Turn | NoTurn }[] = [];
	const ask = (bot: string, method = "GET", path = "/x"): void => {
		void calls
			.acquire(bot, method, path, signal)
			.then((turn) => turns.push({ name: `${bot} ${method} ${path}`, turn }));
	};
	const settled = () => vi.advanceTimersByTimeAsync(0);
	const outcomeOf = (turn: Turn | NoTurn): string => {
		if (typeof turn === "string") return `: ${turn}`;
		return "freeInMs" in turn ? `: free in ${turn.freeInMs} ms` : "";
	};
	const names = () => turns.map(({ name, turn }) => name + outcomeOf(turn));
	const endAll = (): void => {
		for (const { turn } of turns.splice(0)) if (typeof turn === "object" && "end" in turn) turn.end();
	};
	return { calls, turns, ask, settled, names, endAll };
}

it("CallQueue counts a call until 1,050 ms (one window) after its reply, and keeps two of the ten calls per window for the session", async () => {
	const { ask, settled, turns, names, endAll } = queue();
	for (let call = 0; call < 4; call += 1) for (const bot of ["a", "b", "c"]) ask(bot);
	await settled();
	for (const count of [3, 3, 2]) {
		expect(turns).toHaveLength(count);
		endAll();
		await settled();
	}
	expect(turns).toEqual([]);
	await vi.advanceTimersByTimeAsync(1_049);
	expect(names()).toHaveLength(0);
	await vi.advanceTimersByTimeAsync(1);
	expect(names()).toHaveLength(3);
});

it("CallQueue lets bots take turns: a call waits for at most one call of a bot that floods", async () => {
	const { ask, settled, names, endAll } = queue();
	for (let call = 0; call < 16; call += 1) ask("flooder");
	await settled();
	expect(names()).toEqual(["flooder GET /x", "flooder GET /x", "flooder GET /x"]);
	for (const path of ["/y", "/z"]) ask("maker", "GET", path);
	await settled();
	// At most four calls of kind `other` may be without a reply. A bot that already has one of them cannot have the fourth place.
	expect(names().slice(3)).toEqual(["maker GET /y"]);
	endAll();
	await settled();
	expect(names()).toEqual(["flooder GET /x", "maker GET /z", "flooder GET /x"]);
});

const order = "/iserver/account/DU1/orders";
const ownOrder = "/iserver/account/DU1/order/1";

it("CallQueue sends an order in spite of slow calls of two other bots, and a cancel in spite of slow calls and orders", async () => {
	const { ask, settled, names, turns } = queue(undefined, 50);
	for (let call = 0; call < 9; call += 1) for (const bot of ["a", "b"]) ask(bot, "GET", "/iserver/marketdata/history");
	await settled();
	expect(turns).toHaveLength(3);
	for (let call = 0; call < 3; call += 1) ask("a", "POST", order);
	await settled();
	expect(names().slice(3)).toEqual([`a POST ${order}`, `a POST ${order}`]);
	ask("c", "POST", order);
	await settled();
	expect(names().slice(5)).toEqual([`c POST ${order}`]);
	for (const bot of ["a", "a", "a", "b", "b"]) ask(bot, "DELETE", ownOrder);
	await settled();
	// At most three cancels may be without a reply. A bot that already has one of them cannot have the third place.
	expect(names().slice(6)).toEqual([`a DELETE ${ownOrder}`, `a DELETE ${ownOrder}`, `b DELETE ${ownOrder}`]);
});

it("CallQueue sends a cancel at a gateway at once, even if orders and reads of three bots have no reply", async () => {
	const { ask, settled, names } = queue();
	for (const bot of ["a", "b", "c"]) for (let call = 0; call < 3; call += 1) ask(bot, "POST", order);
	await settled();
	for (const bot of ["a", "b", "c"]) ask(bot, "GET", "/x");
	await settled();
	const sent = names().length;
	ask("a", "DELETE", ownOrder);
	await settled();
	expect(names().slice(sent)).toEqual([`a DELETE ${ownOrder}`]);
});

it.each([
	["DELETE", "/iserver/account/DU1/alert/1"],
	["POST", "/iserver/secdef/search"],
	["PUT", "/iserver/watchlist"],
] as const)("CallQueue queues %s %s in the same way as a read, because it cancels no order", async (method, path) => {
	const { ask, settled, names } = queue(undefined, 50);
	for (const bot of ["a", "a", "b"]) ask(bot, "GET", "/x");
	for (const bot of ["a", "b", "c"]) ask(bot, method, path);
	await settled();
	// At most four reads and calls like these may be without a reply. A bot that already has one of them cannot have the fourth place.
	expect(names()).toEqual(["a GET /x", "a GET /x", "b GET /x", `c ${method} ${path}`]);
	ask("c", "DELETE", ownOrder);
	await settled();
	expect(names().slice(4)).toEqual([`c DELETE ${ownOrder}`]);
});

it.each([
	["GET", "/tickle", 1_250],
	["POST", "/TICKLE", 1_250],
	["POST", "/sso/Validate", 61_200],
] as const)("CallQueue counts a bot's %s %s in one limit with the session's own calls", async (method, path, ms) => {
	const pacing = createIbkrPacing({ callsPerSecond: 50 });
	const { ask, settled, names, endAll } = queue(pacing, 50);
	// The session itself has just made this call.
	pacing.tryAcquire(path === "/sso/Validate" ? "GET /sso/validate" : "POST /tickle", 0);
	await vi.advanceTimersByTimeAsync(ms - 100);
	for (let call = 0; call < 5; call += 1) ask("a", method, path);
	await settled();
	expect(names()).toEqual([]);
	await vi.advanceTimersByTimeAsync(101);
	expect(names()).toEqual([`a ${method} ${path}`]);
	endAll();
	await vi.advanceTimersByTimeAsync(1_000);
	expect(names()).toEqual([]);
});

it("CallQueue applies the rate limit of the path to a DELETE that cancels no order", async () => {
	const { ask, settled, names } = queue(undefined, 50);
	for (const id of [1, 2, 3]) ask("a", "DELETE", `/fyi/deliveryoptions/${id}`);
	await settled();
	expect(names()).toEqual(["a DELETE /fyi/deliveryoptions/1"]);
});

it("CallQueue refuses a call at once if sixteen calls of the same bot wait already, and refuses each call that has waited for 8 s", async () => {
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

it("CallQueue counts the rate limit of a path from the last reply, and refuses at once a call that would have to wait too long", async () => {
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
	expect(names()).toEqual(["b GET /iserver/scanner/params: free in 909000 ms"]);
});

it("CallQueue does not send a call whose bot has disconnected, and keeps no timer for it", async () => {
	const { calls } = queue();
	const held = await calls.acquire("a", "GET", "/iserver/account/orders", signal);
	expect(held).toMatchObject({ reservation });
	const gone = new AbortController();
	const waiting = calls.acquire("b", "GET", "/iserver/account/orders", gone.signal);
	gone.abort();
	expect(await waiting).toBe("gone");
	expect(vi.getTimerCount()).toBe(0);
});
