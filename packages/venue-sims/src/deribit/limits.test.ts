import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeribitVenue, type DeribitVenueOptions } from "../deribit.ts";
import { Link } from "../network-link.ts";
import { BareClient, callHttp } from "./testing/bare-client.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function stage(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const trigger = (fault: keyof typeof link.faults, args: Record<string, unknown> = {}): unknown =>
		link.faults[fault](args);
	return { venue, link, trigger, bare: await BareClient.open(link), open: () => BareClient.open(link) };
}

it("DeribitVenue.defaults has the values that were measured at the venue or that the venue documents", () => {
	expect(DeribitVenue.defaults).toMatchObject({
		// These options set when a test_request is sent, how the client must answer (`graceMs` undefined: within one interval), and when a
		// heartbeat frame is sent.
		firstProbeFactor: 1.2,
		laterProbeFactor: 1.06,
		graceMs: undefined,
		heartbeatCloseCode: 4000,
		heartbeatFrame: "quiet",
		answer: "public/test",
		// These options set when an idle connection is dropped, when an inactive client is disconnected, and the smallest heartbeat interval.
		transportIdleMs: 60_000,
		inactivityMs: 600_000,
		minIntervalSeconds: 10,
		// These options set the replies to a WebSocket-only method over HTTP, a request without an id, unreadable text, and a private method
		// without a login.
		webSocketOnlyCode: 10030,
		withoutId: "answer",
		unreadableCode: 11050,
		unauthorizedCode: 13009,
		// These options set the lifetime of tokens, and what happens at a second login to a session, at a 17th session and at a 33rd connection.
		connectionExpiresInSeconds: 31_536_000,
		sessionExpiresInSeconds: 900,
		secondLogin: "spends",
		maxSessions: 16,
		evicts: "stalest",
		maxConnections: 32,
		// These options set the rate limit, and what happens when it is exceeded.
		creditPool: 50_000,
		creditsPerSecond: 10_000,
		callCredits: 500,
		closeOnRateLimit: true,
		rateLimitCloseCode: 1008,
		// These options set the close code of a logout, when cancel-on-disconnect cancels orders, and whether cancel-on-disconnect is on for new
		// connections.
		logoutCloseCode: 1000,
		logoutFires: false,
		disconnectFires: true,
		maintenanceFires: true,
		cancelsUntriggered: true,
		cancelDelayMs: 0,
		accountArmed: false,
		// These options set the reply of public/status, the additional members of all replies, and the largest request.
		statusLocked: "false",
		stamps: true,
		maxFrameBytes: 32_768,
	});
});

describe("calls that subscribe to channels of the simulated Deribit", () => {
	it("public/subscribe has its own credit pool: ten calls at once use it up, the next one fails with 10028, and other methods still succeed", async () => {
		const { bare } = await stage({ closeOnRateLimit: false });
		for (let count = 1; count <= 10; count += 1) {
			expect(await bare.ask("public/subscribe", { channels: ["platform_state"] })).toHaveProperty("result");
		}
		expect(await bare.ask("public/subscribe", { channels: ["platform_state"] })).toMatchObject({
			error: { code: 10028 },
		});
		expect(await bare.ask("public/test")).toHaveProperty("result");
		await vi.advanceTimersByTimeAsync(300);
		expect(await bare.ask("public/subscribe", { channels: ["platform_state"] })).toHaveProperty("result");
	});

	it("public/subscribe accepts 500 channels in a call, and leaves unknown channels out of the reply without an error", async () => {
		const { bare } = await stage();
		const channels = (count: number) => ({ channels: ["platform_state", ...Array(count - 1).fill("no.such")] });
		expect(await bare.ask("public/subscribe", channels(500))).toMatchObject({ result: ["platform_state"] });
		expect(await bare.ask("public/subscribe", channels(501))).toMatchObject({ error: { code: -32602 } });
	});
});

describe("credits of the simulated Deribit", () => {
	it("credits of DeribitVenue are counted per IP address before login, then per account, over all connections and HTTP", async () => {
		const { bare, open, link } = await stage({ creditPool: 1_500, creditsPerSecond: 1 });
		const [other, third] = [await open(), await open()];
		for (const client of [bare, other]) await client.ask("public/auth", credentials);
		// The two logins were counted against the IP address, which has one call left. The account has three calls left.
		expect(await third.ask("public/test")).toHaveProperty("result");
		expect(await bare.ask("public/test")).toHaveProperty("result");
		expect(await other.ask("public/test")).toHaveProperty("result");
		expect(await bare.ask("private/get_open_orders")).toHaveProperty("result");
		expect(await other.ask("public/test")).toMatchObject({ error: { code: 10028 } });
		expect((await callHttp(link, "/public/test")).body).toMatchObject({ error: { code: 10028 } });
	});
});

describe("maintenance of the simulated Deribit", () => {
	it("DeribitVenue option maintenanceHandshakes=accepted: during maintenance, handshakes are accepted and every call fails with 11051", async () => {
		const { open, trigger } = await stage({ maintenanceHandshakes: "accepted" });
		trigger("maintenance");
		const during = await open();
		expect(during.closed).toBeUndefined();
		expect(await during.ask("public/auth", credentials)).toMatchObject({ error: { code: 11051 } });
		expect(await during.ask("public/test")).toMatchObject({ error: { code: 11051 } });
	});
});

describe("a stop order", () => {
	it.each([
		[{}, "cancelled"],
		[{ cancelsUntriggered: false }, "untriggered"],
	] as const)("with options %o, a stop order is %s after its connection ended", async (options, state) => {
		const { bare, open } = await stage(options);
		await bare.ask("public/auth", credentials);
		await bare.ask("private/enable_cancel_on_disconnect");
		const order = { instrument_name: "BTC-PERPETUAL", amount: 10, type: "stop_market" };
		const placed = (await bare.ask("private/buy", order)) as { result: { order: { order_id: string } } };
		expect(placed).toMatchObject({ result: { order: { order_state: "untriggered" } } });
		bare.close();
		const later = await open();
		await later.ask("public/auth", credentials);
		const { order_id } = placed.result.order;
		expect(await later.ask("private/get_order_state", { order_id })).toMatchObject({ result: { order_state: state } });
	});
});

describe("tokens of the simulated Deribit", () => {
	it("tokens of a named session are valid on other connections and over HTTP; tokens of a connection only on that connection", async () => {
		const { bare, open, link } = await stage();
		const login = async (scope: string) =>
			((await bare.ask("public/auth", { ...credentials, scope })) as { result: { access_token: string } }).result;
		const other = await open();
		for (const [scope, outcome] of [
			["session:a", "result"],
			["connection", "error"],
		] as const) {
			const { access_token } = await login(scope);
			expect(await other.ask("private/get_open_orders", { access_token })).toHaveProperty(outcome);
			const headers = { authorization: `Bearer ${access_token}` };
			expect((await callHttp(link, "/private/get_open_orders", { headers })).body).toHaveProperty(outcome);
		}
	});

	it("tokens of a named session log a new connection in, but do not restore heartbeat or cancel-on-disconnect", async () => {
		const { bare, open, link, venue } = await stage();
		const { result } = (await bare.ask("public/auth", { ...credentials, scope: "session:a" })) as {
			result: { refresh_token: string };
		};
		await bare.ask("private/enable_cancel_on_disconnect");
		await bare.ask("public/set_heartbeat", { interval: 10 });
		link.drop();
		const next = await open();
		const refresh = { grant_type: "refresh_token", refresh_token: result.refresh_token };
		expect(await next.ask("public/auth", refresh)).toHaveProperty("result");
		expect(venue.truth().connections).toMatchObject([{ authenticated: true, armed: false, heartbeatSeconds: null }]);
		expect(venue.truth().sessions).toEqual(["a"]);
	});
});
