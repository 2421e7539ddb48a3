import { isObject } from "@x/base/record";
import type { Alert } from "../alert.ts";
import { alertText, alertTitle } from "./alert-text.ts";
import type { ChannelConfig } from "./channel-config.ts";

/** A message as a service takes it. */
export interface ChannelRequest {
	/** Never shown: it holds a secret. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	/** Missing for a GET. */
	readonly body?: unknown;
	/** Whether an answer with status 2xx says that the message was taken: the page of a proxy may have that status too. */
	isTaken(text: string): boolean;
}

const telegramApi = "https://api.telegram.org";
const pagerdutyApi = "https://events.pagerduty.com";

/** Turns an alert into the message of a channel. */
export function channelRequest(channel: ChannelConfig, alert: Alert, pageUrl: string): ChannelRequest {
	const text = alertText(alert, pageUrl);
	switch (channel.type) {
		case "webhook": {
			const { webhookUrl: url, token } = channel;
			const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
			return { url, headers, body: genericBody(alert, text, pageUrl), isTaken: () => true };
		}
		case "slack":
			return {
				url: channel.webhookUrl,
				headers: {},
				body: { text: escapeSlack(text) },
				isTaken: (answer) => answer.trim() === "ok",
			};
		case "discord":
			return {
				url: channel.webhookUrl,
				headers: {},
				// Nobody is notified by what a venue's text happens to contain.
				body: { content: text, allowed_mentions: { parse: [] } },
				isTaken: (answer) => answer === "" || parsed(answer) !== undefined,
			};
		case "telegram":
			return {
				url: `${channel.apiUrl ?? telegramApi}/bot${channel.botToken}/sendMessage`,
				headers: {},
				body: { chat_id: channel.chatId, text, link_preview_options: { is_disabled: true } },
				isTaken: (answer) => parsed(answer)?.["ok"] === true,
			};
		case "pagerduty":
			return {
				url: `${channel.apiUrl ?? pagerdutyApi}/v2/enqueue`,
				headers: {},
				body: pagerdutyBody(channel.routingKey, alert, text, pageUrl),
				isTaken: (answer) => parsed(answer)?.["status"] === "success",
			};
	}
}

function genericBody({ record, since, venue, exposure }: Alert, text: string, pageUrl: string): object {
	return { ...record, since, ...(venue && { venue }), ...(exposure && { exposure }), pageUrl, text };
}

/** Slack reads these three as markup. */
function escapeSlack(text: string): string {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

const pagerdutySeverity = { page: "critical", warn: "warning", info: "info" } as const;

function pagerdutyBody(routingKey: string, alert: Alert, text: string, pageUrl: string): object {
	const { record, since, venue } = alert;
	const common = { routing_key: routingKey, dedup_key: record.alertId };
	if (record.state === "resolved") return { ...common, event_action: "resolve" };
	return {
		...common,
		event_action: "trigger",
		client: "keepalive",
		client_url: pageUrl,
		payload: {
			summary: alertTitle(alert),
			severity: pagerdutySeverity[record.severity],
			source: record.session ?? "keepalive agent",
			timestamp: new Date(since).toISOString(),
			class: record.kind,
			...(venue && { group: venue }),
			custom_details: { text },
		},
	};
}

/** A JSON object, or undefined. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}
