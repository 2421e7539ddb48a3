import { isObject } from "@x/base/objects";
import type { Alert } from "../alert.ts";
import { alertText, alertTitle } from "./alert-text.ts";
import type { ChannelConfig } from "./channel-config.ts";

/** An alert as an HTTP request to a service. */
export interface ChannelRequest {
	/** The URL is never logged or shown: it contains a secret. */
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	/** The JSON body of a POST request; a request without a body is a GET. */
	readonly body?: unknown;
	/**
	 * Whether the body of a response with status 2xx shows that the service has taken the message. The status alone does not show it, because
	 * the page of a proxy may have status 200 too.
	 */
	isTaken(text: string): boolean;
}

const telegramApi = "https://api.telegram.org";
const pagerdutyApi = "https://events.pagerduty.com";

/** Makes the request that sends an alert over a channel. */
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
				// The venue's text may happen to contain a mention such as @everyone. Discord must then notify nobody.
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

/** Escapes the three characters that Slack reads as markup. */
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

/** Parses a JSON object; undefined if the text is anything else. */
function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}
