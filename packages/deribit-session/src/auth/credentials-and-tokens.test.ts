import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connectDeribit } from "../socket/connect.ts";
import { connectFake } from "../testing/fake-socket.ts";
import { DeribitSessionNames } from "./session-name-registry.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const credentials = { clientId, clientSecret };
const links: Link[] = [];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
	for (const link of links.splice(0)) link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

async function setup(options: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	links.push(link);
	const open = () => connectDeribit({ WebSocket: memoryWebSocket(link), sessionNames: new DeribitSessionNames() });
	return { venue, link, open, connection: await open() };
}

describe("DeribitAuthorization", () => {
	it("DeribitAuthorization lists only the granted scopes when the API key allows fewer scopes than were requested", async () => {
		const { connection } = await setup({ keyScope: "account:read trade:read_write" });
		const requested = "account:read_write trade:read wallet:read_write expires:60";
		const { authScope: scope, expiresInSeconds } = await connection.authenticate({
			...credentials,
			authScope: requested,
		});
		expect([...scope].sort()).toEqual(["account:read", "connection", "mainaccount", "trade:read"]);
		expect(expiresInSeconds).toBe(60);
	});

	it("DeribitAuthorization lists no scope that was requested with the value none", async () => {
		const { connection } = await setup();
		const { authScope: scope } = await connection.authenticate({
			...credentials,
			authScope: "account:read wallet:none",
		});
		expect(scope.filter((token) => /^(account|trade|wallet)/.test(token))).toEqual(["account:read"]);
	});

	it.each([
		["the five documented members", {}],
		[
			"undocumented members",
			{
				state: "x",
				sid: "s",
				enabled_features: ["a"],
				mandatory_tfa_status: "enabled",
				google_login: false,
				new_one: { of: "2027" },
			},
		],
	])("DeribitAuthorization is read from a login reply that has %s", async (_, more) => {
		const { connection, socket } = await connectFake();
		const login = connection.authenticate(credentials);
		const documented = { access_token: "aaa", refresh_token: "rrr", expires_in: 315_360_000, token_type: "bearer" };
		const scope = "mainaccount connection name:desk custody:read_write ip:* block_rfq:read";
		socket.receive({ id: 1, result: { ...documented, scope, ...more } });
		expect(await login).toMatchObject({ authScope: scope.split(" "), expiresInSeconds: 315_360_000 });
		expect(connection.renewInMs).toBe(315_360_000_000 * 0.8);
		expect(connection.tokens()).toEqual({ accessToken: "aaa", refreshToken: "rrr" });
	});
});

describe("the tokens of a named session", () => {
	it("the tokens of a named session authenticate the next connection after logout() with invalidateToken false", async () => {
		const { connection, open, venue } = await setup();
		await connection.authenticate({ ...credentials, authScope: "account:read_write session:kept" });
		const { refreshToken = "" } = connection.tokens() ?? {};
		await connection.logout({ invalidateToken: false });
		const next = await open();
		const refresh = { grant_type: "refresh_token", refresh_token: refreshToken } as const;
		expect(await next.request("public/auth", refresh)).toMatchObject({
			scope: expect.stringContaining("session:kept"),
		});
		// The tokens carry over only the authentication: heartbeats and cancel-on-disconnect are set for each connection.
		expect(venue.truth().connections).toMatchObject([{ authenticated: true, armed: false, heartbeatSeconds: null }]);
	});

	it("the tokens of a named session are refused as spent (-32602) after a logout() that invalidates the tokens", async () => {
		const { connection, open } = await setup();
		await connection.authenticate({ ...credentials, authScope: "account:read_write session:kept" });
		const { refreshToken = "" } = connection.tokens() ?? {};
		await connection.logout();
		const refresh = { grant_type: "refresh_token", refresh_token: refreshToken } as const;
		await expect((await open()).request("public/auth", refresh)).rejects.toMatchObject({ venueCode: -32602 });
	});

	it("the tokens of a named session keep the same session when they are renewed 20 times", async () => {
		const { connection, venue } = await setup();
		await connection.authenticate({ ...credentials, authScope: "account:read_write session:kept" });
		for (let renewals = 0; renewals < 20; renewals += 1) await connection.renew();
		expect(venue.truth().sessions).toEqual(["kept"]);
	});
});

describe("the tokens of a connection without a named session", () => {
	it("the tokens of an unnamed session are refused over another connection and by public/fork_token", async () => {
		const { connection, open } = await setup();
		await connection.authenticate(credentials);
		const { refreshToken = "" } = connection.tokens() ?? {};
		const refresh = { grant_type: "refresh_token", refresh_token: refreshToken } as const;
		await expect((await open()).request("public/auth", refresh)).rejects.toMatchObject({ venueCode: 13009 });
		const fork = { refresh_token: refreshToken, session_name: "forked" };
		await expect(connection.request("public/fork_token", fork)).rejects.toMatchObject({ venueCode: -32602 });
	});

	it("expired tokens make private calls fail as unauthorized (13009), but end no heartbeat or subscription", async () => {
		const channels: unknown[] = [];
		const { link } = await setup();
		const connection = await connectDeribit({
			WebSocket: memoryWebSocket(link),
			onNotification: ({ channel }) => channels.push(channel),
		});
		await connection.authenticate({ ...credentials, authScope: "account:read_write expires:5" });
		await connection.request("public/set_heartbeat", { interval: 10 });
		await connection.call("public/subscribe", { channels: ["platform_state"] });
		await vi.advanceTimersByTimeAsync(60_000);
		await expect(connection.request("private/get_cancel_on_disconnect")).rejects.toMatchObject({ venueCode: 13009 });
		link.faults["announceMaintenance"]?.({});
		await vi.advanceTimersByTimeAsync(0);
		expect(channels).toEqual(["platform_state"]);
		expect(connection.ended.aborted).toBe(false);
		await connection.renew();
		expect(await connection.request("private/get_cancel_on_disconnect")).toMatchObject({ enabled: false });
	});
});

describe("public/exchange_token", () => {
	it("public/exchange_token returns tokens of a subaccount and leaves the caller's own tokens valid", async () => {
		const { connection } = await setup();
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
