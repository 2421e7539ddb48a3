import type { Alert } from "../alerts/alert.ts";
import type { ChannelConfig } from "../alerts/channels/channel-config.ts";
import { channelRequest } from "../alerts/channels/channel-request.ts";
import { type Delivery, deliver } from "../alerts/channels/send-channel-request.ts";
import { type Command, configFileOf, configHelp, configOption, UsageError } from "../command-definition.ts";
import { loadAlertsConfig } from "../config/load-config.ts";
import { exitCodes } from "../exit-codes.ts";

const attemptMs = 10_000;

/** Sends a test message over the channels of the configuration. */
export const alert: Command = {
	summary: "send a test message over the channels for alerts",
	usage: "",
	help: `Sends one test message over each channel of the section alerts, straight from the configuration: no agent has to run.
At PagerDuty it triggers an incident, which notifies the person on call, and resolves it at once.

${configHelp}
      --test           send a test message (required)
      --channel NAME   only over this channel

Exit codes: 0 every channel took the message, 1 one or more did not, 2 wrong configuration, or no channel.`,
	options: { ...configOption, test: { type: "boolean", default: false }, channel: { type: "string" } },
	positionals: 0,
	async run(args, { print, report, environment, interrupted }) {
		if (args.values["test"] !== true) throw new UsageError("--test is required");
		const { alerts, http } = loadAlertsConfig(configFileOf(args), environment);
		const { channels = {}, pageUrl = `http://${http.host}:${http.port}/` } = alerts;
		const { channel: only } = args.values;
		const known = Object.keys(channels);
		if (typeof only === "string" && !known.includes(only)) {
			report(`there is no channel ${JSON.stringify(only)} (there are ${known.join(", ") || "none"}).`);
			return exitCodes.configuration;
		}
		const chosen = Object.entries(channels).filter(([name]) => only === undefined || name === only);
		if (chosen.length === 0) {
			report(`${configFileOf(args)}: alerts.channels has no channel. Add one.`);
			return exitCodes.configuration;
		}
		const results = await Promise.all(
			chosen.map(async ([name, channel]) => {
				const delivery = await sendTest(name, channel, pageUrl, interrupted);
				print(`${name} (${channel.type}): ${describe(delivery)}`);
				return delivery.result;
			}),
		);
		return results.every((result) => result === "accepted") ? exitCodes.ready : exitCodes.notReady;
	},
};

async function sendTest(name: string, channel: ChannelConfig, pageUrl: string, signal: AbortSignal): Promise<Delivery> {
	const at = Date.now();
	const record = {
		type: "alert",
		at,
		alertId: `test.${name}.${at.toString(36)}`,
		kind: "agent",
		severity: "info",
	} as const;
	const send = (part: Pick<Alert["record"], "state" | "message">): Promise<Delivery> =>
		deliver(channelRequest(channel, { record: { ...record, ...part }, since: at }, pageUrl), attemptMs, signal);
	const delivery = await send({ state: "raised", message: "this is a test of the alerts, nothing is wrong" });
	if (channel.type !== "pagerduty" || delivery.result !== "accepted") return delivery;
	return send({ state: "resolved", message: "the test is over" });
}

function describe(delivery: Delivery): string {
	if (delivery.result === "accepted") return "accepted";
	return `${delivery.result === "refused" ? "refused" : "not accepted"}: ${delivery.why}`;
}
