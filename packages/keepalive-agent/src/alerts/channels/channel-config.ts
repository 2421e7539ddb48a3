import type { AlertRecord } from "../../agent/agent-record.ts";

/** How severe an alert is. */
export type Severity = AlertRecord["severity"];

interface AnyChannel {
	/** The lowest severity that is sent. Default: `page` for PagerDuty, `warn` for all other channels. */
	readonly minSeverity?: Severity;
}

/** Where alerts are sent. URLs, tokens and keys are secrets. */
export type ChannelConfig = AnyChannel &
	(
		| { readonly type: "webhook"; readonly webhookUrl: string; readonly token?: string }
		| { readonly type: "slack" | "discord"; readonly webhookUrl: string }
		| { readonly type: "telegram"; readonly botToken: string; readonly chatId: string; readonly apiUrl?: string }
		| { readonly type: "pagerduty"; readonly routingKey: string; readonly apiUrl?: string }
	);

const order: readonly Severity[] = ["info", "warn", "page"];

/** Whether alerts of this severity are sent over a channel. */
export function isWanted(
	{ type, minSeverity = type === "pagerduty" ? "page" : "warn" }: ChannelConfig,
	severity: Severity,
) {
	return order.indexOf(severity) >= order.indexOf(minSeverity);
}
