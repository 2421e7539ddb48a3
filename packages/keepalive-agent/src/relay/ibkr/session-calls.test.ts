import { describe, expect, it } from "vitest";
import { tick, until } from "../testing/start-deribit-relay.ts";
import { limitOrder, startIbkrStage } from "../testing/start-ibkr-relay.ts";

describe("a bot's call about the session at IBKR", () => {
	it("a call about the session is answered from the session's last beat (tickle) if that beat is recent, and does not reach the venue", async () => {
		const { call, venue } = await startIbkrStage();
		const before = venue.received.length;
		expect((await call("POST", "/tickle")).json).toMatchObject({
			session: expect.stringMatching(/^\d+\.bWFrZXI\.[\w-]{43}$/),
			iserver: { authStatus: { authenticated: true } },
		});
		expect((await call("GET", "/tickle")).status).toBe(200);
		expect((await call("POST", "/iserver/auth/status", { body: {} })).json).toMatchObject({ authenticated: true });
		expect((await call("GET", "/sso/validate")).json).toEqual({ RESULT: true });
		expect(venue.received).toHaveLength(before);
	});

	it("a call about the session is refused with 405 and a JSON error for any method but GET and POST, and does not reach the venue", async () => {
		const { call, received } = await startIbkrStage();
		for (const path of ["/tickle", "/iserver/auth/status", "/sso/VALIDATE"]) {
			for (const method of ["PUT", "DELETE"]) {
				expect(await call(method, path)).toMatchObject({
					status: 405,
					json: { error: "the method of a call about the session must be GET or POST", statusCode: 405 },
				});
				expect(received(path).filter((each) => each.method === method)).toEqual([]);
			}
		}
	});

	it("a call about the session does not wait behind other calls of the bot that made the same call first, even if that bot floods", async () => {
		const { call, venue, counts } = await startIbkrStage({ bots: ["maker", "flooder"], session: { tickleMs: 1_200 } });
		// From now on no tickle of the session is acknowledged.
		venue.faults.answer({ path: "/tickle", status: 503, times: 100 });
		await tick(1_500);
		const reads = () => Array.from({ length: 19 }, () => call("GET", "/portfolio/DU1/ledger", { bot: "flooder" }));
		const flood = reads();
		await tick(100);
		// The rate limit is used up by now, so these calls fill all places that the queue has for the flooding bot.
		flood.push(...reads());
		await tick(100);
		const asked = ["flooder", "maker"].map((bot) => call("GET", "/iserver/auth/status", { bot }));
		for (const { status } of await Promise.all(asked)) expect(status).toBe(200);
		expect(counts().filter(({ labels }) => labels.what === "refused" && labels.bot === "maker")).toEqual([]);
		await Promise.all(flood);
	}, 20_000);

	it("a call about the session is sent to the venue once for all bots that ask at the same time, if the last beat (tickle) is too old", async () => {
		const { call, venue, received } = await startIbkrStage({ bots: ["maker", "taker"], session: { tickleMs: 3_000 } });
		const reads = (count: number) => Array.from({ length: count }, () => call("GET", "/portfolio/DU1/ledger"));
		// From now on no tickle of the session is acknowledged.
		venue.faults.answer({ path: "/tickle", status: 503, times: 100 });
		await tick(3_500);
		const before = received("/iserver/auth/status").length;
		// These reads use up the rate limit, so that the call about the session waits until all bots have asked.
		const filling = [...reads(8), ...reads(8)];
		const asked = Array.from({ length: 10 }, (_, index) =>
			call("GET", "/iserver/auth/status", { bot: index % 2 ? "maker" : "taker" }),
		);
		for (const { json, text } of await Promise.all(asked)) {
			expect(json).toMatchObject({ authenticated: true, connected: true });
			expect(text).not.toMatch(/MAC|hardware/);
		}
		expect(received("/iserver/auth/status")).toHaveLength(before + 1);
		await Promise.all(filling);
	});
});

describe.concurrent("an answer of IBKR that says that there is no session", () => {
	it("after an answer that there is no session, the relay checks the session once for all bots, and repeats their reads when the session is alive again", async () => {
		const { call, venue, received } = await startIbkrStage({ bots: ["maker", "taker"] });
		await call("GET", "/iserver/accounts");
		venue.faults.idle({});
		const asked = ["maker", "taker", "maker"].map((bot) => call("GET", "/iserver/account/order/status/1", { bot }));
		// In the new session, the simulator answers that it knows no order with the id of this call.
		for (const { status, text } of await Promise.all(asked)) {
			expect([status, text]).toEqual([503, expect.stringContaining("is not found")]);
		}
		expect(received("/iserver/account/order/status/1").map(({ status }) => status)).toEqual([
			401, 401, 401, 503, 503, 503,
		]);
		expect(venue.truth().inits).toBe(1);
		// The relay's check makes two requests, the second to confirm the result. The new session makes the others.
		expect(received("/iserver/auth/status").length).toBeLessThan(10);
	}, 20_000);

	it("an answer that there is no session is passed on, and the call is not repeated, if the call is an order, a cancel or anything else but a read", async () => {
		const { call, venue, received, isAlive, alive } = await startIbkrStage();
		const sent = (method: string, path: string) => received(path).filter((each) => each.method === method);
		const calls = [
			["POST", "/iserver/account/DU1/orders"],
			["POST", "/iserver/account/DU1/order/1"],
			["POST", "/iserver/reply/0-1"],
			["DELETE", "/iserver/account/DU1/order/1"],
			["POST", "/iserver/secdef/search"],
		] as const;
		for (const [method, path] of calls) {
			if (!isAlive()) await alive();
			venue.faults.answer({ path, status: 401, body: "not authenticated" });
			expect(await call(method, path, { body: limitOrder })).toMatchObject({ status: 401, text: "not authenticated" });
			expect(sent(method, path)).toHaveLength(1);
		}
		await tick(500);
		for (const [method, path] of calls) expect(sent(method, path)).toHaveLength(1);
		expect(venue.orders()).toEqual([]);
	});

	it("an answer that there is no session is passed on to the bot if the session is not alive again in time", async () => {
		const { call, venue, received, isAlive } = await startIbkrStage({
			keeper: { backoff: { firstMs: 60_000, baseMs: 60_000 } },
		});
		venue.faults.expireSso({});
		const startedAt = Date.now();
		expect(await call("GET", "/portfolio/accounts")).toMatchObject({ status: 401, text: "Access Denied" });
		expect(Date.now() - startedAt).toBeGreaterThan(9_500);
		expect(isAlive()).toBe(false);
		expect(received("/portfolio/accounts")).toHaveLength(1);
	}, 20_000);

	it("an answer that there is no session makes the relay repeat a read at once if the check finds the session alive", async () => {
		const { call, venue, received, isAlive } = await startIbkrStage();
		venue.faults.answer({ path: "/portfolio/accounts", status: 401, body: "" });
		const { status } = await call("GET", "/portfolio/accounts");
		expect(status).toBe(200);
		expect(received("/portfolio/accounts")).toHaveLength(2);
		expect(isAlive()).toBe(true);
	}, 20_000);

	it("a redirect to the login page is passed on as 401, with the advice that a person has to log in", async () => {
		const { call, venue, isAlive } = await startIbkrStage({
			venue: { redirectToLogin: true },
			keeper: { backoff: { firstMs: 60_000, baseMs: 60_000 } },
		});
		venue.faults.expireSso({});
		const answer = await call("POST", "/iserver/secdef/search");
		expect(answer).toMatchObject({ status: 401, json: { error: expect.stringContaining("a person has to log in") } });
		expect(answer.headers).not.toHaveProperty("location");
		await until(() => !isAlive());
	});
});

it.concurrent("the relay neither signs nor sends a call if its OAuth session was closed while the call waited in the queue", async () => {
	const { call, venue, received, keeper } = await startIbkrStage({ isOAuth: true });
	const path = "/iserver/account/orders";
	expect((await call("GET", path)).status).toBe(200);
	const late = call("GET", path);
	await tick(100);
	await keeper.stop({ orders: "keep" });
	const before = venue.received.length;
	expect(await late).toMatchObject({
		status: 503,
		json: { error: expect.stringMatching(/^not sent: the session is not open/) },
	});
	expect(venue.received.slice(before)).toEqual([]);
	expect(received(path)).toHaveLength(1);
}, 20_000);
