import { describe, expect, it, vi } from "vitest";
import { Harness, useFakeClock } from "./testing/harness.ts";

useFakeClock();

const words = (text: string): string[] => text.trim().split(/\s+/);
const members = async (harness: Harness, method: string, path: string, body = ""): Promise<string[]> =>
	Object.keys((await harness.ask(method, path, { body })).json() as object);

const status = words("authenticated established competing connected message MAC serverInfo hardware_info");
const validate = words(`SFT IS_PENDING_APPLICANT SF_ENABLED HARDWARE_INFO UNIQUE_LOGIN_ID AUTH_TIME SF_CONFIG USER_NAME
	CREDENTIAL_TYPE IS_FREE_TRIAL LOGIN_TYPE LANDING_APP CREDENTIAL ANOMALOUS_LOGIN RESULT IP USER_ID EXPIRES TOKEN took IS_MASTER
	features region`);

describe("replies of the simulated IBKR", () => {
	it("the reply to auth/status has the recorded members in the recorded order: for GET, for POST, and after the login has expired", async () => {
		const harness = new Harness();
		for (const method of ["GET", "POST"]) {
			expect(await members(harness, method, "/iserver/auth/status")).toEqual([...status, "fail"]);
		}
		harness.trigger("expireSso");
		expect(await members(harness, "GET", "/iserver/auth/status")).toEqual(
			words("authenticated established competing connected MAC"),
		);
	});

	it("the reply to /tickle has the recorded members in the recorded order", async () => {
		const harness = new Harness();
		expect(await members(harness, "POST", "/tickle")).toEqual(
			words("session ssoExpires collission userId hmds iserver"),
		);
		const { iserver } = (await harness.ask("GET", "/tickle")).json() as { iserver: { authStatus: object } };
		expect(Object.keys(iserver.authStatus)).toEqual(status);
		expect(iserver.authStatus).toMatchObject({ MAC: "00:00:5E:00:53:01", serverInfo: { serverName: "SimN1" } });
	});

	it("the reply to ssodh/init has the recorded members in the recorded order; if the option sendPassed is false, the member passed is missing", async () => {
		const init = '{"publish":true,"compete":false}';
		expect(await members(new Harness(), "POST", "/iserver/auth/ssodh/init", init)).toEqual(["passed", ...status]);
		const without = new Harness({ sendPassed: false });
		expect(await members(without, "POST", "/iserver/auth/ssodh/init", init)).toEqual(status);
		without.trigger("compete");
		expect((await without.init(false)).json()).toEqual({ authenticated: false, connected: true, competing: false });
	});

	it("the reply to /sso/validate has the recorded members in the recorded order, for live and paper accounts", async () => {
		const live = new Harness({ accounts: ["U1234567"] });
		expect(await members(live, "GET", "/sso/validate")).toEqual(validate);
		expect((await live.ask("GET", "/sso/validate")).json()).toMatchObject({ LOGIN_TYPE: 1 });
		expect((await new Harness().ask("GET", "/sso/validate")).json()).toMatchObject({ LOGIN_TYPE: 2 });
	});

	it("the reply to /iserver/accounts has the recorded members in the recorded order", async () => {
		const harness = new Harness();
		expect(await members(harness, "GET", "/iserver/accounts")).toEqual(
			words(`accounts acctProps aliases allowFeatures chartPeriods groups profiles selectedAccount serverInfo sessionId isFT
				isPaper`),
		);
	});

	it("the reply to /portfolio/accounts has the recorded members in the recorded order", async () => {
		const [account] = (await new Harness().ask("GET", "/portfolio/accounts")).json() as [object];
		expect(Object.keys(account)).toEqual(
			words(`id PrepaidCrypto-Z PrepaidCrypto-P brokerageAccess accountId accountVan accountTitle displayName accountAlias
				accountStatus currency type tradingType businessType ibEntity faclient clearingStatus covestor noClientTrading
				trackVirtualFXPortfolio parent desc`),
		);
	});
});

describe("the prefix /v1/portal of the simulated IBKR", () => {
	it("the prefix /v1/portal of IbkrVenue serves the same calls as /v1/api", async () => {
		const harness = new Harness({ start: "login" });
		expect((await harness.ask("GET", "/v1/portal/sso/validate")).json()).toMatchObject({ RESULT: true });
		const again = await harness.ask("POST", "/v1/portal/iserver/reauthenticate?force=true");
		expect(again.json()).toEqual({ message: "triggered" });
		await vi.advanceTimersByTimeAsync(2_000);
		expect(harness.venue.truth().brokerage).toBe("live");
	});
});

it("IbkrVenue ignores a slash at the end of a path, which the client library ibind sends", async () => {
	const harness = new Harness();
	await harness.ask("GET", "/iserver/accounts");
	expect((await harness.ask("GET", "/iserver/account/trades/")).json()).toEqual([]);
});

it("replies of the simulated IBKR have the recorded headers in the recorded order", async () => {
	const { headers } = await new Harness().ask("POST", "/tickle");
	expect(Object.keys(headers)).toEqual(
		words(`referrer-policy content-type x-response-time x-content-type-options expires cache-control pragma date
			strict-transport-security vary set-cookie`),
	);
	expect(headers["expires"]).toBe(headers["date"]);
});

describe("rate limits of the simulated IBKR", () => {
	it("rate limits of IbkrVenue are enforced only if the option pacing is true", async () => {
		const harness = new Harness();
		for (let call = 0; call < 60; call += 1) expect((await harness.ask("POST", "/tickle")).status).toBe(200);
		const strict = new Harness({ pacing: true });
		expect((await strict.ask("POST", "/tickle")).status).toBe(200);
		expect((await strict.ask("POST", "/tickle")).status).toBe(429);
	});
});

describe("faults of the simulated IBKR", () => {
	it('fault oddTickle of IbkrVenue answers the next tickles with an empty 401 or a 200 "no session", although the session is alive', async () => {
		const harness = new Harness();
		harness.trigger("oddTickle", { as: "empty-401" });
		expect(await harness.ask("POST", "/tickle")).toMatchObject({ status: 401, text: "" });
		harness.trigger("oddTickle", { as: "no-session", times: 2 });
		for (let call = 0; call < 2; call += 1) {
			expect(await harness.ask("POST", "/tickle")).toMatchObject({ status: 200, text: '{"error":"no session"}' });
		}
		expect((await harness.ask("POST", "/tickle")).text).toContain('"authenticated":true');
		expect(harness.venue.truth().brokerage).toBe("live");
		expect(() => harness.trigger("oddTickle", { as: "x" })).toThrow(
			'argument as must be "empty-401" or "no-session", got "x".',
		);
	});

	it("IbkrVenue fault validateFalse makes /sso/validate return RESULT false until it is switched off, although the session is alive", async () => {
		const harness = new Harness();
		harness.trigger("validateFalse", { on: true });
		expect((await harness.ask("GET", "/sso/validate")).json()).toEqual({ RESULT: false });
		expect((await harness.ask("POST", "/tickle")).text).toContain('"authenticated":true');
		harness.trigger("validateFalse", { on: false });
		expect((await harness.ask("GET", "/sso/validate")).json()).toMatchObject({ RESULT: true });
	});

	it("IbkrVenue fault login with the argument accounts logs in to those accounts, for example to a paper account after a live account", async () => {
		const harness = new Harness({ accounts: ["U1"], loadMs: 0 });
		harness.trigger("expireSso");
		harness.trigger("login", { accounts: ["DU9"] });
		expect((await harness.ask("GET", "/sso/validate")).json()).toMatchObject({ LOGIN_TYPE: 2 });
		expect((await harness.ask("GET", "/iserver/accounts")).json()).toMatchObject({
			accounts: ["DU9"],
			selectedAccount: "DU9",
			isPaper: true,
		});
		expect((await harness.ask("GET", "/portfolio/accounts")).json()).toMatchObject([{ id: "DU9" }]);
	});
});

it("IbkrVenue option statusVerb=GET refuses POST /iserver/auth/status with 400, and answers GET", async () => {
	const harness = new Harness({ statusVerb: "GET" });
	expect((await harness.ask("POST", "/iserver/auth/status")).status).toBe(400);
	expect((await harness.ask("GET", "/iserver/auth/status")).status).toBe(200);
});
