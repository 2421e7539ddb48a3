import type { AgentRecord } from "../agent/agent-record.ts";
import { Problem } from "../http/http-problem.ts";
import type { History, StoreState } from "./history.ts";
import { type HistoryQuery, HistoryStoreError } from "./history-store.ts";
import type { TimelineSessions } from "./timeline.ts";

const dayMs = 86_400_000;
const defaultLimit = 200;
const maxLimit = 1_000;

/** Answers `/v1/history` with JSON. @throws Problem with HTTP status 400 for a bad query, or 503 if the history cannot be read. */
export async function historyPage(history: History | undefined, query: string): Promise<string> {
	const asked = pageQuery(query);
	if (!history) return pageText([], undefined, { kind: "none" });
	const { records, next } = await orProblem(() => history.page(asked));
	return pageText(records, next, history.state);
}

/** Answers `/v1/timeline` with JSON. @throws Problem with HTTP status 400 for a bad query, or 503 if the history cannot be read. */
export async function timeline(
	history: History | undefined,
	query: string,
	sessions: TimelineSessions,
): Promise<string> {
	const asked = windowOf(valuesOf(query, ["from", "to"]));
	// The window ends at the current time at the latest, because nothing is known about the future.
	const to = Math.min(asked.to, Date.now());
	const from = Math.min(asked.from, to);
	if (!history) throw new Problem(503, "no history is kept (history is false in the configuration)");
	return orProblem(() => history.timeline(from, to, sessions));
}

/** Returns the body of a page. It is built as text because the records are JSON already. */
function pageText(records: readonly string[], next: number | undefined, store: StoreState): string {
	const rest = JSON.stringify({ ...(next !== undefined && { next: String(next) }), store });
	return `{"records":[${records.join()}],${rest.slice(1)}`;
}

async function orProblem<T>(read: () => Promise<T>): Promise<T> {
	try {
		return await read();
	} catch (error) {
		if (error instanceof HistoryStoreError) throw new Problem(503, `the history ${error.message}`);
		throw error;
	}
}

type Values = ReadonlyMap<string, string>;

/** Reads the query of `/v1/history`. @throws Problem with HTTP status 400 for a bad query. */
function pageQuery(query: string): HistoryQuery {
	const values = valuesOf(query, ["from", "to", "session", "type", "limit", "before"]);
	const session = values.get("session");
	const type = values.get("type");
	const before = wholeNumber(values, "before", 0, Number.MAX_SAFE_INTEGER);
	if (session === "")
		throw new Problem(400, "session must not be empty: leave it out to get the records of all sessions");
	if (type !== undefined && !isType(type)) throw new Problem(400, "type must be status, alert, agent or relay");
	return {
		...windowOf(values),
		limit: wholeNumber(values, "limit", 1, maxLimit) ?? defaultLimit,
		...(session !== undefined && { session }),
		...(type !== undefined && { type }),
		...(before !== undefined && { before }),
	};
}

const isType = (text: string): text is AgentRecord["type"] => ["status", "alert", "agent", "relay"].includes(text);

/** @throws Problem with HTTP status 400 for a bad query. */
function windowOf(values: Values): { readonly from: number; readonly to: number } {
	const latest = Number.MAX_SAFE_INTEGER;
	const to = wholeNumber(values, "to", 0, latest) ?? Date.now();
	const from = wholeNumber(values, "from", 0, latest) ?? Math.max(0, to - dayMs);
	if (from > to) throw new Problem(400, "from must not be after to");
	return { from, to };
}

/** @throws Problem with HTTP status 400 for a bad query. */
function valuesOf(query: string, known: readonly string[]): Values {
	const given = [...new URLSearchParams(query)];
	for (const [name] of given) {
		// The name is not quoted: it may be a secret that was put in the wrong place.
		if (!known.includes(name)) throw new Problem(400, `the query may only have the parameters ${known.join(", ")}`);
	}
	const values = new Map(given);
	if (values.size < given.length) throw new Problem(400, "the query has a parameter twice");
	return values;
}

/** @throws Problem with HTTP status 400 for a bad query. */
function wholeNumber(values: Values, name: string, min: number, max: number): number | undefined {
	const text = values.get(name);
	if (text === undefined) return undefined;
	const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
	if (value >= min && value <= max) return value;
	const unit = name === "from" || name === "to" ? ", in epoch milliseconds" : "";
	throw new Problem(400, `${name} must be a whole number from ${min} to ${max}${unit}`);
}
