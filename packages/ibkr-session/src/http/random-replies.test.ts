import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIbkrOAuth, type IbkrOAuth } from "../auth/oauth2/index.ts";
import { createIbkrHttp, createIbkrPenaltyBox, type IbkrHttp, isIbkrError } from "../index.ts";
import { allPrintedForms } from "../testing/printed-forms-of-value.ts";
import { asText, broken, planted } from "../testing/random-replies.ts";

const seed = 20_261_121;
const status = {
	authenticated: true,
	established: true,
	competing: false,
	connected: true,
	message: planted,
	MAC: planted,
	serverInfo: { serverName: "N", serverVersion: "V", fail: planted },
	hardware_info: planted,
	fail: planted,
	passed: true,
};
const shown = ["serverName", "serverVersion", "region", "env", "envs", "scope"];
const bodies: readonly Readonly<Record<string, unknown>>[] = [
	status,
	{
		session: planted,
		ssoExpires: 1_000,
		collission: false,
		userId: 1,
		hmds: { error: "no bridge" },
		iserver: { authStatus: status },
		error: planted,
	},
	{
		USER_NAME: planted,
		RESULT: true,
		EXPIRES: 415_890,
		LOGIN_TYPE: 2,
		loginType: 1,
		TOKEN: planted,
		IP: planted,
		features: { env: "PROD", envs: "PROD" },
		region: "NJ",
	},
	{ accounts: [planted], selectedAccount: planted },
	{ status: true, message: "triggered" },
	{ error: planted, statusCode: 401, title: planted, detail: planted, status: 401 },
	{ oauth_token: planted, oauth_token_secret: planted, is_paper: true },
	{ diffie_hellman_response: planted, live_session_token_signature: planted, live_session_token_expiration: 1 },
	{ access_token: planted, token_type: "Bearer", scope: "s", expires_in: 1, active: true },
];

const replies = fc.record({
	status: fc.oneof(
		{ weight: 4, arbitrary: fc.constant(200) },
		{ weight: 3, arbitrary: fc.constantFrom(302, 400, 401, 403, 404, 410, 411, 429, 500, 503) },
		{ weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
	),
	body: fc.oneof(...bodies.map((body) => asText(broken(body, shown)))),
	headers: fc.dictionary(
		fc.constantFrom("content-type", "location", "set-cookie", "date"),
		fc.constantFrom(
			"text/html",
			"application/json",
			`/sso/Login?u=${planted}`,
			`x=${planted}; Path=/sso`,
			"never",
			planted,
		),
	),
});

const calls: readonly ((client: IbkrHttp, oauth: IbkrOAuth) => Promise<unknown>)[] = [
	(client) => client.init(),
	(client) => client.status(),
	(client) => client.tickle(),
	(client) => client.validate(),
	(client) => client.reauthenticate(),
	(client) => client.logout(),
	(client) => client.accounts(),
	(_, oauth) => oauth.requestToken({ authorization: `OAuth ${planted}` }),
	(_, oauth) => oauth.accessToken({ authorization: `OAuth ${planted}` }),
	(_, oauth) => oauth.liveSessionToken({ authorization: `OAuth ${planted}` }),
	(_, oauth) => oauth.oauth2Token({ clientAssertion: planted }),
	(_, oauth) => oauth.ssoSession({ bearer: planted, assertion: planted }),
];

const withoutBody = new Set([204, 205, 304]);

describe("an IbkrHttp client that receives 10 000 random replies", () => {
	it("each of 10 000 random replies leads to an outcome or to an IbkrError that contains no text of the reply", async () => {
		const kinds = new Set<string>();
		const property = fc.asyncProperty(replies, fc.nat(calls.length - 1), async (reply, which) => {
			const fetch = async () =>
				new Response(withoutBody.has(reply.status) ? null : reply.body, {
					status: reply.status,
					headers: reply.headers,
				});
			const penaltyBox = createIbkrPenaltyBox();
			const client = createIbkrHttp({ fetch, penaltyBox, pacing: false });
			const result = await calls[which]?.(client, createIbkrOAuth({ fetch, penaltyBox })).catch(
				(error: unknown) => error,
			);
			if (result instanceof Error) {
				expect(isIbkrError(result)).toBe(true);
			}
			kinds.add((result as { kind?: string }).kind ?? "token");
			expect(allPrintedForms([client, result])).not.toContain(planted);
		});
		await fc.assert(property, { seed, numRuns: 10_000 });
		// Check that the random replies led to many different kinds of result; otherwise this test would prove nothing.
		expect(kinds.size).toBeGreaterThan(14);
	});
});
