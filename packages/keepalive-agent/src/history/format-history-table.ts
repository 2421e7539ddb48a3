import { sentence } from "@x/base/errors";
import { statusText } from "../agent/session-view.ts";
import type { components } from "../generated/schema.ts";
import { durationText } from "../text/duration-text.ts";

type Schemas = components["schemas"];
type Session = Schemas["TimelineSession"];

/** The text that `keepalive history` prints for a person. Times are UTC. */
export function historyTable(timeline: Schemas["Timeline"], page: Schemas["HistoryPage"]): string {
	const { from, to, sessions, gaps } = timeline;
	const rest = page.next === undefined ? "" : ", the latest only";
	const lines = [
		`From ${time(from)} to ${time(to)} (UTC)`,
		...storeLines(page.store),
		...gaps.map((gap) => `MISSING: ${gap.lostRecords} records from ${time(gap.from)} to ${time(gap.to)}`),
		...sessions.flatMap((session) => ["", ...sessionLines(session, to - from)]),
		"",
		`Records${rest}:`,
		...page.records.map((record) => `  ${time(record.at)}  ${recordText(record)}`),
	];
	// Control characters are removed: a text from a venue must not control the terminal.
	return lines.map((line) => line.replaceAll(/\p{Cc}+/gu, " ")).join("\n");
}

function storeLines(store: Schemas["HistoryStore"]): string[] {
	return "state" in store && store.state === "degraded" ? [`NOT STORED NOW: the history ${store.reason}`] : [];
}

function sessionLines({ name, venue, spans, stateMs, losses, lossCount }: Session, wholeMs: number): string[] {
	// If the agent ran for the first time within the window, the percentages refer to the time since then, not to the whole window.
	const [first] = spans;
	const beforeMs = first?.state === "no-agent" ? first.to - first.from : 0;
	const ranMs = wholeMs - beforeMs;
	const since = beforeMs > 0 ? `since the agent began, ${durationText(ranMs)} ago: ` : "";
	const shares = Object.entries({
		...stateMs,
		...(beforeMs > 0 && { "no-agent": (stateMs["no-agent"] ?? 0) - beforeMs }),
	})
		.filter(([, ms]) => ms > 0)
		.sort(([, a], [, b]) => b - a)
		.map(([state, ms]) => `${state} ${share(ms, ranMs)}`);
	const asked = spans.filter(({ state }) => state === "blocked");
	return [
		`${name} (${venue}): ${since}${shares.join(", ")}; ${lossCount === 0 ? "no losses" : `losses: ${lossCount}`}`,
		...losses.map(({ at, endedAt, expected, cause, orders = "not known" }) => {
			const length = endedAt === undefined ? "not alive again" : `alive again after ${durationText(endedAt - at)}`;
			return `  ${time(at)}  lost${expected ? " as expected" : ""}, ${length}: ${sentence(cause)} Orders: ${orders}`;
		}),
		...asked.map(
			(span) =>
				`  ${time(span.from)}  a person had to act, for ${durationText(span.to - span.from)}: ${span.reason ?? ""}`,
		),
	];
}

/** Returns the share in percent, rounded down: 100 % means the whole time. */
function share(ms: number, wholeMs: number): string {
	return `${wholeMs === 0 ? 0 : Math.floor((ms / wholeMs) * 1_000) / 10} %`;
}

function recordText(record: Schemas["AgentRecord"]): string {
	switch (record.type) {
		case "status":
			return `${record.session}: ${record.status.state}, ${statusText(record.status)}`;
		case "alert":
			return `${record.session ?? "agent"}: alert ${record.state} (${record.severity}): ${record.message}`;
		case "relay":
			return `${record.session}: bot ${record.bot ?? "without a login"} ${record.event}: ${record.detail}`;
		case "agent":
			return `agent: ${record.event}: ${record.detail}`;
	}
}

const time = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");
