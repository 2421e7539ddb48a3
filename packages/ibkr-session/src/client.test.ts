import {
	type IbkrFault,
	IbkrVenue,
	type IbkrVenueOptions,
	Link,
	memoryFetch,
	type NetworkFault,
	serve,
} from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import { createIbkrHttp, type IbkrHttp, type IbkrOutcomes } from "./index.ts";

let link: Link<IbkrFault> | undefined;
let venue: IbkrVenue;

function clientOf(options: IbkrVenueOptions = {}): IbkrHttp {
	venue = new IbkrVenue(options);
	link = new Link(venue);
	return createIbkrHttp({ fetch: memoryFetch(link) });
}

const pull = (fault: IbkrFault | NetworkFault, args: Record<string, unknown> = {}): unknown =>
	link?.faults[fault](args);

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(() => {
	link?.close();
	vi.useRealTimers();
});

describe("the IbkrHttp client of a live session", () => {
	it("an IbkrHttp client accepts a baseUrl with a gateway's older URL prefix /v1/portal", async () => {
		venue = new IbkrVenue({ start: "login" });
		link = new Link(venue);
		const client = createIbkrHttp({ baseUrl: "https://localhost:5000/v1/portal", fetch: memoryFetch(link) });
		expect(await client.validate()).toMatchObject({ kind: "valid" });
		expect(await client.reauthenticate()).toEqual({ kind: "triggered" });
		await vi.advanceTimersByTimeAsync(2_000);
		expect(await client.status()).toMatchObject({ kind: "status", brokerage: { state: "ready" } });
		expect(await client.accounts()).toMatchObject({ kind: "accounts" });
		const tickle = await client.tickle();
		expect(tickle).toMatchObject({ kind: "live" });
		expect(new Set(venue.received.map(({ path }) => path.slice(0, 11)))).toEqual(new Set(["/v1/portal/"]));
	});

	it("tickle() returns the session id as a value that is not printed", async () => {
		const outcome = await clientOf().tickle();
		if (outcome.kind !== "live") throw new Error(outcome.kind);
		expect(outcome.brokerage.state).toBe("ready");
		expect(outcome.session?.reveal()).toMatch(/^[0-9a-f]{32}$/);
		expect(outcome.ssoExpiresInMs).toBe(600_000);
		expect(JSON.stringify(outcome)).not.toContain(outcome.session?.reveal());
	});

	it("status(), validate() and accounts() return the state, the login and the accounts of a live session", async () => {
		const client = clientOf();
		expect(await client.status()).toMatchObject({
			kind: "status",
			brokerage: { state: "ready", server: { name: "SimN1" } },
		});
		expect(await client.validate()).toMatchObject({
			kind: "valid",
			loginType: "paper",
			region: "NJ",
			expiresAt: Date.now() + 86_400_000,
			expiresForm: "absolute",
		});
		expect(await client.accounts()).toMatchObject({ kind: "accounts", count: 1 });
		expect(await client.reauthenticate()).toEqual({ kind: "triggered" });
	});

	it("validate() returns the same time of expiry when the venue sends the remaining milliseconds instead of the time", async () => {
		const outcome = await clientOf({ expires: "left" }).validate();
		expect(outcome).toMatchObject({ expiresAt: Date.now() + 86_400_000, expiresForm: "relative" });
	});

	it("init() opens the brokerage session again after its idle timeout, which comes after exactly 360 000 ms", async () => {
		const client = clientOf();
		await client.status();
		await vi.advanceTimersByTimeAsync(359_999);
		expect(venue.truth().brokerage).toBe("live");
		await vi.advanceTimersByTimeAsync(1);
		expect(await client.tickle()).toMatchObject({ kind: "not-ready", brokerage: { state: "unauthenticated" } });
		expect(await client.init()).toMatchObject({ kind: "accepted", brokerage: { state: "loading" } });
		await vi.advanceTimersByTimeAsync(2_000);
		expect(await client.tickle()).toMatchObject({ kind: "live" });
	});

	it("a tickle() each minute keeps the session alive for a day, although ssoExpires in the replies falls to 60 s again and again", async () => {
		const client = clientOf();
		let lowest = Number.POSITIVE_INFINITY;
		for (let minute = 0; minute < 1_439; minute++) {
			await vi.advanceTimersByTimeAsync(60_000);
			const outcome = await client.tickle();
			if (outcome.kind !== "live") throw new Error(`${outcome.kind} in minute ${minute}`);
			lowest = Math.min(lowest, outcome.ssoExpiresInMs ?? lowest);
		}
		expect(lowest).toBe(60_000);
		await vi.advanceTimersByTimeAsync(60_000);
		expect((await client.tickle()).kind).toBe("no-session");
	});

	it("logout() logs out, although the reply has no Content-Type", async () => {
		const client = clientOf();
		expect(await client.logout()).toMatchObject({ kind: "logged-out" });
		expect(await client.status()).toMatchObject({ brokerage: { state: "disconnected", authenticated: false } });
		expect(await client.tickle()).toMatchObject({ kind: "no-session", because: "access-denied", status: 401 });
	});
});

describe("the outcome no-session", () => {
	it.each([
		["401", {}, { because: "access-denied", status: 401 }],
		["a redirect to the login page", { redirectToLogin: true }, { because: "login-redirect", status: 302 }],
		["200 with an error", { loggedOut: { tickle: 200 } }, { because: "error-body", status: 200 }],
	] as const)("no-session is the outcome of tickle() when the venue answers with %s", async (_, options, expected) => {
		expect(await clientOf({ start: "none", ...options }).tickle()).toMatchObject({ kind: "no-session", ...expected });
	});

	it.each([
		["RESULT false", 200, "result-false"],
		["401", 401, "access-denied"],
	] as const)(
		"no-session is the outcome of validate() when the venue answers with %s",
		async (_, validate, because) => {
			const outcome = await clientOf({ start: "none", loggedOut: { validate } }).validate();
			expect(outcome).toMatchObject({ kind: "no-session", because, status: validate });
		},
	);

	it("no-session is the outcome of init() when the venue answers with 410 or 401, but not with 503", async () => {
		const init = (status: 401 | 410 | 503) => clientOf({ start: "none", loggedOut: { init: status } }).init();
		expect(await init(401)).toMatchObject({ kind: "no-session", because: "access-denied" });
		expect(await init(410)).toMatchObject({ kind: "no-session", because: "gone" });
		await expect(init(503)).rejects.toMatchObject({ kind: "unavailable", status: 503 });
	});
});

describe("the outcome no-brokerage", () => {
	it.each([
		["401 as text", { accountsWithoutBrokerage: 401 }, { because: "not-authenticated", status: 401 }],
		["400 no bridge", { accountsWithoutBrokerage: 400 }, { because: "no-bridge", status: 400 }],
	] as const)("no-brokerage is the outcome of accounts() for the answer %s", async (_, options, expected) => {
		const outcome = await clientOf({ start: "login", ...options }).accounts();
		expect(outcome).toMatchObject({ kind: "no-brokerage", ...expected });
	});

	it("no-brokerage is the outcome of accounts() when the venue answers with an empty object", async () => {
		const client = clientOf({ start: "login" });
		await client.init();
		expect(await client.accounts()).toMatchObject({ kind: "no-brokerage", because: "empty", status: 200 });
	});
});

describe("another session of the user", () => {
	it("another session of the user makes the state `competing`, even if a reply says authenticated: true", async () => {
		const client = clientOf();
		pull("compete");
		const outcome = await client.tickle();
		expect(outcome).toMatchObject({
			kind: "not-ready",
			brokerage: { state: "competing", authenticated: true, competing: true },
		});
		expect((await client.accounts()).kind).toBe("no-brokerage");
	});

	it("another session of the user makes the venue refuse init() without compete: true, although the reply says competing: false", async () => {
		const client = clientOf();
		pull("compete");
		expect(await client.init()).toMatchObject({
			kind: "refused",
			brokerage: { competing: false, state: "unauthenticated" },
		});
		expect(venue.truth().rival).toBe(true);
	});

	it("another session of the user is ended by init() with compete: true", async () => {
		const client = clientOf();
		pull("compete");
		expect(await client.init({ compete: true })).toMatchObject({ kind: "accepted" });
		expect(venue.truth().rival).toBe(false);
	});

	it("status() returns forceOnly true after a refused init() when the key can open a session only with compete: true", async () => {
		const client = clientOf({ start: "login", forceOnlyKey: true });
		expect((await client.init()).kind).toBe("refused");
		expect(await client.status()).toMatchObject({ brokerage: { forceOnly: true, competing: false } });
	});
});

it("an IbkrHttp client sends Content-Length and User-Agent with every POST, and every cookie regardless of its path", async () => {
	const client = clientOf();
	await client.tickle();
	await client.status();
	await client.init();
	const [tickle, status, init] = venue.received;
	expect(tickle?.headers).toMatchObject({ "content-length": "0", "user-agent": "x-ibkr-session" });
	expect(tickle?.headers["content-type"]).toBeUndefined();
	expect(tickle?.headers["cookie"]).toBeUndefined();
	expect(status?.headers["cookie"]).toMatch(/^x-sess-uuid=[0-9a-f]{16}$/);
	expect(init?.body).toBe('{"publish":true,"compete":false}');
	expect(init?.headers["content-type"]).toBe("application/json");
});

it("an IbkrHttp client clears its cookies after a logout", async () => {
	const client = clientOf();
	await client.tickle();
	await client.logout();
	await client.status();
	expect(venue.received.at(-1)?.headers["cookie"]).toBeUndefined();
});

it("an IbkrHttp client calls the option `authorize` for each request, with the method and URL of the request", async () => {
	const asked: unknown[] = [];
	venue = new IbkrVenue({ mode: "oauth1" });
	link = new Link(venue);
	const client = createIbkrHttp({
		fetch: memoryFetch(link),
		baseUrl: "https://api.ibkr.com/v1/api/",
		authorize: async (request) => {
			asked.push(request);
			return { Authorization: 'OAuth realm="limited_poa"' };
		},
	});
	pull("login");
	await client.init();
	await vi.advanceTimersByTimeAsync(2_000);
	const outcome = await client.tickle();
	expect(outcome).toMatchObject({ kind: "live" });
	expect(outcome).not.toHaveProperty("ssoExpiresInMs");
	expect(asked).toEqual([
		{ method: "POST", url: "https://api.ibkr.com/v1/api/iserver/auth/ssodh/init" },
		{ method: "POST", url: "https://api.ibkr.com/v1/api/tickle" },
	]);
});

it("an IbkrHttp client uses the global fetch by default, and does not follow a redirect to the login page", async () => {
	vi.useRealTimers();
	venue = new IbkrVenue({ redirectToLogin: true, pacing: false });
	link = new Link(venue);
	const served = await serve(link);
	const client = createIbkrHttp({ baseUrl: `${served.http}/v1/api`, pacing: false });
	expect(await client.tickle()).toMatchObject({ kind: "live" });
	expect(venue.received[0]?.headers).toMatchObject({ "content-length": "0", "user-agent": "x-ibkr-session" });
	expect(venue.received[0]?.headers).not.toHaveProperty("content-type");
	expect(await client.logout()).toMatchObject({ kind: "logged-out" });
	expect(await client.tickle()).toMatchObject({ kind: "no-session", because: "login-redirect", status: 302 });
	expect(venue.received).toHaveLength(3);
	await served.close();
	await expect(client.tickle()).rejects.toMatchObject({ kind: "network", code: expect.any(String) });
});

it("the compiler refuses a wrong parameter of an IbkrHttp call, and the use of a member that an outcome does not have", () => {
	expectTypeOf<Extract<IbkrOutcomes["tickle"], { kind: "no-session" }>>().not.toHaveProperty("brokerage");
	const calls = (client: IbkrHttp, outcome: IbkrOutcomes["tickle"]): void => {
		// @ts-expect-error only some outcomes have it
		outcome.brokerage;
		// @ts-expect-error a string is not a boolean
		void client.init({ compete: "true" });
		// @ts-expect-error tickle takes an object of options
		void client.tickle(60_000);
		// @ts-expect-error there is no such call
		void client.login();
	};
	expect(calls).toBeTypeOf("function");
});
