import { inspect } from "node:util";
import { neverAborted } from "@x/base/clock";
import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import * as exported from "./index.ts";
import { type IbkrSessionOptions, ibkr } from "./index.ts";
import { Stage, sessionErrorOf, useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

const secrets = ["planted", "DU9999999"];
/** Returns all text that printing a value can show. */
const printed = (value: unknown): string => {
	const error = value instanceof Error ? `${value.stack} ${value.message}` : "";
	return `${inspect(value, { depth: 12, showHidden: true, getters: true })} ${error} ${JSON.stringify(value)}`;
};

function expectClean(values: readonly unknown[], more: readonly string[] = []): void {
	const text = values.map(printed).join(" ");
	for (const secret of [...secrets, ...more]) expect(text).not.toContain(secret);
}

it("errors, leases, the session and its handle show no user, account, session id or cookie", async () => {
	const stage = new Stage();
	const lease = await stage.open();
	stage.trigger("answer", { path: "/tickle", status: 401, body: "planted-user DU9999999 denied", times: 2 });
	const error = await stage.beatError();
	const cookie = (stage.venue.received.at(-1)?.headers["cookie"] ?? "=").split("=")[1] ?? "";
	expect(cookie.length).toBeGreaterThan(10);
	expectClean([exported, stage.session, stage.session.handle, lease, lease.ended?.reason, error], [cookie]);
});

const planted = (): never => {
	throw Object.assign(new Error("planted-token"), { token: "planted-token", request: { headers: "planted" } });
};
const authorize = () => ({ authorization: "OAuth planted" });
/** Throws an error that has a secret in every field that can contain one. */
const raise = (): never => {
	class PLANTED extends Error {}
	throw Object.assign(new PLANTED("PLANTED", { cause: "PLANTED" }), {
		name: "PLANTED",
		code: "PLANTED",
		status: "PLANTED",
	});
};

it.each<[string, IbkrSessionOptions]>([
	["authorize", { mode: "oauth1", client: { authorize: planted } }],
	["renew", { mode: "oauth1", client: { authorize }, renew: async () => planted() }],
	["the socket's token", { mode: "oauth1", client: { authorize }, socket: { token: planted } }],
	["fetch", { client: { fetch: planted } }],
	["pacing", { client: { pacing: { tryAcquire: planted } } }],
])(
	"records and errors do not show the error that the application's own %s throws, because it may hold a token",
	async (what, { client, ...options }) => {
		const venue = new IbkrVenue({ mode: options.mode ?? "gateway", start: what === "renew" ? "none" : "live" });
		const link = new Link(venue);
		const session = ibkr({
			client: { fetch: memoryFetch(link), penaltyBox: createIbkrPenaltyBox(), ...client },
			...options,
		});
		const records: unknown[] = [];
		const keeper = keepalive([session], { random: () => 0 });
		keeper.onStatus((record) => records.push(record));
		await vi.advanceTimersByTimeAsync(120_000);
		expect(records.length).toBeGreaterThan(2);
		expect(keeper.snapshot()["ibkr"]?.status.state).not.toBe("alive");
		expectClean([records, session, session.layers, session.attempts, keeper.snapshot()]);
		expectClean([await sessionErrorOf(session.open(neverAborted))]);
		await keeper.stop({ orders: "keep" });
		link.close();
	},
);

it.each<[string, IbkrSessionOptions]>([
	["authorize", { mode: "oauth1", client: { authorize: () => raise() } }],
	["renew", { mode: "oauth1", client: { authorize }, renew: async () => raise() }],
	["the socket's token", { mode: "oauth1", client: { authorize }, socket: { token: () => raise() } }],
])("an error that %s throws is shown and logged without name, code or cause", async (what, { client, ...options }) => {
	const venue = new IbkrVenue({ mode: "oauth1", start: what === "renew" ? "none" : "live" });
	const link = new Link(venue);
	const session = ibkr({
		client: { fetch: memoryFetch(link), penaltyBox: createIbkrPenaltyBox(), ...client },
		...options,
	});
	const told: unknown[] = [];
	const log = (...args: unknown[]) => void told.push(args);
	const keeper = keepalive([session], { random: () => 0, logger: { debug: log, info: log, warn: log, error: log } });
	keeper.onStatus((record) => told.push(record));
	await vi.advanceTimersByTimeAsync(120_000);
	told.push(await sessionErrorOf(session.open(neverAborted)), session, keeper.snapshot());
	expect(told.map(printed).join(" ")).not.toMatch(/PLANTED/);
	await keeper.stop({ orders: "keep" });
	link.close();
});

it("the log of a session names each call with its duration and outcome, and contains no secret", async () => {
	const stage = new Stage();
	const lines: unknown[] = [];
	const log = (...args: unknown[]) => void lines.push(args);
	const keeper = keepalive([stage.session], {
		random: () => 0,
		logger: { debug: log, info: log, warn: log, error: log },
	});
	await vi.advanceTimersByTimeAsync(5_000);
	stage.trigger("answer", { path: "/tickle", status: 401, body: "planted1 DU9999999" });
	await vi.advanceTimersByTimeAsync(120_000);
	const ms = expect.any(Number);
	expect(lines).toContainEqual(["status", { session: "ibkr", ms, outcome: "status" }]);
	expect(lines).toContainEqual(["accounts", { session: "ibkr", ms, outcome: "accounts" }]);
	expect(lines).toContainEqual(["tickle", { session: "ibkr", ms, outcome: "no-session" }]);
	expect(lines).toContainEqual([
		expect.stringContaining("one answer of IBKR said that the session is gone"),
		expect.anything(),
	]);
	expectClean([lines]);
	await keeper.stop({ orders: "keep" });
});

it("a keeper survives a thousand unexpected replies, shows no secret and exceeds no limit", async () => {
	const stage = new Stage();
	const socket = { WebSocket: memoryWebSocket(stage.link) };
	const session = ibkr({
		client: { fetch: memoryFetch(stage.link), penaltyBox: createIbkrPenaltyBox() },
		socket,
		maxInitsPerDay: 50,
	});
	const records: unknown[] = [];
	const keeper = keepalive([session], { random: () => 0.5 });
	keeper.onStatus((record) => records.push(record));
	const bodies = [
		"",
		"{}",
		"[]",
		"null",
		"<html>planted</html>",
		"planted1",
		'{"error":"no session"}',
		'{"RESULT":false}',
	];
	bodies.push(
		'{"accounts":[]}',
		'{"authenticated":true}',
		'{"authenticated":false,"fail":"planted1"}',
		'{"error":"planted1"}',
	);
	bodies.push(
		'{"session":"planted","iserver":{"authStatus":{"authenticated":true,"competing":true}}}',
		'{"passed":false}',
	);
	const statuses = [200, 200, 200, 302, 400, 401, 403, 404, 410, 411, 500, 503];
	let state = 7;
	const pick = <T>(of: readonly T[]): T | undefined => {
		state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
		return of[Math.floor(state / 65_536) % of.length];
	};
	for (let turn = 0; turn < 1_000; turn++) {
		// While the session waits, it sends no request and therefore uses none of the planned replies.
		const planned = Number(stage.trigger("answer", { times: 0 }));
		if (planned < 3) stage.trigger("answer", { status: pick(statuses), body: pick(bodies), times: 1 });
		if (turn % 50 === 0) stage.link.drop();
		await vi.advanceTimersByTimeAsync(20_000);
	}
	expect(keeper.snapshot()["ibkr"]?.status.state).not.toBe("stopped");
	expect(session.attempts.inits.last24h).toBeLessThanOrEqual(50);
	expectClean([records, session, session.layers, session.recovery]);
	// In this hour the session uses the remaining planned replies and then recovers.
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect(keeper.snapshot()["ibkr"]?.status.state).toBe("alive");
	await keeper.stop({ orders: "keep" });
	await vi.advanceTimersByTimeAsync(2_000);
});
