import type { IbkrFault, IbkrVenueOptions } from "@x/venue-sims";
import type { IbkrHttp } from "../index.ts";

/** How to bring the simulator into the state in which it sends the recorded reply. */
export interface SimulatedPosition {
	readonly options?: IbkrVenueOptions;
	/** What the test does with the simulator before it sends the call. */
	readonly before?: (
		client: IbkrHttp,
		trigger: (fault: IbkrFault, args?: Record<string, unknown>) => unknown,
	) => unknown;
	/** The call that gets this reply at the simulator, if it is not the call of the recorded reply. */
	readonly call?: (fetch: typeof globalThis.fetch) => Promise<unknown>;
	/** A request header that does not arrive at the venue. */
	readonly lostHeader?: "user-agent" | "content-length";
}

/** A reply as it was recorded, reported or documented. Values that identify somebody are replaced. */
export interface RecordedReply {
	/** When the venue sends this reply. */
	readonly when: string;
	readonly call: (client: IbkrHttp) => Promise<unknown>;
	readonly status: number;
	readonly body: string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Members that the outcome or the error must have when the client reads this reply. */
	readonly reads: object;
	/** How to get this reply from the simulator. Absent if the simulator never sends this reply. */
	readonly simulated?: SimulatedPosition;
}

const tickle = (client: IbkrHttp) => client.tickle();
const init = (client: IbkrHttp) => client.init();
const status = (client: IbkrHttp) => client.status();
const validate = (client: IbkrHttp) => client.validate();
const accounts = (client: IbkrHttp) => client.accounts();

const hardware = '"hardware_info":"00000000|00:00:5E:00:53:01"';
const mac = '"MAC":"00:00:5E:00:53:01"';
const serverInfo = '"serverInfo":{"serverName":"JifN19053","serverVersion":"Build 10.44.1c, Mar 12, 2026 4:01:10 PM"}';
const live = `"authenticated":true,"established":true,"competing":false,"connected":true,"message":"",${mac},${serverInfo},${hardware}`;
const loading = live.replace('"established":true', '"established":false');
const competing = live.replace('"competing":false', '"competing":true').replace(`${serverInfo},`, "");
const ended = `"authenticated":false,"established":false,"competing":false,"connected":true,"message":"",${mac},${hardware}`;
const loggedOut = '"authenticated":false,"established":false,"competing":false,"connected":false,"MAC":null';
const forceOnly = "Force compete capability must be used together with compete flag";
const tickled = (brokerage: string): string =>
	'{"session":"bb665d0f55b6289d70bc7380089fc96f","ssoExpires":460311,"collission":false,"userId":123456789,' +
	`"hmds":{"error":"no bridge"},"iserver":{"authStatus":{${brokerage}}}}`;
const validated =
	'{"SFT":1,"IS_PENDING_APPLICANT":false,"SF_ENABLED":true,"HARDWARE_INFO":"","UNIQUE_LOGIN_ID":"x","AUTH_TIME":1702580846836,' +
	'"SF_CONFIG":"","USER_NAME":"user1234","CREDENTIAL_TYPE":0,"IS_FREE_TRIAL":false,"LOGIN_TYPE":2,"LANDING_APP":"PORTAL",' +
	'"CREDENTIAL":"user1234","ANOMALOUS_LOGIN":false,"RESULT":true,"IP":"192.0.2.1","USER_ID":123456789,"EXPIRES":1795086400000,' +
	'"TOKEN":"x","took":3,"IS_MASTER":false,"features":{"env":"PROD","wlms":true,"realtime":true,"bond":true,"optionChains":true,' +
	'"calendar":true,"newMf":true},"region":"NJ"}';
const anAccount =
	'{"hasChildAccounts":false,"supportsCashQty":true,"liteUnderPro":false,"noFXConv":false,"isProp":false,' +
	'"supportsFractions":true,"allowCustomerTime":false,"autoFx":false}';
const features =
	'{"showGFIS":true,"showEUCostReport":false,"allowEventContract":true,"allowFXConv":true,"allowFinancialLens":false,' +
	'"allowMTA":true,"allowTypeAhead":true,"allowEventTrading":true,"snapshotRefreshTimeout":30,"liteUser":false,' +
	'"showWebNews":true,"research":true,"debugPnl":true,"showTaxOpt":true,"showImpactDashboard":true,"allowDynAccount":false,' +
	'"allowCrypto":false,"allowFA":false,"allowLiteUnderPro":false,"allowedAssetTypes":"STK,CFD,OPT",' +
	'"restrictTradeSubscription":false,"showUkUserLabels":false,"sideBySide":true}';
const periods = ["STK", "CFD", "WAR", "IOPT", "FUT", "CASH", "IND", "BOND", "FUND", "CMDTY", "PHYSS", "CRYPTO"]
	.map((type) => `"${type}":["*"]`)
	.join(",");
/** The members of the reply to `/iserver/accounts`. Messages of the topic `act` have the same members. */
export const accountMembers =
	`"accounts":["DU1234567"],"acctProps":{"DU1234567":${anAccount}},"aliases":{"DU1234567":"DU1234567"},` +
	`"allowFeatures":${features},"chartPeriods":{${periods}},"groups":[],"profiles":[],"selectedAccount":"DU1234567",` +
	`${serverInfo},"sessionId":"x","isFT":false,"isPaper":true`;

const atAccount = { accounts: ["DU1234567"] };
const withoutBrokerage = { ...atAccount, start: "login" } as const;
const withoutLogin = { start: "none" } as const;

/** The replies with status 200. */
export const recordedReplies: readonly RecordedReply[] = [
	{
		when: "auth/status of a live session",
		call: status,
		status: 200,
		body: `{${live},"fail":""}`,
		reads: { kind: "status", brokerage: { state: "ready", established: true, server: { name: "JifN19053" } } },
		simulated: {},
	},
	{
		when: "auth/status of a live session, of a build up to 10.41",
		call: status,
		status: 200,
		body: `{${live.replace('"established":true,', "")},"fail":""}`,
		reads: { kind: "status", brokerage: { state: "ready" } },
		simulated: { options: { sendEstablished: false } },
	},
	{
		when: "auth/status of a live session, as documented",
		call: status,
		status: 200,
		body:
			'{"authenticated":true,"competing":false,"connected":true,"message":"","MAC":"98:F2:B3:23:BF:A0",' +
			'"serverInfo":{"serverName":"JifN19053","serverVersion":"Build 10.25.0p, Dec 5, 2023 5:48:12 PM"}}',
		reads: { kind: "status", brokerage: { state: "ready", server: { name: "JifN19053" } } },
	},
	{
		when: "auth/status while the account data is loading",
		call: status,
		status: 200,
		body: `{${loading},"fail":""}`,
		reads: { kind: "status", brokerage: { state: "loading", established: false } },
		simulated: { options: { ...withoutBrokerage, loadMs: 60_000 }, before: (client) => client.init() },
	},
	{
		when: "auth/status after the idle timeout, with a good login",
		call: status,
		status: 200,
		body: `{${ended},"fail":""}`,
		reads: { kind: "status", brokerage: { state: "unauthenticated" } },
		simulated: { before: (_, trigger) => trigger("idle") },
	},
	{
		when: "auth/status after a timeout, as documented",
		call: status,
		status: 200,
		body: '{"authenticated":false,"competing":false,"connected":false,"MAC":"98:F2:B3:23:BF:A0"}',
		reads: { kind: "status", brokerage: { state: "disconnected" } },
	},
	{
		when: "auth/status after a logout",
		call: status,
		status: 200,
		body: `{${loggedOut}}`,
		reads: { kind: "status", brokerage: { state: "disconnected" } },
		simulated: { before: (client) => client.logout() },
	},
	{
		when: "auth/status while another session holds the user",
		call: status,
		status: 200,
		body: `{${competing},"fail":""}`,
		reads: { kind: "status", brokerage: { state: "competing" } },
		simulated: { before: (_, trigger) => trigger("compete") },
	},
	{
		when: "auth/status after an init that a key for forced compete refused",
		call: status,
		status: 200,
		body: `{${ended},"fail":"${forceOnly}"}`,
		reads: { kind: "status", brokerage: { state: "unauthenticated", forceOnly: true } },
		simulated: { options: { ...withoutBrokerage, forceOnlyKey: true }, before: (client) => client.init() },
	},
	{
		when: "auth/status with null members, and with the prompts of one client's model",
		call: status,
		status: 200,
		body: '{"authenticated":true,"connected":true,"competing":false,"serverInfo":{"serverName":null,"serverVersion":null},"prompts":[]}',
		reads: { kind: "status", brokerage: { state: "ready" } },
	},
	{
		when: "auth/status with fail inside serverInfo, as an older spec has it",
		call: status,
		status: 200,
		body: `{"authenticated":false,"connected":true,"competing":false,"serverInfo":{"serverName":"x","serverVersion":"y","fail":"${forceOnly}"}}`,
		reads: { kind: "status", brokerage: { state: "unauthenticated", forceOnly: true } },
	},
	{
		when: "init that is accepted",
		call: init,
		status: 200,
		body: `{${loading}}`,
		reads: { kind: "accepted" },
		simulated: { options: { ...withoutBrokerage, loadMs: 60_000, sendPassed: false } },
	},
	{
		when: "init that is accepted, of a key with passed",
		call: (client) => client.init({ compete: true }),
		status: 200,
		body: `{"passed":true,${loading}}`,
		reads: { kind: "accepted" },
		simulated: { options: { ...withoutBrokerage, loadMs: 60_000 } },
	},
	{
		when: "init that is refused, of a key with passed",
		call: init,
		status: 200,
		body: '{"passed":false,"authenticated":false,"connected":true,"competing":false}',
		reads: { kind: "refused", because: "not-passed" },
		simulated: { before: (_, trigger) => trigger("compete") },
	},
	{
		when: "init that is refused without a reason",
		call: init,
		status: 200,
		body: '{"authenticated":false,"connected":true,"competing":false}',
		reads: { kind: "refused", because: "unstated" },
		simulated: { options: { sendPassed: false }, before: (_, trigger) => trigger("compete") },
	},
	{
		when: "tickle of a live session",
		call: tickle,
		status: 200,
		body: tickled(live),
		reads: { kind: "live", brokerage: { server: { name: "JifN19053" } } },
		simulated: {},
	},
	{
		when: "tickle over OAuth 1.0a",
		call: tickle,
		status: 200,
		body: `{"session":"bb665d0f55b6289d70bc7380089fc96f","hmds":{"error":"no bridge"},"iserver":{"authStatus":{${live}}}}`,
		reads: { kind: "live" },
		simulated: { options: { mode: "oauth1", start: "live" } },
	},
	{
		when: "tickle of a session whose brokerage session timed out",
		call: tickle,
		status: 200,
		body: tickled(ended),
		reads: { kind: "not-ready", brokerage: { state: "unauthenticated" } },
		simulated: { before: (_, trigger) => trigger("idle") },
	},
	{
		when: "tickle while another session holds the user",
		call: tickle,
		status: 200,
		body: tickled(competing),
		reads: { kind: "not-ready", brokerage: { state: "competing" } },
		simulated: { before: (_, trigger) => trigger("compete") },
	},
	{
		when: "tickle of 2020, without hmds and with iserver.tickle",
		call: tickle,
		status: 200,
		body: '{"session":"x","ssoExpires":460311,"collission":false,"userId":1,"iserver":{"tickle":true,"authStatus":{"authenticated":true,"competing":false,"connected":true}}}',
		reads: { kind: "live" },
	},
	{
		when: "tickle with null members, and with a list where the spec has the status of the historical data",
		call: tickle,
		status: 200,
		body: tickled(
			'"authenticated":true,"competing":false,"connected":true,"MAC":null,"serverInfo":{"serverName":null,"serverVersion":null}',
		).replace('"hmds":{', '"hmds":{"authStatus":[],'),
		reads: { kind: "live" },
	},
	{
		when: "tickle without iserver",
		call: tickle,
		status: 200,
		body: '{"session":"x","ssoExpires":460311,"collission":false,"userId":1}',
		reads: { kind: "unstated" },
	},
	{
		when: "tickle without a login, as 200",
		call: tickle,
		status: 200,
		body: '{"error":"no session"}',
		reads: { kind: "no-session", because: "error-body", status: 200 },
		simulated: { options: { ...withoutLogin, loggedOut: { tickle: 200 } } },
	},
	{
		when: "tickle that failed, as documented",
		call: tickle,
		status: 200,
		body: '{"error":"failed to process request"}',
		reads: { kind: "unavailable" },
	},
	{
		when: "sso/validate, with the members that no document has",
		call: validate,
		status: 200,
		body: validated,
		reads: { kind: "valid", loginType: "paper", region: "NJ", environment: "PROD", expiresForm: "absolute" },
		simulated: { options: atAccount },
	},
	{
		when: "sso/validate with the milliseconds left, as documented",
		call: validate,
		status: 200,
		body: validated.replace("1795086400000", "415890"),
		reads: { kind: "valid", expiresForm: "relative" },
		simulated: { options: { ...atAccount, expires: "left" } },
	},
	{
		when: "sso/validate, with the names of the documents",
		call: validate,
		status: 200,
		body:
			'{"USER_ID":123456789,"USER_NAME":"user1234","RESULT":true,"AUTH_TIME":1702580846836,"SF_ENABLED":false,' +
			'"IS_FREE_TRIAL":false,"CREDENTIAL":"user1234","IP":"192.0.2.1","EXPIRES":415890,"QUALIFIED_FOR_MOBILE_AUTH":null,' +
			'"LANDING_APP":"UNIVERSAL","IS_MASTER":false,"lastAccessed":1702581069652,"loginType":2,"PAPER_USER_NAME":"user1234",' +
			'"features":{"envs":"PROD","wlms":true,"realtime":true,"bond":true,"optionChains":true,"calendar":true,"newMf":true,' +
			'"alpha":false,"ibamWidget":false,"debugMenu":false,"record":false},"region":"EU","isGw":true}',
		reads: { kind: "valid", loginType: "paper", region: "EU", environment: "PROD" },
	},
	{
		when: "sso/validate with expire and expires, of an older client's model",
		call: validate,
		status: 200,
		body: validated.replace('"EXPIRES":1795086400000', '"expire":415890.5,"expires":"x","EXPIRES":1795086400000'),
		reads: { kind: "valid", loginType: "paper" },
	},
	{
		when: "sso/validate that denies the login, as 200",
		call: validate,
		status: 200,
		body: '{"RESULT":false}',
		reads: { kind: "no-session", because: "result-false" },
		simulated: { before: (_, trigger) => trigger("validateFalse", { on: true }) },
	},
	{
		when: "iserver/accounts",
		call: accounts,
		status: 200,
		body: `{${accountMembers}}`,
		reads: { kind: "accounts", count: 1, loginType: "paper" },
		simulated: { options: atAccount },
	},
	{
		when: "iserver/accounts while another session holds the user",
		call: accounts,
		status: 200,
		body: "{}",
		reads: { kind: "no-brokerage", because: "empty" },
		simulated: { before: (_, trigger) => trigger("compete") },
	},
	{
		when: "reauthenticate",
		call: (client) => client.reauthenticate(),
		status: 200,
		body: '{"message":"triggered"}',
		reads: { kind: "triggered" },
		simulated: {},
	},
	{
		when: "logout, whose reply has no Content-Type",
		call: (client) => client.logout(),
		status: 200,
		body: '{"status":true}',
		reads: { kind: "logged-out" },
		simulated: {},
	},
];
