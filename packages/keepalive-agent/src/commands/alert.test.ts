import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Answer, answerWith, type HookServer, hookServer } from "../alerts/testing/webhook-server.ts";
import { type Ran, runMain } from "../testing/run-main.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-alert-"));
const file = join(folder, "keepalive.yaml");
let server: HookServer;

beforeAll(async () => {
	server = await hookServer();
});
beforeEach(() => {
	server.received.length = 0;
});
afterAll(async () => {
	await server.close();
	rmSync(folder, { recursive: true, force: true });
});

/** The session's secrets are not set: the command does not need them. */
const sessions = `sessions:
  hedge: { venue: deribit, client: { credentials: { clientId: "env:NONE", clientSecret: "env:NONE" } } }
`;
const channels = (url: string): string => `alerts:
  pageUrl: https://keeper.example/
  channels:
    hook: { type: webhook, webhookUrl: "env:ADDRESS", token: "env:SECRET" }
    team: { type: slack, webhookUrl: "env:ADDRESS" }
    chat: { type: telegram, botToken: "env:SECRET", chatId: "1", apiUrl: "${url}" }
    oncall: { type: pagerduty, routingKey: "env:SECRET", apiUrl: "${url}" }
`;

async function test(alerts: string, ...args: string[]): Promise<Ran> {
	writeFileSync(file, `ordersOnStop: keep\n${alerts}${sessions}`);
	const environment = { ADDRESS: `${server.url}/planted-path`, SECRET: "planted-secret" };
	const ran = await runMain(["alert", "-c", file, ...args], { environment });
	expect(ran.out + ran.err).not.toContain("planted");
	return ran;
}

/** Answers each request as the real service of the channel would. */
const working: Answer = (response, received) => {
	if (received.path.startsWith("/bot")) answerWith(200, '{"ok":true}')(response, received);
	else if (received.path === "/v2/enqueue") answerWith(202, '{"status":"success"}')(response, received);
	else answerWith(200, "ok")(response, received);
};

describe("keepalive alert --test", () => {
	it("keepalive alert --test sends one message over each channel, and exits 0 when every channel accepts it", async () => {
		server.answer(working);
		const { code, out } = await test(channels(server.url), "--test");
		expect(out.split("\n").sort()).toEqual([
			"chat (telegram): accepted",
			"hook (webhook): accepted",
			"oncall (pagerduty): accepted",
			"team (slack): accepted",
		]);
		expect(code).toBe(0);
		const pagerduty = server.received.filter(({ path }) => path === "/v2/enqueue").map(({ body }) => body);
		expect(pagerduty.map((body) => body["event_action"])).toEqual(["trigger", "resolve"]);
		expect(new Set(pagerduty.map((body) => body["dedup_key"])).size).toBe(1);
		expect(server.received).toHaveLength(5);
		const hook = server.received.find(({ headers }) => headers.authorization === "Bearer planted-secret");
		expect(hook?.body["text"]).toContain("[info] keepalive agent: this is a test");
	});

	it("keepalive alert --test sends over one channel only when --channel names it", async () => {
		server.answer(working);
		expect(await test(channels(server.url), "--test", "--channel", "team")).toMatchObject({
			code: 0,
			out: "team (slack): accepted",
		});
		expect(server.received).toHaveLength(1);
	});

	it("keepalive alert --test exits 1 and names the channel when a channel refuses the message, or when its URL returns an HTML page", async () => {
		server.answer((response, received) => {
			const answer = received.path.startsWith("/bot") ? answerWith(401, '{"ok":false}') : answerWith(200, "<html>");
			answer(response, received);
		});
		const { code, out } = await test(channels(server.url), "--test");
		expect(code).toBe(1);
		expect(out).toContain("hook (webhook): accepted");
		expect(out).toContain("chat (telegram): refused: HTTP 401");
		expect(out).toContain("team (slack): not accepted: HTTP 200, but the reply is not from the channel's service");
		expect(out).toContain("oncall (pagerduty): not accepted");
	});

	it("keepalive alert --test exits 1 when no server listens at the address of a channel", async () => {
		const gone = await hookServer();
		await gone.close();
		const { code, out } = await test(channels(gone.url), "--test", "--channel", "oncall");
		expect([code, out]).toEqual([1, "oncall (pagerduty): not accepted: ECONNREFUSED"]);
	});

	it.each([
		["without a channel", "", ["--test"], "alerts.channels has no channel"],
		[
			"for a channel that does not exist",
			channels("http://127.0.0.1:1"),
			["--test", "--channel", "teams"],
			"no channel",
		],
		["without --test", channels("http://127.0.0.1:1"), [], "--test is required"],
		[
			"for a webhookUrl that is not a URL",
			channels("http://127.0.0.1:1").replace("env:ADDRESS", "env:SECRET"),
			["--test"],
			`${file}:5: alerts.channels.hook.webhookUrl must be an http:// or https:// URL`,
		],
		[
			"for a secret whose environment variable is not set",
			channels("http://127.0.0.1:1").replace("env:ADDRESS", "env:NOTHING"),
			["--test"],
			`${file}:5: alerts.channels.hook.webhookUrl needs the environment variable NOTHING`,
		],
		[
			"for a type that does not exist",
			"alerts: { channels: { x: { type: sms } } }\n",
			["--test"],
			"alerts.channels.x.type must be",
		],
		[
			"for limits of a session that does not exist",
			"alerts: { sessions: { hedgee: { notReadySeconds: 60 } } }\n",
			["--test"],
			`${file}:2: alerts.sessions.(name not shown) is not the name of a session (there are hedge)`,
		],
		[
			"for a healthcheck of a session that does not exist",
			'alerts: { healthcheck: { pingUrl: "env:ADDRESS", sessions: [hedgee] } }\n',
			["--test"],
			"is not the name of a session",
		],
	])("keepalive alert exits 2 %s", async (_, alerts, args, problem) => {
		const { code, err } = await test(alerts, ...args);
		expect(err).toContain(problem);
		expect(code).toBe(2);
		expect(server.received).toHaveLength(0);
	});
});
