import { alignColumns } from "@x/base/align-columns";
import { secondsText } from "../text/duration-text.ts";
import type { CheckedSession } from "./check.ts";

const verdictTexts: Readonly<Record<CheckedSession["verdict"], string>> = {
	ready: "ready",
	"not-ready": "NOT READY",
	human: "NEEDS A PERSON",
};

/** What `keepalive check` prints for a person: a block for each session. */
export function checkTable(sessions: readonly CheckedSession[]): string {
	return sessions.map((each) => block(each)).join("\n\n");
}

function block(checked: CheckedSession): string {
	const { session, venue, verdict, problems, warnings, findings, permissions, exposure } = checked;
	const rows: [string, string][] = [
		...findings.map(({ what, value }): [string, string] => [what, value]),
		...(permissions ? [["API key may", permissions.join(" ")] satisfies [string, string]] : []),
		["clock", clockText(checked.clockAheadMs)],
		["round trip", checked.roundTripMs === undefined ? "not measured" : `${Math.round(checked.roundTripMs)} ms`],
		["orders stay", exposure ? exposureText(exposure) : "without end: the venue cancels none"],
		...warnings.map((text): [string, string] => ["warning", text]),
		...problems.map(({ message }): [string, string] => ["problem", message]),
		...problems.flatMap(({ todo }): [string, string][] => (todo === undefined ? [] : [["to do", todo]])),
	];
	const lines = alignColumns(rows).map((line) => `  ${line}`);
	return [`${session} (${venue}): ${verdictTexts[verdict]}`, ...lines].join("\n");
}

function clockText(aheadMs: number | undefined): string {
	if (aheadMs === undefined) return "not measured";
	return aheadMs >= 0 ? `${aheadMs} ms ahead of the venue's clock` : `${-aheadMs} ms behind the venue's clock`;
}

/** How long orders stay in the book after the process or its network dies. */
function exposureText({ processDeathMs, networkDeathMs }: NonNullable<CheckedSession["exposure"]>): string {
	return `up to ${secondsText(processDeathMs)} after the process dies, up to ${secondsText(networkDeathMs)} after the network dies`;
}
