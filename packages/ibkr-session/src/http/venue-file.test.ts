import { expect, it } from "vitest";
import { createIbkrHttp, createIbkrPenaltyBox, type IbkrHttp } from "../index.ts";

/** A client whose next reply is this one. */
const answered = (status: number, body: unknown): IbkrHttp =>
	createIbkrHttp({
		fetch: async () => new Response(typeof body === "string" ? body : JSON.stringify(body), { status }),
		penaltyBox: createIbkrPenaltyBox(),
		pacing: false,
	});

const serverInfo = { serverName: "JifN19053", serverVersion: "Build 10.44.1c, Mar 12, 2026 4:01:10 PM" };
const status = {
	authenticated: true,
	competing: false,
	connected: true,
	message: "",
	MAC: "00:00:5E:00:53:01",
	serverInfo,
	hardware_info: "00000000|00:00:5E:00:53:01",
	fail: "",
};
const accounts = {
	accounts: ["U1234567"],
	acctProps: { U1234567: { hasChildAccounts: false, supportsCashQty: true, supportsFractions: true } },
	aliases: { U1234567: "U1234567" },
	allowFeatures: { showGFIS: true, allowFXConv: true, allowedAssetTypes: "STK,CFD,OPT", snapshotRefreshTimeout: 30 },
	chartPeriods: { STK: ["*"], CFD: ["*"] },
	groups: [],
	profiles: [],
	selectedAccount: "U1234567",
	serverInfo,
	isFT: false,
	isPaper: false,
};
const validation = {
	USER_ID: 123456789,
	USER_NAME: "user1234",
	RESULT: true,
	AUTH_TIME: 1_702_580_846_836,
	SF_ENABLED: false,
	IS_FREE_TRIAL: false,
	CREDENTIAL: "user1234",
	IP: "192.0.2.1",
	EXPIRES: 1_795_086_400_000,
	QUALIFIED_FOR_MOBILE_AUTH: null,
	LANDING_APP: "UNIVERSAL",
	IS_MASTER: false,
	lastAccessed: 1_702_581_069_652,
	LOGIN_TYPE: 2,
	PAPER_USER_NAME: "user1234",
	features: { env: "PROD", wlms: true, realtime: true, bond: true, optionChains: true, calendar: true, newMf: true },
	region: "NJ",
	SFT: "x",
	IS_PENDING_APPLICANT: false,
	HARDWARE_INFO: "00000000|00:00:5E:00:53:01",
	UNIQUE_LOGIN_ID: "x",
	SF_CONFIG: "x",
	CREDENTIAL_TYPE: 1,
	ANOMALOUS_LOGIN: false,
	TOKEN: "planted-token",
	took: 3,
	isGw: true,
};
const tickle = {
	session: "bb665d0f55b6289d70bc7380089fc96f",
	ssoExpires: 460_311,
	collission: false,
	userId: 123456789,
	hmds: { error: "no bridge" },
	iserver: { authStatus: status },
};

it.each<[string, (client: IbkrHttp) => Promise<unknown>, number, unknown, object]>([
	["tickle", (client) => client.tickle(), 200, tickle, { kind: "live", brokerage: { server: { name: "JifN19053" } } }],
	[
		"tickle over OAuth 1.0a",
		(client) => client.tickle(),
		200,
		{ session: "x", iserver: { authStatus: status } },
		{ kind: "live" },
	],
	["init with MAC and hardware_info", (client) => client.init(), 200, status, { kind: "accepted" }],
	["init that passed", (client) => client.init(), 200, { passed: true, ...status }, { kind: "accepted" }],
	[
		"init refused with nobody else logged in",
		(client) => client.init(),
		200,
		{ authenticated: false, connected: true, competing: false },
		{ kind: "refused", because: "unstated" },
	],
	["init of some paper users over OAuth", (client) => client.init(), 410, "", { kind: "no-session", because: "gone" }],
	[
		"validate with the members that no document has",
		(client) => client.validate(),
		200,
		validation,
		{ kind: "valid", loginType: "paper", region: "NJ" },
	],
	[
		"validate that denies the login",
		(client) => client.validate(),
		200,
		{ RESULT: false },
		{ kind: "no-session", because: "result-false" },
	],
	[
		"accounts with eleven members",
		(client) => client.accounts(),
		200,
		accounts,
		{ kind: "accounts", count: 1, loginType: "live" },
	],
	["status", (client) => client.status(), 200, status, { kind: "status", brokerage: { state: "ready" } }],
	["reauthenticate", (client) => client.reauthenticate(), 200, { message: "triggered" }, { kind: "triggered" }],
	[
		"an unknown consumer",
		(client) => client.tickle(),
		401,
		{ error: "id: 12, error: invalid consumer", statusCode: 401 },
		{ kind: "no-session", because: "invalid-consumer", venueMessage: "id: 12, error: invalid consumer" },
	],
])("the client reads the reply as it was recorded: %s", async (_, call, httpStatus, body, outcome) => {
	expect(await call(answered(httpStatus, body))).toMatchObject(outcome);
});

it("an account that is not entitled is an error with the venue's own words", async () => {
	const client = answered(500, { error: "failed to generate sso dh token" });
	await expect(client.init()).rejects.toMatchObject({
		kind: "unavailable",
		status: 500,
		venueMessage: "failed to generate sso dh token",
	});
});
