import type { IbkrOAuth } from "../auth/oauth2/index.ts";
import { accountMembers } from "./recorded-replies.ts";

const signed = { authorization: 'OAuth realm="limited_poa", oauth_token="x"' };
const jwt = "head.claims.signature";

/** The replies of the calls that make tokens. */
export const recordedTokens: readonly {
	readonly when: string;
	readonly mode: "oauth1" | "oauth2";
	readonly call: (oauth: IbkrOAuth) => Promise<unknown>;
	readonly body: string;
	readonly reads: object;
}[] = [
	{
		when: "oauth/request_token",
		mode: "oauth1",
		call: (oauth) => oauth.requestToken(signed),
		body: '{"oauth_token":"18f8fa3a9c5a0e4c6b2d"}',
		reads: {},
	},
	{
		when: "oauth/access_token",
		mode: "oauth1",
		call: (oauth) => oauth.accessToken(signed),
		body: '{"is_paper":true,"oauth_token":"18f8fa3a9c5a0e4c6b2d","oauth_token_secret":"AAAA"}',
		reads: { isPaper: true },
	},
	{
		when: "oauth/live_session_token",
		mode: "oauth1",
		call: (oauth) => oauth.liveSessionToken(signed),
		body:
			'{"diffie_hellman_response":"0f","live_session_token_signature":"0000000000000000000000000000000000000000",' +
			'"live_session_token_expiration":1795086400000}',
		reads: { expiration: 1_795_086_400_000 },
	},
	{
		when: "oauth2/api/v1/token",
		mode: "oauth2",
		call: (oauth) => oauth.oauth2Token({ clientAssertion: jwt }),
		body: '{"access_token":"a","token_type":"Bearer","scope":"sso-sessions.write","expires_in":86399}',
		reads: { expiresInMs: 86_399_000, authScope: "sso-sessions.write" },
	},
	{
		when: "gw/api/v1/sso-sessions",
		mode: "oauth2",
		call: async (oauth) => {
			const { accessToken } = await oauth.oauth2Token({ clientAssertion: jwt });
			return oauth.ssoSession({ bearer: accessToken.reveal(), assertion: jwt });
		},
		body: '{"active":true,"access_token":"a","token_type":"Bearer"}',
		reads: { isActive: true },
	},
];

const flags = '"authenticated":true,"established":true,"competing":false';
/** Frames that come over the WebSocket. The frames that the simulator sends, too, are in the order in which the simulator sends them. */
export const recordedFrames: readonly {
	readonly text: string;
	readonly reads: object;
	readonly simulated?: boolean;
}[] = [
	{ text: '{"message":"waiting for session"}', reads: { kind: "waiting" }, simulated: true },
	{
		text: '{"topic":"system","success":"user1234","isFT":false,"isPaper":true}',
		reads: { kind: "recognized" },
		simulated: true,
	},
	{ text: `{"topic":"act","args":{${accountMembers}}}`, reads: { kind: "topic", topic: "act" }, simulated: true },
	{
		text:
			`{"topic":"sts","args":{"connected":true,${flags},"message":"","fail":"","serverName":"JifN19053",` +
			'"serverVersion":"Build 10.44.1c","username":"user1234"}}',
		reads: {
			kind: "status",
			change: { connected: true, authenticated: true, established: true, competing: false },
		},
		simulated: true,
	},
	{
		text: '{"topic":"tic","alive":true,"id":"bb665d0f55b6289d70bc7380089fc96f","lastAccessed":1795086400000}',
		reads: { kind: "tic", reply: { alive: true, lastAccessed: 1_795_086_400_000 } },
		simulated: true,
	},
	{ text: '{"topic":"system","hb":1795086400000}', reads: { kind: "heartbeat" }, simulated: true },
	{
		text: '{"topic":"sts","args":{"authenticated":false}}',
		reads: { kind: "status", change: { authenticated: false } },
		simulated: true,
	},
	{
		text: '{"topic":"sts","args":{"competing":true}}',
		reads: { kind: "status", change: { competing: true } },
		simulated: true,
	},
	{ text: '{"topic":"sts","args":{"message":"x"}}', reads: { kind: "status", change: {} } },
	{ text: '{"topic":"blt","args":{"id":"1","message":"x"}}', reads: { kind: "topic", topic: "blt" } },
	{
		text: '{"topic":"ntf","args":{"id":"1","text":"x","title":"x","url":"https://example.com"}}',
		reads: { kind: "topic", topic: "ntf" },
	},
];
