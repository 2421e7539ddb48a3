import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeribitVenue, type DeribitVenueOptions } from "../deribit.ts";
import { Link } from "../network-link.ts";
import { BareClient, callHttp, settle } from "./testing/bare-client.ts";

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

describe("options of DeribitVenue", () => {
	it.each([
		["quiet", 1],
		["always", 1],
		["never", 0],
	] as const)(
		"DeribitVenue sends or omits the heartbeat frame before test_request as option heartbeatFrame=%s says",
		async (heartbeatFrame, beats) => {
			const { bare } = await stage({ heartbeatFrame });
			await bare.ask("public/set_heartbeat", { interval: 10 });
			await vi.advanceTimersByTimeAsync(12_000);
			expect(bare.heartbeats()).toEqual([...Array(beats).fill({ type: "heartbeat" }), { type: "test_request" }]);
		},
	);

	it("DeribitVenue option heartbeatCloseCode is the close code after an unanswered test_request", async () => {
		const { bare } = await stage({ heartbeatCloseCode: 4001 });
		await bare.ask("public/set_heartbeat", { interval: 10 });
		await vi.advanceTimersByTimeAsync(22_000);
		expect(bare.closed).toMatchObject({ code: 4001 });
	});

	it("DeribitVenue options unreadableCode, unauthorizedCode and webSocketOnlyCode set the error codes for these three kinds of bad requests", async () => {
		const { bare, link } = await stage({ unreadableCode: -32700, unauthorizedCode: 10000, webSocketOnlyCode: 10001 });
		bare.send("{");
		await settle();
		expect(bare.frames).toMatchObject([{ error: { code: -32700, message: "Parse error" } }]);
		expect(await bare.ask("private/get_open_orders")).toMatchObject({ error: { code: 10000 } });
		expect((await callHttp(link, "/public/set_heartbeat?interval=10")).body).toMatchObject({ error: { code: 10001 } });
	});

	it("DeribitVenue option secondLogin decides whether a second login to a named session invalidates the first login's refresh token", async () => {
		for (const [secondLogin, outcome] of [
			["spends", { error: { code: -32602 } }],
			["keeps", { result: { token_type: "bearer" } }],
		] as const) {
			const { bare, open } = await stage({ secondLogin });
			const login = { ...credentials, scope: "session:desk" };
			const { result } = (await bare.ask("public/auth", login)) as { result: { refresh_token: string } };
			await (await open()).ask("public/auth", login);
			const refresh = { grant_type: "refresh_token", refresh_token: result.refresh_token };
			expect(await bare.ask("public/auth", refresh)).toMatchObject(outcome);
		}
	});

	it("DeribitVenue option evicts decides which session ends when a 17th one opens: the session refreshed longest ago, or the one opened first", async () => {
		for (const [evicts, ended] of [
			["stalest", "s2"],
			["oldest", "s1"],
		] as const) {
			const { bare, venue } = await stage({ evicts });
			let first = "";
			for (let count = 1; count <= 17; count += 1) {
				await vi.advanceTimersByTimeAsync(10);
				const login = { ...credentials, scope: `session:s${count}` };
				const { result } = (await bare.ask("public/auth", login)) as { result: { refresh_token: string } };
				if (count === 1) first = result.refresh_token;
				// After this refresh, session 1 is still the session that was opened first, but session 2 is the one that was refreshed
				// longest ago.
				if (count === 8) await bare.ask("public/auth", { grant_type: "refresh_token", refresh_token: first });
			}
			expect(venue.truth().sessions).toHaveLength(16);
			expect(venue.truth().sessions).not.toContain(ended);
		}
	});

	it.each([
		[{}, "logout", "open"],
		[{ logoutFires: true }, "logout", "cancelled"],
		[{}, "drop", "cancelled"],
		[{ disconnectFires: false }, "drop", "open"],
		[{}, "maintenance", "cancelled"],
		[{ maintenanceFires: false }, "maintenance", "open"],
	] as const)("with options %o, the order of a connection that ended by %s is %s", async (options, end, state) => {
		const { bare, venue, trigger } = await stage(options);
		await bare.ask("public/auth", credentials);
		await bare.ask("private/enable_cancel_on_disconnect");
		trigger("place");
		if (end === "logout") await bare.ask("private/logout");
		else trigger(end);
		expect(venue.orders()).toMatchObject([{ state }]);
	});

	it("DeribitVenue option expiryStopsSubscriptions decides whether subscriptions end when the connection's tokens expire", async () => {
		for (const [expiryStopsSubscriptions, notified] of [
			[false, 1],
			[true, 0],
		] as const) {
			const { bare, trigger } = await stage({ expiryStopsSubscriptions });
			await bare.ask("public/auth", { ...credentials, scope: "expires:5" });
			await bare.ask("public/subscribe", { channels: ["platform_state"] });
			await vi.advanceTimersByTimeAsync(5_001);
			expect(trigger("announceMaintenance")).toBe(notified);
			expect(bare.closed).toBeUndefined();
		}
	});
});

describe("faults of the simulated Deribit", () => {
	it("fault announceMaintenance of DeribitVenue announces maintenance and its end, and closes no connections", async () => {
		const { bare, trigger } = await stage();
		await bare.ask("public/subscribe", { channels: ["platform_state"] });
		trigger("announceMaintenance");
		trigger("announceMaintenance", { on: false });
		await settle();
		const news = bare.frames.filter(({ method }) => method === "subscription").map(({ params }) => params);
		expect(news).toMatchObject([{ data: { maintenance: true } }, { data: { maintenance: false } }]);
		expect(bare.closed).toBeUndefined();
	});

	it("DeribitVenue fault spendRefreshTokens invalidates all refresh tokens, fault voidTokens all tokens, and connections stay open", async () => {
		const { bare, trigger } = await stage();
		const { result } = (await bare.ask("public/auth", credentials)) as { result: { refresh_token: string } };
		const refresh = { grant_type: "refresh_token", refresh_token: result.refresh_token };
		expect(trigger("spendRefreshTokens")).toBe(1);
		expect(await bare.ask("public/auth", refresh)).toMatchObject({ error: { code: -32602 } });
		expect(await bare.ask("private/get_open_orders")).toMatchObject({ result: [] });
		expect(trigger("voidTokens")).toBe(1);
		expect(await bare.ask("private/get_open_orders")).toMatchObject({ error: { code: 13009 } });
		expect(bare.closed).toBeUndefined();
	});
});

it("private/mass_quote fails with 13042 unless cancel-on-disconnect is on for its connection", async () => {
	const { bare } = await stage();
	await bare.ask("public/auth", credentials);
	expect(await bare.ask("private/mass_quote")).toMatchObject({ error: { code: 13042, message: "cod_not_enabled" } });
	await bare.ask("private/enable_cancel_on_disconnect");
	expect(await bare.ask("private/mass_quote", { quotes: [] })).toMatchObject({ result: { errors_count: 0 } });
});

it("WebSocket-only methods of DeribitVenue, such as private/logout, are refused with 10030 over HTTP", async () => {
	const { link } = await stage();
	const basic = { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}` };
	for (const path of ["/private/logout", "/public/disable_heartbeat", "/public/hello?client_name=a&client_version=1"]) {
		expect(await callHttp(link, path, { headers: basic })).toMatchObject({
			status: 400,
			body: { error: { code: 10030 } },
		});
	}
});
