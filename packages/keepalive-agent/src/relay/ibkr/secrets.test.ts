import { inspect } from "node:util";
import { expect, it } from "vitest";
import { botToken } from "../testing/bot-client.ts";
import { type Got, limitOrder, startIbkrStage } from "../testing/start-ibkr-relay.ts";

/** Makes calls of every kind, and returns the answers. */
async function everyCall({ call, venue }: Awaited<ReturnType<typeof startIbkrStage>>): Promise<Got[]> {
	const got: Got[] = [];
	const ask = async (...args: Parameters<typeof call>) => void got.push(await call(...args));
	await ask("GET", "/iserver/accounts");
	await ask("POST", "/iserver/account/DU1/orders", { body: limitOrder });
	await ask("GET", "/iserver/account/order/status/1");
	await ask("POST", "/logout");
	await ask("GET", "//x");
	await ask("GET", "/iserver/accounts", { headers: { authorization: "Bearer planted-guess" } });
	for (const status of [401, 500, 503]) {
		venue.faults.answer({ path: "/iserver/secdef/search", status, body: '{"error":"x"}' });
		await ask("POST", "/iserver/secdef/search");
	}
	return got;
}

it("the relay shows no session id, cookie or token of a gateway in an answer, a metric or an event", async () => {
	const stage = await startIbkrStage({ session: { tickleMs: 1_200 } });
	const { id, cookies } = await stage.venueSecrets();
	expect(id).toMatch(/^[0-9a-f]{32}$/);
	expect(cookies.length).toBeGreaterThan(0);
	// After this wait the session's last beat (tickle) is too old for the relay to answer from it, so the venue is asked.
	stage.venue.faults.answer({ path: "/tickle", status: 503, times: 1 });
	await new Promise((resolve) => setTimeout(resolve, 1_500));
	const got = [await stage.call("GET", "/iserver/auth/status"), await stage.call("POST", "/tickle")];
	got.push(...(await everyCall(stage)));
	const said = inspect([got, stage.relay.report(0)], { depth: 10, showHidden: true, maxStringLength: null });
	for (const secret of [id, ...cookies, botToken("maker"), "planted-user", "planted-guess"]) {
		expect(said).not.toContain(secret);
	}
	expect(got.find(({ text }) => text.includes("sessionId"))?.text).toContain('"sessionId":"hidden"');
});

it("with OAuth the relay signs each call, and shows no token of the venue in an answer, a metric or an event", async () => {
	const stage = await startIbkrStage({ isOAuth: true });
	const got = await everyCall(stage);
	expect(got[1]).toMatchObject({ status: 200, json: [{ order_status: "Submitted" }] });
	const sent = stage.received("/iserver/account/DU1/orders")[0]?.headers["authorization"] ?? "";
	expect(sent).toMatch(/^Bearer \S+$/);
	const said = inspect([got, stage.relay.report(0)], { depth: 10, showHidden: true, maxStringLength: null });
	for (const secret of [sent.slice("Bearer ".length), "planted", "PRIVATE KEY", botToken("maker")]) {
		expect(said).not.toContain(secret);
	}
});

it("with OAuth the relay sends no call while the session is not open, so that no bot makes the agent log in", async () => {
	const stage = await startIbkrStage({ isOAuth: true });
	await stage.keeper.stop({ orders: "keep" });
	const before = stage.venue.received.length;
	for (const method of ["GET", "DELETE"]) {
		expect(await stage.call(method, "/iserver/account/DU1/order/1")).toMatchObject({
			status: 503,
			json: { error: expect.stringMatching(/^not sent: the session is not open: stopped/) },
		});
	}
	expect(stage.venue.received).toHaveLength(before);
});
