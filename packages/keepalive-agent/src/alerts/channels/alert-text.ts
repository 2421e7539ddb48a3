import { durationText } from "../../text/duration-text.ts";
import type { Alert } from "../alert.ts";

const marks = { page: "ALERT", warn: "warning", info: "info" } as const;

/** The first line of a message: what the alert is about, and what is wrong. */
export function alertTitle({ record, venue }: Alert): string {
	const { session, severity, state, message } = record;
	const mark = state === "resolved" ? "resolved" : marks[severity];
	const subject = session === undefined ? "keepalive agent" : `${session}${venue === undefined ? "" : ` (${venue})`}`;
	return `[${mark}] ${subject}: ${message}`;
}

/** The whole message of an alert. It is short, because a person may have to read it at night. */
export function alertText(alert: Alert, pageUrl: string): string {
	const { record, since, exposure } = alert;
	const lines = [alertTitle(alert), `Since ${new Date(since).toISOString().replace(/\.\d+Z$/, "Z")}`];
	if (record.state === "raised") {
		if (record.session !== undefined) lines.push(exposureLine(exposure));
		if (record.todo !== undefined) lines.push(`To do: ${record.todo}`);
	}
	return [...lines, pageUrl].join("\n");
}

function exposureLine(exposure: Alert["exposure"]): string {
	if (!exposure) return "Exposure: the venue cancels no orders, they stay in the book";
	const [process, network] = [exposure.processDeathMs, exposure.networkDeathMs].map((ms) => durationText(ms));
	return `Exposure: orders stay up to ${process} after the process dies, up to ${network} after the network dies`;
}
