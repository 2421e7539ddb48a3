import { Agent, request } from "node:http";
import { describe, expect, it } from "vitest";
import { createSessions } from "../../config/create-session.ts";
import { onTestFinished } from "../../testing/on-test-finished.ts";
import { botToken } from "../testing/bot-client.ts";
import { until } from "../testing/start-deribit-relay.ts";
import { limitOrder, startIbkrStage } from "../testing/start-ibkr-relay.ts";

describe.concurrent("a bot's call that the relay passes on to IBKR", () => {
	it("a bot's call is sent to the gateway with its method, path, query, body and content type, and gets the reply", async () => {
		const { call, venue, received, urls } = await startIbkrStage();
		const placed = await call("POST", "/iserver/account/DU1/orders?x=1", { body: limitOrder });
		expect(placed).toMatchObject({ status: 200, json: [{ order_status: "Submitted" }] });
		expect(placed.headers["content-type"]).toBe("application/json; charset=utf-8");
		expect(venue.orders()).toHaveLength(1);
		expect(received("/iserver/account/DU1/orders")).toMatchObject([
			{
				method: "POST",
				body: JSON.stringify(limitOrder),
				headers: { "content-type": "application/json" },
			},
		]);
		expect(urls).toContain("/v1/api/iserver/account/DU1/orders?x=1");
		const missing = await call("GET", "/nothing/here");
		expect(missing).toMatchObject({ status: 404, text: "<html><body><h1>Resource not found</h1></body></html>" });
		expect(missing.headers["content-type"]).toBe("text/html");
	});

	it("a bot's call without a body is sent without a content type and with Content-Length 0, which the gateway requires", async () => {
		const { call, received } = await startIbkrStage();
		await call("POST", "/iserver/questions/suppress/reset");
		expect(received("/iserver/questions/suppress/reset")[0]?.headers).toMatchObject({ "content-length": "0" });
		expect(received("/iserver/questions/suppress/reset")[0]?.headers).not.toHaveProperty("content-type");
	});

	it("a bot's call is sent without the bot's cookies and authorization, and the reply is passed on without the venue's cookies", async () => {
		const { call, received, venue } = await startIbkrStage();
		venue.faults.answer({ path: "/portfolio/accounts", status: 200, body: "[]" });
		const headers = { cookie: "api=planted-bot", "x-forwarded-for": "192.0.2.9", "x-http-method-override": "DELETE" };
		const answer = await call("GET", "/portfolio/accounts", { headers });
		expect(answer.status).toBe(200);
		const sent = received("/portfolio/accounts")[0]?.headers ?? {};
		for (const name of ["cookie", "authorization", "x-forwarded-for", "x-http-method-override"]) {
			expect(sent).not.toHaveProperty(name);
		}
		expect(Object.keys(answer.headers).sort()).toEqual(
			["cache-control", "connection", "content-length", "date", "keep-alive", "x-content-type-options"].sort(),
		);
	});

	it("a bot's call is refused with 413 if a body of unknown length is too large, and its connection stays open", async () => {
		const { port, call, received } = await startIbkrStage();
		const agent = new Agent({ keepAlive: true, maxSockets: 1 });
		onTestFinished(() => agent.destroy());
		const token = Buffer.from(`maker:${botToken("maker")}`).toString("base64");
		const status = await new Promise((resolve, reject) => {
			const sent = request(
				{
					host: "127.0.0.1",
					port,
					agent,
					method: "POST",
					path: "/ibkr/broker/v1/api/iserver/secdef/search",
					headers: { authorization: `Basic ${token}` },
				},
				(response) => {
					response.resume().on("end", () => resolve(response.statusCode));
				},
			);
			sent.on("error", reject);
			for (let chunk = 0; chunk < 16; chunk += 1) sent.write("x".repeat(65_536));
			sent.end();
		});
		expect(status).toBe(413);
		expect(received("/iserver/secdef/search")).toEqual([]);
		expect((await call("GET", "/iserver/accounts", { agent })).status).toBe(200);
	});

	it("a bot's call is refused with 413 if its body is too large, and with 405 if its method is not allowed", async () => {
		const { call, counts } = await startIbkrStage();
		expect(await call("POST", "/iserver/secdef/search", { body: "x".repeat(262_143) })).toMatchObject({ status: 413 });
		expect(await call("POST", "/iserver/secdef/search", { body: "x".repeat(5_000_000) })).toMatchObject({
			status: 413,
		});
		expect(await call("POST", "/iserver/secdef/search", { body: "x".repeat(262_142) })).toMatchObject({ status: 404 });
		expect(await call("PATCH", "/iserver/secdef/search")).toMatchObject({ status: 405 });
		expect(counts()).toContainEqual({
			labels: { what: "refused", session: "broker", bot: "maker", reason: "not-readable" },
			count: 3,
		});
	});

	it("a bot's call is answered with 502 if the reply is larger than the relay passes on", async () => {
		const { call, venue } = await startIbkrStage();
		venue.faults.answer({ path: "/trsrv/all-conids", status: 200, body: "x".repeat(4_000_000) });
		expect((await call("GET", "/trsrv/all-conids")).text).toHaveLength(4_000_000);
		venue.faults.answer({ path: "/trsrv/all-conids", status: 200, body: "x".repeat(4_000_001) });
		expect(await call("GET", "/trsrv/all-conids")).toMatchObject({
			status: 502,
			json: { error: "the reply of IBKR is larger than the relay passes on", statusCode: 502 },
		});
	});

	it("a bot's call gets 504 if the gateway does not reply; the answer to an order says that the outcome of the order is unknown", async () => {
		const { call, link } = await startIbkrStage({ session: { tickleMs: 100_000 }, venue: {} });
		link.faults["partition"]?.({});
		const [read, order] = await Promise.all([
			call("GET", "/portfolio/accounts"),
			call("POST", "/iserver/account/DU1/orders", { body: limitOrder }),
		]);
		expect(read).toMatchObject({ status: 504, json: { error: "IBKR did not reply in time. Repeat the call" } });
		expect(order).toMatchObject({
			status: 504,
			json: { error: "IBKR did not reply in time. Unknown outcome: IBKR may have acted on it. Check the orders" },
		});
	}, 30_000);
});

describe.concurrent("a bot that uses the relay at IBKR", () => {
	it("a bot sends its token as Bearer, or its name and token as HTTP Basic", async () => {
		const { call } = await startIbkrStage({ bots: ["maker", "taker"] });
		const bearer = { authorization: `Bearer ${botToken("taker")}` };
		expect((await call("GET", "/iserver/accounts", { headers: bearer })).status).toBe(200);
		expect((await call("GET", "/iserver/accounts", { bot: "taker" })).status).toBe(200);
	});

	it.each([
		["no login", ""],
		["a wrong token", "Bearer local-token-of-nobody"],
		["the token of another bot", `Basic ${Buffer.from(`maker:${botToken("taker")}`).toString("base64")}`],
		["a token without the bot's name", `Basic ${Buffer.from(`:${botToken("maker")}`).toString("base64")}`],
		["an unsupported authorization scheme", `OAuth ${botToken("maker")}`],
	])("a bot that sends %s is refused with 401, and its call does not reach the venue", async (_, authorization) => {
		const { call, received, counts } = await startIbkrStage({ bots: ["maker", "taker"] });
		const answer = await call("GET", "/portfolio/accounts", { headers: { authorization } });
		expect(answer).toMatchObject({ status: 401, json: { error: expect.stringContaining("relay.bots") } });
		expect(answer.headers["www-authenticate"]).toBe('Basic realm="relay"');
		expect(received("/portfolio/accounts")).toEqual([]);
		const labels = { what: "refused", session: "broker", bot: "anonymous", reason: "not-logged-in" };
		expect(counts()).toEqual([{ labels, count: 1 }]);
	});
});

describe.concurrent("a bot's call that would change the session at IBKR", () => {
	it.each([
		["POST", "/logout"],
		["GET", "/iserver/reauthenticate"],
		["POST", "/iserver/reauthenticate?force=true"],
		["POST", "/iserver/auth/ssodh/init"],
		["POST", "/iserver/auth/ssodh/init?compete=true&publish=true"],
		["GET", "/sso/Dispatcher"],
		["POST", "/LOGOUT"],
	])("a call that would change the session is refused with 403 and the reason: %s %s", async (method, path) => {
		const { call, venue } = await startIbkrStage();
		const before = venue.received.length;
		const answer = await call(method, path, { body: { compete: true, publish: true } });
		expect(answer).toMatchObject({
			status: 403,
			json: { error: expect.stringMatching(/refused by the relay: the agent/) },
		});
		expect(venue.received).toHaveLength(before);
	});

	it.each(["//logout", "/./logout", "/x/../logout", "/%6Cogout", "/logout/", "/logout;a=b", "/logout%3f", "/\\logout"])(
		"a call that would change the session is refused with 400 in the spelling %s",
		async (path) => {
			const { call, venue, isAlive } = await startIbkrStage();
			const before = venue.received.length;
			expect(await call("POST", path)).toMatchObject({
				status: 400,
				json: { error: expect.stringContaining("not spelled as IBKR documents it") },
			});
			expect(venue.received).toHaveLength(before);
			expect(isAlive()).toBe(true);
		},
	);

	it("a call gets 404 if the first part of its path is not spelled as in the URL of the relay", async () => {
		const { raw, venue } = await startIbkrStage();
		const before = venue.received.length;
		for (const path of [
			"/ibkr/broker/v1/portal/logout",
			"/ibkr/broker/v1/api",
			"/ibkr/broker/v1/../v1/api/logout",
			"/ibkr//v1/api/logout",
			"/ibkr/other/v1/api/tickle",
			"http://127.0.0.1/ibkr/broker/v1/api/logout",
		]) {
			expect(await raw("POST", path), path).toMatchObject({ status: 404 });
		}
		expect(venue.received).toHaveLength(before);
	});
});

describe.concurrent("an order of a bot at IBKR", () => {
	it("an order is refused with 503 and the reason while the session is not alive, but a cancel and a read are passed on", async () => {
		const { call, venue, isAlive } = await startIbkrStage({ keeper: { backoff: { firstMs: 60_000, baseMs: 60_000 } } });
		await call("POST", "/iserver/account/DU1/orders", { body: limitOrder });
		const [order] = venue.orders();
		venue.faults.compete({});
		// The bot's first call makes the relay check the session, which detects the loss.
		await call("GET", "/iserver/account/DU1/orders").catch(() => undefined);
		await until(() => !isAlive());
		const before = venue.received.length;
		for (const path of [
			"/iserver/account/DU1/orders",
			`/iserver/account/DU1/order/${order?.id}`,
			"/iserver/reply/00000000-0000-4000-8000-000000000001",
		]) {
			expect(await call("POST", path, { body: limitOrder })).toMatchObject({
				status: 503,
				json: { error: expect.stringMatching(/^order not sent: the session is not alive: \w+/) },
			});
		}
		expect(venue.received).toHaveLength(before);
		const cancelled = await call("DELETE", `/iserver/account/DU1/order/${order?.id}`);
		expect(cancelled).toMatchObject({ status: 401, text: "not authenticated" });
		expect((await call("GET", "/portfolio/accounts")).status).toBe(200);
	});

	it("an order is refused with 503 if the session is lost while the order waits in the queue", async () => {
		const { call, venue, sessions, holdReplies, received } = await startIbkrStage({
			bots: ["maker", "taker"],
			keeper: { backoff: { firstMs: 60_000, baseMs: 60_000 } },
		});
		const path = "/iserver/account/DU1/orders";
		const sendReplies = holdReplies(path);
		const place = (bot: string) => call("POST", path, { bot, body: limitOrder });
		// At most six orders may be without a reply. A bot that already has one of them cannot have the sixth place.
		const first = ["maker", "maker", "maker", "maker", "maker", "taker"].map(place);
		await until(() => received(path).length === 6);
		const waiting = place("maker");
		venue.faults.compete({});
		expect(await sessions[0]?.check?.()).toBe(false);
		sendReplies();
		expect(await waiting).toMatchObject({
			status: 503,
			json: { error: expect.stringMatching(/^order not sent: the session is not alive: waiting/) },
		});
		expect(received(path)).toHaveLength(6);
		await Promise.all(first);
	}, 30_000);
});

it.concurrent("createSessions provides connections for bots to an IBKR gateway only if there is a relay", () => {
	const configs = { broker: { venue: "ibkr", gateway: { fingerprint256: "AB:".repeat(31).concat("AB") } } } as const;
	expect(createSessions(configs)[0]?.botCalls).toBeUndefined();
	const [session] = createSessions(configs, { onDeribitOpen: () => undefined });
	expect(session?.botCalls?.agent?.maxSockets).toBe(Number.POSITIVE_INFINITY);
	session?.release?.();
});
