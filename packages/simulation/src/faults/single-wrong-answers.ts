import type { Route } from "../network/simulated-route.ts";
import { between, pick } from "../world/seeded-random.ts";
import type { Fault, TriggerFault } from "./fault-definition.ts";

/**
 * "Odd answers" are single wrong answers of a venue that otherwise works: an error that is not repeated, or an answer that contradicts the
 * venue's other answers. No odd answer may end a session for good. An odd answer that no call has used is withdrawn.
 */

/** A planned odd answer (single wrong answer) that no call has used is withdrawn after at most this many milliseconds. */
const longestMs = 300_000;

/**
 * Error codes that Deribit documents, except codes that other faults inject: 13004, 11098 and 12005 stop a session at once, and 10028
 * closes the connection.
 */
const deribitCodes = [
	10001, 10040, 10041, 10047, 10048, 10049, 10066, 11042, 11050, 11051, 11056, 11094, 12003, 12998, 13009, 13021, 13025,
	13028, 13403, 13503, 13668, 13888, -32000, -32601, -32602,
] as const;
const deribitMethods = [
	undefined,
	"public/auth",
	"public/test",
	"public/set_heartbeat",
	"public/subscribe",
	"private/enable_cancel_on_disconnect",
	"private/get_cancel_on_disconnect",
] as const;

/** Creates the odd answers (single wrong answers) of Deribit. */
export function deribitOddAnswers(pull: TriggerFault): Fault[] {
	return [
		{
			name: "one odd answer",
			inject: (random) => {
				const code = pick(random, deribitCodes);
				const method = pick(random, deribitMethods);
				const data = code === 12998 ? { data: { wait: 5 } } : {};
				pull("refuse", { code, ...data, ...(method === undefined ? {} : { methods: [method] }), times: 1 });
				return {
					text: `${code} to ${method ?? "any call"}`,
					forMs: between(random, 1_000, longestMs),
					undo: () => void pull("refuse"),
				};
			},
		},
	];
}

const tickled = (status: string): string =>
	`{"ssoExpires":460311,"collission":false,"userId":1,"iserver":{"authStatus":{${status}}}}`;
const loggedOut = '{"authenticated":false,"established":false,"competing":false,"connected":false,"MAC":null}';
const competing = '"authenticated":true,"established":true,"competing":true,"connected":true,"message":""';
const forgotten = '"authenticated":false,"established":false,"competing":false,"connected":true,"message":""';

/** Odd answers to `/tickle` while the session is alive. Users report that IBKR answers 7 % of these calls in such a way. */
const ibkrTickles = [
	{ status: 200, body: tickled(forgotten) },
	{ status: 200, body: tickled(competing) },
	{ status: 200, body: '{"ssoExpires":460311,"collission":false,"userId":1}' },
	{ status: 200, body: '{"error":"failed to process request"}' },
	{ status: 401, body: "" },
	{ status: 503, body: "" },
] as const;
/** Odd answers to other calls that a session makes while it opens. These odd answers contradict the answers to `/tickle`. */
const ibkrContradictions = [
	{ status: 200, body: loggedOut, path: "/iserver/auth/status" },
	{ status: 200, body: `{${competing}}`, path: "/iserver/auth/status" },
	{ status: 400, body: '{"error":"Bad Request","statusCode":400}', path: "/iserver/auth/status" },
	{ status: 200, body: "{}", path: "/iserver/accounts" },
	{ status: 400, body: '{"error":"Init session first","statusCode":400}', path: "/iserver/accounts" },
	{ status: 200, body: '{"RESULT":false}', path: "/sso/validate" },
	{ status: 401, body: "Access Denied", path: "/sso/validate" },
] as const;
const ibkrInits = [
	{ status: 200, body: '{"authenticated":false,"connected":true,"competing":false}' },
	{ status: 200, body: '{"passed":false,"authenticated":false,"connected":true,"competing":false}' },
	{ status: 500, body: '{"error":"failed to generate sso dh token"}' },
	{ status: 410, body: "" },
	{ status: 411, body: "<html><body><h1>Length Required</h1></body></html>" },
] as const;
const ibkrFrames = [
	'{"topic":"sts","args":{"authenticated":false}}',
	'{"topic":"sts","args":{"competing":true}}',
	'{"topic":"sts","args":{"connected":false,"authenticated":false}}',
	'{"topic":"sts","args":{"message":"x"}}',
	'{"topic":"ntf","args":{"id":"1","text":"x","title":"x","url":"https://example.com"}}',
	'{"topic":"system","success":"somebody","isFT":false,"isPaper":true}',
	'{"message":"waiting for session"}',
	"{}",
] as const;

/** What the odd answers (single wrong answers) of IBKR need: the session's settings, and a callback. */
interface IbkrContext {
	readonly keepsSocket: boolean;
	readonly ownAccounts: readonly string[];
	readonly otherAccounts: readonly string[];
	/**
	 * Called with true when a person logs in to unexpected accounts, and with false when a person logs in to the expected ones again. Absent
	 * if the program accepts all accounts.
	 */
	readonly onOtherLogin?: ((isOther: boolean) => void) | undefined;
	/** The simulated time, in milliseconds. */
	readonly now: () => number;
}

/**
 * After an answer to `/tickle` that contradicts earlier answers, the session asks again. The session believes the contradiction only if a
 * second contradiction follows within this many milliseconds.
 */
const confirmedMs = 120_000;

/** Creates the odd and contradicting answers of Interactive Brokers, and the fault that another login replaces the present one. */
export function ibkrOddAnswers(
	pull: TriggerFault,
	{ keepsSocket, ownAccounts, otherAccounts, onOtherLogin, now }: IbkrContext,
): Fault[] {
	let contradictedAt = Number.NEGATIVE_INFINITY;
	const planned = (): number => Number(pull("answer", { times: 0 }));
	const withdraw = (): void => void pull("answer", { on: false });
	const logIn = (accounts: readonly string[]): void => {
		pull("login", { accounts });
		onOtherLogin?.(accounts === otherAccounts);
	};
	return [
		{
			name: "one tickle contradicts the others",
			weight: 3,
			inject: (random) => {
				if (planned() > 0) return undefined;
				const plan = pick(random, ibkrTickles);
				pull("answer", { ...plan, path: "/tickle", times: 1 });
				const isHarmless = now() - contradictedAt >= confirmedMs;
				contradictedAt = now();
				return { text: JSON.stringify(plan), isHarmless };
			},
		},
		{
			name: "one answer contradicts the tickles",
			weight: 2,
			inject: (random) => {
				if (planned() > 0) return undefined;
				const plan = pick(random, ibkrContradictions);
				pull("answer", { ...plan, times: 1 });
				return { text: JSON.stringify(plan), forMs: between(random, 1_000, longestMs), undo: withdraw };
			},
		},
		{
			name: "one init is refused without a rival",
			weight: 0.7,
			inject: (random) => {
				if (planned() > 0) return undefined;
				const plan = pick(random, ibkrInits);
				pull("idle");
				pull("answer", { ...plan, path: "/iserver/auth/ssodh/init", times: 1 });
				return { text: JSON.stringify(plan), forMs: longestMs, undo: withdraw };
			},
		},
		...(keepsSocket
			? [
					{
						name: "one frame contradicts the tickles",
						weight: 2,
						inject: (random: () => number) => {
							const text = pick(random, ibkrFrames);
							pull("sendFrame", { text });
							return { text };
						},
					},
				]
			: []),
		...(onOtherLogin
			? [
					{
						name: "a person logs in to other accounts while the session lives",
						inject: (random: () => number) => {
							logIn(otherAccounts);
							return { forMs: between(random, 5_000, 900_000), undo: () => logIn(ownAccounts) };
						},
					},
				]
			: []),
	];
}

/** Error codes after which a session that was never open would stop for good, and a few other error codes. */
const bybitCodes = [
	-1, -2015, 10001, 10002, 10003, 10004, 10005, 10007, 10008, 10009, 10010, 10014, 10017, 10024, 10027, 10028, 10032,
	33004, 99_999,
] as const;
const bybitBodies = [
	{ status: 401, body: "" },
	{ status: 404, body: "" },
	{ status: 502, body: "<html><body>502 Bad Gateway</body></html>" },
	{ status: 200, body: '{"retCode":10016,"retMsg":"System error.","result":null,"retExtInfo":null}' },
	{ status: 200, body: '{"retCode":0,"retMsg":"success"}' },
] as const;
/** The three forms in which the venue may answer that no product is enabled. */
const bybitEmptyLists = ['{"dcpInfos":[]}', '{"dcpInfos":null}', "{}"] as const;
const bybitRefusals = [
	{ subscribe: "Request not authorized" },
	{ subscribe: "error:handler not found,topic:dcp.future" },
	{ subscribe: "error:invalid op" },
	{ auth: "Params Error" },
	{ auth: "Permission denied" },
] as const;
/** Frames that only other hosts or sockets of the venue send, and replies to requests that were never sent. */
const bybitFrames = [
	'{"success":true,"ret_msg":"pong","conn_id":"c","req_id":"","op":"ping"}',
	'{"reqId":"1","retCode":0,"retMsg":"OK","op":"auth","connId":"c"}',
	'{"retCode":0,"retMsg":"OK","op":"pong","data":["1"],"connId":"c"}',
	'{"success":false,"ret_msg":"error:already subscribed,topic:dcp.future","conn_id":"c","op":"subscribe"}',
	'{"success":false,"ret_msg":"API key is invalid.","conn_id":"c","op":"auth"}',
	'{"success":false,"ret_msg":"Failed to decode incoming data:","conn_id":"c","op":""}',
	'{"topic":"dcp.future","data":null}',
	'{"topic":"order","id":"1","creationTime":1,"data":[{"cancelType":"CancelByDCP"}]}',
] as const;

/** What the odd answers (single wrong answers) of Bybit act on: the session, and the network to its venue. */
interface BybitContext {
	readonly route: Route;
	/**
	 * Whether the session has opened and has a connection now. Only then are odd (wrong) answers injected. A single odd answer must not end an
	 * open session, but it may end a session that has never opened.
	 */
	readonly hasOpened: () => boolean;
}

/** Creates the odd and contradicting answers of Bybit. */
export function bybitOddAnswers(pull: TriggerFault, { route, hasOpened }: BybitContext): Fault[] {
	/** The number of calls that had arrived when the last odd (wrong) answer was planned; undefined until one is planned. */
	let plannedAt: number | undefined;
	const plan = (random: () => number, text: string, answer: Readonly<Record<string, unknown>>) => {
		if (!hasOpened() || plannedAt === route.calls) return undefined;
		plannedAt = route.calls;
		pull("force", { ...answer, times: 1 });
		return { text, forMs: between(random, 1_000, longestMs), undo: () => withdrawBybitAnswers(pull) };
	};
	return [
		{
			name: "one odd answer",
			weight: 3,
			inject: (random) => {
				const retCode = pick(random, bybitCodes);
				return plan(random, String(retCode), { retCode });
			},
		},
		{
			name: "one odd body",
			inject: (random) => {
				const body = pick(random, bybitBodies);
				return plan(random, JSON.stringify(body), body);
			},
		},
		{
			name: "one answer says that nothing is enabled",
			weight: 2,
			inject: (random) => {
				const list = pick(random, bybitEmptyLists);
				const body = `{"retCode":0,"retMsg":"success","result":${list},"retExtInfo":{},"time":1}`;
				return plan(random, list, { path: "query-dcp-info", status: 200, body });
			},
		},
		{
			name: "one request over the socket is refused",
			weight: 2,
			inject: (random) => {
				if (!hasOpened()) return undefined;
				const refusal = pick(random, bybitRefusals);
				pull("refuse", { ...refusal, times: 1 });
				const undo = (): void => withdrawBybitAnswers(pull);
				return { text: JSON.stringify(refusal), forMs: between(random, 1_000, longestMs), undo };
			},
		},
		{
			name: "one frame that answers nothing",
			inject: (random) => {
				const text = pick(random, bybitFrames);
				pull("sendFrame", { text });
				return { text };
			},
		},
	];
}

/**
 * Withdraws odd (wrong) answers that no call has used yet. To be called before the first login of a new process. An odd answer to this
 * login would stop the session for good, and that would be right: a key that has never worked may be wrong.
 */
export function withdrawBybitAnswers(pull: TriggerFault): void {
	pull("force", { on: false });
	pull("refuse", { auth: null, subscribe: null });
}
