import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectDeribit } from "../socket/connect.ts";
import { hold } from "../testing/held-socket.ts";
import { DeribitSessionNames } from "./session-names.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { clientId, clientSecret };
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
	const open = () => connectDeribit({ WebSocket: memoryWebSocket(link), sessionNames: new DeribitSessionNames() });
	return { venue, link, open, connection: await open() };
}

describe("what the venue grants", () => {
	it("is narrowed to what the key may do, and shown as it was granted, in whatever order", async () => {
		const { connection } = await stage({ keyScope: "account:read trade:read_write" });
		const asked = "account:read_write trade:read wallet:read_write expires:60";
		const { authScope: scope, expiresInSeconds } = await connection.authenticate({ ...credentials, authScope: asked });
		expect([...scope].sort()).toEqual(["account:read", "connection", "mainaccount", "trade:read"]);
		expect(expiresInSeconds).toBe(60);
	});

	it("leaves out a right that was asked for as none", async () => {
		const { connection } = await stage();
		const { authScope: scope } = await connection.authenticate({
			...credentials,
			authScope: "account:read wallet:none",
		});
		expect(scope.filter((token) => /^(account|trade|wallet)/.test(token))).toEqual(["account:read"]);
	});

	it.each([
		["the five members that are sure", {}],
		[
			"every member that was ever seen",
			{
				state: "x",
				sid: "s",
				enabled_features: ["a"],
				mandatory_tfa_status: "enabled",
				google_login: false,
				new_one: { of: "2027" },
			},
		],
	])("may have %s", async (_, more) => {
		const { connection, socket } = await hold();
		const login = connection.authenticate(credentials);
		const sure = { access_token: "aaa", refresh_token: "rrr", expires_in: 315_360_000, token_type: "bearer" };
		const scope = "mainaccount connection name:desk custody:read_write ip:* block_rfq:read";
		socket.hear({ id: 1, result: { ...sure, scope, ...more } });
		expect(await login).toMatchObject({ authScope: scope.split(" "), expiresInSeconds: 315_360_000 });
		expect(connection.renewInMs).toBe(315_360_000_000 * 0.8);
		expect(connection.tokens()).toEqual({ accessToken: "aaa", refreshToken: "rrr" });
	});
});

describe("tokens of a session", () => {
	it("outlive a logout that does not invalidate them, and authenticate the next connection", async () => {
		const { connection, open, venue } = await stage();
		await connection.authenticate({ ...credentials, authScope: "account:read_write session:kept" });
		const { refreshToken = "" } = connection.tokens() ?? {};
		await connection.logout({ invalidateToken: false });
		const next = await open();
		const refresh = { grant_type: "refresh_token", refresh_token: refreshToken } as const;
		expect(await next.request("public/auth", refresh)).toMatchObject({
			scope: expect.stringContaining("session:kept"),
		});
		// Authentication alone: heartbeat and switch are the connection's own.
		expect(venue.truth().connections).toMatchObject([{ authenticated: true, armed: false, heartbeatSeconds: null }]);
	});

	it("end with an ordinary logout: their refresh token is spent", async () => {
		const { connection, open } = await stage();
		await connection.authenticate({ ...credentials, authScope: "account:read_write session:kept" });
		const { refreshToken = "" } = connection.tokens() ?? {};
		await connection.logout();
		const refresh = { grant_type: "refresh_token", refresh_token: refreshToken } as const;
		await expect((await open()).request("public/auth", refresh)).rejects.toMatchObject({ venueCode: -32602 });
	});

	it("are renewed without adding a session, as often as it takes", async () => {
		const { connection, venue } = await stage();
		await connection.authenticate({ ...credentials, authScope: "account:read_write session:kept" });
		for (let renewals = 0; renewals < 20; renewals += 1) await connection.renew();
		expect(venue.truth().sessions).toEqual(["kept"]);
	});
});

describe("tokens of a connection", () => {
	it("are refused on another with 13009, and cannot be forked", async () => {
		const { connection, open } = await stage();
		await connection.authenticate(credentials);
		const { refreshToken = "" } = connection.tokens() ?? {};
		const refresh = { grant_type: "refresh_token", refresh_token: refreshToken } as const;
		await expect((await open()).request("public/auth", refresh)).rejects.toMatchObject({ venueCode: 13009 });
		const fork = { refresh_token: refreshToken, session_name: "forked" };
		await expect(connection.request("public/fork_token", fork)).rejects.toMatchObject({ venueCode: -32602 });
	});

	it("that are over leave the connection, its heartbeats and its subscriptions as they were; private calls are 13009", async () => {
		const news: unknown[] = [];
		const { link } = await stage();
		const connection = await connectDeribit({
			WebSocket: memoryWebSocket(link),
			onNotification: ({ channel }) => news.push(channel),
		});
		await connection.authenticate({ ...credentials, authScope: "account:read_write expires:5" });
		await connection.request("public/set_heartbeat", { interval: 10 });
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		await vi.advanceTimersByTimeAsync(60_000);
		await expect(connection.request("private/get_cancel_on_disconnect")).rejects.toMatchObject({ venueCode: 13009 });
		link.faults["announceMaintenance"]?.({});
		await vi.advanceTimersByTimeAsync(0);
		expect(news).toEqual(["platform_state"]);
		expect(connection.ended.aborted).toBe(false);
		await connection.renew();
		expect(await connection.request("private/get_cancel_on_disconnect")).toMatchObject({ enabled: false });
	});
});

describe("a call to exchange a refresh token", () => {
	it("gives tokens of another subject and leaves the caller's as they are", async () => {
		const { connection } = await stage();
		await connection.authenticate(credentials);
		const { refreshToken = "" } = connection.tokens() ?? {};
		const given = await connection.request("public/exchange_token", { refresh_token: refreshToken, subject_id: 2 });
		expect(given).toMatchObject({ token_type: "bearer" });
		expect(connection.tokens()?.refreshToken).toBe(refreshToken);
		await connection.renew();
		const unknown = { refresh_token: connection.tokens()?.refreshToken ?? "", subject_id: 99 };
		await expect(connection.request("public/exchange_token", unknown)).rejects.toMatchObject({ venueCode: -32602 });
	});
});
