import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createIbkrOAuth } from "../auth/oauth2/index.ts";
import { createIbkrHttp, createIbkrPenaltyBox } from "../index.ts";

/** The requests that the TCP server of this test has received, as text. */
let heard: string[] = [];
let origin = "";
const server = createServer((socket) => {
	socket.on("error", () => undefined);
	socket.on("data", (data) => {
		heard.push(data.toString("latin1"));
		socket.end("HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
	});
});

beforeEach(async () => {
	heard = [];
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => new Promise<unknown>((resolve) => server.close(resolve)));

const signed = { authorization: "OAuth x" };

it("every request has a User-Agent and every POST a Content-Length in the bytes on the wire", async () => {
	const penaltyBox = createIbkrPenaltyBox();
	const client = createIbkrHttp({ baseUrl: `${origin}/v1/api`, penaltyBox, pacing: false });
	const oauth = createIbkrOAuth({ origin, penaltyBox });
	const calls = [
		() => client.init(),
		() => client.status(),
		() => client.tickle(),
		() => client.logout(),
		() => client.validate(),
		() => client.reauthenticate(),
		() => client.accounts(),
		() => oauth.requestToken(signed),
		() => oauth.accessToken(signed),
		() => oauth.liveSessionToken(signed),
		() => oauth.oauth2Token({ clientAssertion: "a.b.c" }),
		() => oauth.ssoSession({ bearer: "x", assertion: "a.b.c" }),
	];
	for (const call of calls) await expect(call()).rejects.toMatchObject({ kind: "unavailable" });
	const heads = heard.filter((text) => /^(GET|POST) /.test(text)).map((text) => text.split("\r\n\r\n")[0] ?? "");
	expect(heads.map((head) => head.split(" HTTP")[0])).toEqual([
		"POST /v1/api/iserver/auth/ssodh/init",
		"POST /v1/api/iserver/auth/status",
		"POST /v1/api/tickle",
		"POST /v1/api/logout",
		"GET /v1/api/sso/validate",
		"GET /v1/api/iserver/reauthenticate",
		"GET /v1/api/iserver/accounts",
		"POST /v1/api/oauth/request_token",
		"POST /v1/api/oauth/access_token",
		"POST /v1/api/oauth/live_session_token",
		"POST /oauth2/api/v1/token",
		"POST /gw/api/v1/sso-sessions",
	]);
	for (const head of heads) {
		expect(head).toMatch(/^\S+ \S+ HTTP\/1\.1\r\n/);
		expect(head).toMatch(/^user-agent: x-ibkr-session$/im);
		expect(head).toMatch(/^accept: \*\/\*$/im);
		expect(head).toMatch(/^connection: keep-alive$/im);
		expect(head).toMatch(/^accept-encoding: .*gzip/im);
		if (head.startsWith("POST")) expect(head).toMatch(/^content-length: \d+$/im);
		else expect(head).not.toMatch(/^content-length:/im);
	}
	const empty = heads.filter((head) => /content-length: 0$/im.test(head));
	expect(empty).toHaveLength(6);
	for (const head of empty) expect(head).not.toMatch(/^content-type:/im);
});

it("every request with a body has the Content-Type of the body in the bytes on the wire", async () => {
	const penaltyBox = createIbkrPenaltyBox();
	const client = createIbkrHttp({ baseUrl: `${origin}/v1/api/`, penaltyBox, pacing: false });
	const oauth = createIbkrOAuth({ origin, penaltyBox });
	await expect(client.init({ compete: true })).rejects.toMatchObject({ kind: "unavailable" });
	await expect(oauth.oauth2Token({ clientAssertion: "a.b.c" })).rejects.toMatchObject({ kind: "unavailable" });
	await expect(oauth.ssoSession({ bearer: "x", assertion: "a.b.c" })).rejects.toMatchObject({ kind: "unavailable" });
	const sent = heard.join("").split(/(?=POST )/);
	const assertionType = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
	expect(sent.map((text) => [/^content-type: (.*)\r$/im.exec(text)?.[1], text.split("\r\n\r\n")[1]])).toEqual([
		["application/json", '{"publish":true,"compete":true}'],
		[
			"application/x-www-form-urlencoded",
			`grant_type=client_credentials&scope=sso-sessions.write&client_assertion_type=${assertionType}&client_assertion=a.b.c`,
		],
		["application/jwt", "a.b.c"],
	]);
});
