import { alignColumns } from "@x/base/align-columns";
import { isLedElsewhere, signAges, statusText } from "../agent/session-view.ts";
import type { components } from "../generated/schema.ts";
import { secondsText } from "../text/duration-text.ts";

/** What `keepalive status` prints for a person: a line for each session. */
export function statusTable({ at, sessions }: components["schemas"]["SessionList"]): string {
	const rows = sessions.map(({ name, venue, ready, armed, status, tally }) => {
		const { verifiedAgeMs, lastBeatAgeMs } = signAges({ status, tally }, at);
		return [
			name,
			venue,
			armed ? "ARMED" : ready ? "alive" : isLedElsewhere({ status }) ? "standby" : "NOT READY",
			lastBeatAgeMs === undefined ? "no beat yet" : `beat ${secondsText(lastBeatAgeMs)} ago`,
			verifiedAgeMs === undefined ? "not read back" : `read back ${secondsText(verifiedAgeMs)} ago`,
			statusText(status),
		];
	});
	return alignColumns(rows).join("\n");
}
