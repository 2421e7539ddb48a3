import { neverAborted } from "@x/base/clock";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Alert } from "../alert.ts";
import { answerWith, type HookServer, hookServer } from "../testing/webhook-server.ts";
import { alertText } from "./alert-text.ts";
import { type ChannelConfig, isWanted } from "./channel-config.ts";
import { channelRequest } from "./channel-request.ts";
import { deliver, retryAfterMsOf } from "./send-channel-request.ts";

const since = Date.parse("2026-03-10T03:12:05.123Z");
const raised: Alert = {
	record: {
		type: "alert",
		at: since + 60_000,
		alertId: "hedge.not-ready.x-1",
		kind: "not-ready",
		session: "hedge",
		state: "raised",
		severity: "page",
		message: "not ready for 1 min: lost: <closed> & gone",
		todo: "look",
	},
	since,
	venue: "deribit",
	exposure: { processDeathMs: 12_000, networkDeathMs: 23_000 },
};
const { todo: _, ...record } = raised.record;
const resolved: Alert = { ...raised, record: { ...record, state: "resolved", message: "ready again after 2 min" } };
const page = "https://keeper.example/";

let server: HookServer;
beforeAll(async () => {
	server = await hookServer();
});
afterAll(() => server.close());

/** Sends an alert over a channel; returns the delivery result and the request that the server received. */
async function send(channel: ChannelConfig, alert: Alert, status: number, answer: string) {
	server.answer(answerWith(status, answer));
	const delivery = await deliver(channelRequest(channel, alert, page), 5_000, neverAborted);
	return { result: delivery.result, received: server.received.at(-1) };
}

describe("alertText", () => {
	it("alertText shows the session, what is wrong, since when, the exposure, what to do, and the URL of the status page", () => {
		expect(alertText(raised, page)).toBe(
			[
				"[ALERT] hedge (deribit): not ready for 1 min: lost: <closed> & gone",
				"Since 2026-03-10T03:12:05Z",
				"Exposure: orders stay up to 12 s after the process dies, up to 23 s after the network dies",
				"To do: look",
				page,
			].join("\n"),
		);
	});

	it("alertText says that a venue without protection cancels nothing, and mentions no orders when the alert is about the agent", () => {
		const { exposure: _exposure, ...without } = raised;
		expect(alertText(without, page)).toContain("the venue cancels no orders");
		const { session: _session, ...agent } = raised.record;
		const text = alertText({ record: { ...agent, message: "it died" }, since }, page);
		expect(text).toContain("[ALERT] keepalive agent: it died");
		expect(text).not.toContain("Exposure");
	});

	it("alertText of a resolved alert shows neither the exposure nor what to do", () => {
		const lines = ["[resolved] hedge (deribit): ready again after 2 min", "Since 2026-03-10T03:12:05Z", page];
		expect(alertText(resolved, page)).toBe(lines.join("\n"));
	});
});

describe("channelRequest", () => {
	it("channelRequest sends a webhook the record, the text and further fields, with a bearer token if one is configured", async () => {
		const webhookUrl = `${server.url}/hook?a=1`;
		const { result, received } = await send({ type: "webhook", webhookUrl, token: "t" }, raised, 204, "");
		expect(result).toBe("accepted");
		expect(received).toMatchObject({ method: "POST", path: "/hook?a=1", headers: { authorization: "Bearer t" } });
		expect(received?.body).toEqual({
			...raised.record,
			since,
			venue: "deribit",
			exposure: raised.exposure,
			pageUrl: page,
			text: alertText(raised, page),
		});
		const plain = await send({ type: "webhook", webhookUrl }, raised, 200, "<html>");
		expect(plain.received?.headers.authorization).toBeUndefined();
		expect(plain.result).toBe("accepted");
	});

	it('channelRequest sends Slack text without markup, and counts only the answer "ok" as accepted', async () => {
		const channel = { type: "slack", webhookUrl: `${server.url}/services/T/B/x` } as const;
		const { result, received } = await send(channel, raised, 200, "ok");
		expect(result).toBe("accepted");
		expect(Object.keys(received?.body ?? {})).toEqual(["text"]);
		expect(received?.body["text"]).toContain("lost: &lt;closed&gt; &amp; gone");
		expect((await send(channel, raised, 200, "<html>Log in</html>")).result).toBe("failed");
		expect((await send(channel, raised, 403, "invalid_token")).result).toBe("refused");
	});

	it("channelRequest sends Discord text that mentions nobody, and counts only status 204 or a returned message as accepted", async () => {
		const channel = { type: "discord", webhookUrl: `${server.url}/api/webhooks/1/x` } as const;
		const { result, received } = await send(channel, raised, 204, "");
		expect(result).toBe("accepted");
		expect(received?.body).toEqual({ content: alertText(raised, page), allowed_mentions: { parse: [] } });
		expect((await send(channel, raised, 200, '{"id":"1"}')).result).toBe("accepted");
		expect((await send(channel, raised, 200, "<html>")).result).toBe("failed");
	});

	it("channelRequest sends text to a Telegram chat, and counts only an answer `ok: true` as accepted", async () => {
		const channel = { type: "telegram", botToken: "1:x", chatId: "-100", apiUrl: server.url } as const;
		const { result, received } = await send(channel, raised, 200, '{"ok":true,"result":{}}');
		expect(result).toBe("accepted");
		expect(received?.path).toBe("/bot1:x/sendMessage");
		expect(received?.body).toMatchObject({ chat_id: "-100", text: alertText(raised, page) });
		expect((await send(channel, raised, 200, '{"ok":false}')).result).toBe("failed");
	});

	it("channelRequest triggers and resolves one PagerDuty incident, identified by the id of the alert", async () => {
		const channel = { type: "pagerduty", routingKey: "R0", apiUrl: server.url } as const;
		const accepted = '{"status":"success","message":"Event processed"}';
		const { result, received } = await send(channel, raised, 202, accepted);
		expect(result).toBe("accepted");
		expect(received?.path).toBe("/v2/enqueue");
		expect(received?.body).toMatchObject({
			routing_key: "R0",
			event_action: "trigger",
			dedup_key: "hedge.not-ready.x-1",
			client_url: page,
			payload: {
				summary: "[ALERT] hedge (deribit): not ready for 1 min: lost: <closed> & gone",
				severity: "critical",
				source: "hedge",
				timestamp: "2026-03-10T03:12:05.123Z",
			},
		});
		expect((await send(channel, resolved, 202, accepted)).received?.body).toEqual({
			routing_key: "R0",
			event_action: "resolve",
			dedup_key: "hedge.not-ready.x-1",
		});
		expect((await send(channel, raised, 400, '{"status":"invalid event"}')).result).toBe("refused");
	});
});

it("isWanted allows `warn` and `page` alerts by default, for PagerDuty only `page` alerts, and follows minSeverity if the channel sets it", () => {
	const severities = ["info", "warn", "page"] as const;
	const wanted = (channel: ChannelConfig) => severities.filter((severity) => isWanted(channel, severity));
	expect(wanted({ type: "slack", webhookUrl: "" })).toEqual(["warn", "page"]);
	expect(wanted({ type: "pagerduty", routingKey: "" })).toEqual(["page"]);
	expect(wanted({ type: "pagerduty", routingKey: "", minSeverity: "info" })).toEqual(["info", "warn", "page"]);
	expect(wanted({ type: "slack", webhookUrl: "", minSeverity: "page" })).toEqual(["page"]);
});

it.each([
	["7", "", 7_000],
	["0", "", 0],
	["Tue, 10 Mar 2026 03:12:15 GMT", "", 10_000],
	["Tue, 10 Mar 2020 03:12:15 GMT", "", 0],
	[null, '{"retry_after": 1.5}', 1_500],
	[null, '{"ok":false,"parameters":{"retry_after":3}}', 3_000],
	[null, "", 5_000],
	["soon", "", 5_000],
	["99999", "", 600_000],
])("retryAfterMsOf reads the header %j and the body %j as %i ms", (header, body, ms) => {
	expect(retryAfterMsOf(header, body, Date.parse("2026-03-10T03:12:05Z"))).toBe(ms);
});
