import { element, setChildren } from "./dom.js";
import { duration, instant, upTo } from "./status-text.js";

/** @import { Row, State } from "./timeline.js" */

const maxLosses = 50;

/** The states in words. @type {Readonly<Record<State, string>>} */
export const stateNames = {
	armed: "armed",
	alive: "alive, not armed",
	opening: "opening",
	late: "late",
	waiting: "waiting",
	standby: "standby: another process runs it",
	gated: "gated",
	stopped: "stopped",
	"no-agent": "no agent",
	lost: "lost",
	blocked: "blocked",
};

/**
 * Makes a table with all the data that the charts of one session show in the timeline.
 *
 * @param {Row} row
 */
export function tableOf({ name, spans, losses, exposure }) {
	const entries = [
		...spans.map(({ from, to, state, reason }) => ({
			at: from,
			what: stateNames[state],
			detail: `for ${duration(to - from)}${reason === undefined ? "" : `: ${reason}`}`,
		})),
		...losses.map(({ at, endedAt, cause, expected, orders }) => ({
			at,
			what: lossName(expected),
			detail: `${lasted(at, endedAt)}: ${cause.replace(/\.$/, "")}; orders: ${orders ?? "not known"}`,
		})),
		...exposure.map(({ at, exposureMs }) => ({
			at,
			what: "exposure",
			detail: exposureMs === null ? "none: the session is not armed" : upTo(exposureMs),
		})),
	].sort((a, b) => b.at - a.at);
	return table(
		`${name}, the latest first`,
		["When", "What", "Detail"],
		entries.map(({ at, what, detail }) => [instant(at), what, detail]),
	);
}

/**
 * Shows when each session was lost, for all sessions, the latest loss first.
 *
 * @param {HTMLElement} target
 * @param {readonly Row[]} rows
 */
export function showLosses(target, rows) {
	const losses = rows
		.flatMap(({ name, losses: all }) => all.map((loss) => ({ ...loss, name })))
		.sort((a, b) => b.at - a.at);
	setChildren(target, JSON.stringify(losses.slice(0, maxLosses)) + losses.length, () => {
		if (losses.length === 0) return [element("p", { class: "none" }, "None.")];
		const shown = losses.slice(0, maxLosses);
		const more = losses.length - shown.length;
		return [
			table(
				more > 0 ? `The latest ${maxLosses}; ${more} more are in the tables of the sessions` : "The latest first",
				["When", "Session", "How long", "Kind", "Cause", "Orders"],
				shown.map(({ at, endedAt, name, cause, expected, orders }) => [
					instant(at),
					name,
					lasted(at, endedAt),
					expected ? "expected" : "unexpected",
					cause,
					orders ?? "not known",
				]),
			),
		];
	});
}

/** @param {boolean} expected */
const lossName = (expected) => (expected ? "loss, expected" : "loss");

/** @param {number} at @param {number | undefined} endedAt */
const lasted = (at, endedAt) => (endedAt === undefined ? "not over" : `for ${duration(endedAt - at)}`);

/**
 * @param {string} caption
 * @param {readonly string[]} titles
 * @param {readonly (readonly string[])[]} rows
 */
function table(caption, titles, rows) {
	return element(
		"table",
		{},
		element("caption", {}, caption),
		element("thead", {}, element("tr", {}, ...titles.map((title) => element("th", { scope: "col" }, title)))),
		element(
			"tbody",
			{},
			...rows.map((row) =>
				element("tr", {}, ...row.map((text, at) => element("td", { "data-title": titles[at] ?? "" }, text))),
			),
		),
	);
}
