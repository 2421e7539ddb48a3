import { byId, element, setChildren, setText } from "./dom.js";
import { cardId } from "./sessions.js";
import { duration, icons, instant, overviewOf } from "./status-text.js";

/** @import { Freshness } from "./data-freshness.js" */
/** @import { Level, Session } from "./status-text.js" */

/** At most this many sessions that are not ready are named at the top of the page. */
const maxNames = 8;

/**
 * Why the page receives no current data.
 *
 * @typedef {object} Reasons
 * @property {string} ask - why there is no answer with the sessions; empty if the reason is unknown.
 * @property {string} stream - why the event stream is down.
 */

/**
 * Shows the state of all sessions in one sentence, in the page and in the title of its tab.
 *
 * @param {Freshness} freshness
 * @param {readonly Session[]} sessions
 * @param {Reasons} reasons
 * @param {number} now - the time on the page's clock.
 * @param {number} activeAlerts
 * @returns {string} the sentence.
 */
export function showOverview(freshness, sessions, reasons, now, activeAlerts) {
	const { level, title, detail, notReady } =
		freshness.kind === "fresh" ? overviewOf(sessions) : staleOverview(freshness, reasons, now);
	const icon = level === "unknown" ? "?" : icons[level];
	byId("overview").dataset["level"] = level;
	setText(byId("title-icon"), icon);
	setText(byId("title-word"), title);
	const alerts = freshness.kind === "fresh" && activeAlerts > 0 ? `; active alerts: ${activeAlerts}` : "";
	setText(byId("detail"), `${detail}${alerts}`);
	const tab = `${icon} ${title} · ${location.host}`;
	if (document.title !== tab) document.title = tab;
	showNotReady(sessions, notReady);
	return title;
}

/** Says that the page itself has failed, and that nothing on it may be trusted. */
export function showFailure() {
	byId("overview").dataset["level"] = "unknown";
	setText(byId("title-icon"), "?");
	setText(byId("title-word"), "This page has failed");
	setText(byId("detail"), "Reload it. Until then run the command: keepalive status.");
	document.title = `? This page has failed · ${location.host}`;
	byId("not-ready").hidden = true;
}

/**
 * @param {Exclude<Freshness, { readonly kind: "fresh" }>} freshness
 * @param {Reasons} reasons
 * @param {number} now
 * @returns {{ level: Level | "unknown", title: string, detail: string, notReady: readonly Session[] }}
 */
function staleOverview(freshness, { ask, stream }, now) {
	/** @param {string} title @param {string} detail */
	const unknown = (title, detail) => ({ level: /** @type {const} */ ("unknown"), title, detail, notReady: [] });
	/** @param {number} since */
	const sinceText = (since) => `Since ${instant(Date.now() - (now - since))} (${duration(now - since)})`;
	const old = "What is below is old.";
	switch (freshness.kind) {
		case "token":
			return unknown("Token needed", "This page can read nothing without it.");
		case "paused":
			return unknown("Paused", "This page asks for nothing while it is hidden.");
		case "starting":
			return unknown("Connecting to the agent", ask === "" ? "Nothing is known yet." : `No sessions yet: ${ask}.`);
		case "silent":
			return unknown("No word from the agent", `${sinceText(freshness.since)}${ask === "" ? "" : `: ${ask}`}. ${old}`);
		case "no-stream":
			return unknown("Event stream down", `${sinceText(freshness.since)}: ${stream}. ${old}`);
	}
}

/**
 * Links to the sessions that are not ready: among a hundred cards they could be out of sight.
 *
 * @param {readonly Session[]} sessions
 * @param {readonly Session[]} notReady
 */
function showNotReady(sessions, notReady) {
	const list = byId("not-ready");
	list.hidden = notReady.length === 0;
	const shown = notReady.slice(0, maxNames).map((session) => ({
		name: session.name,
		id: cardId(sessions.indexOf(session)),
		act: session.needsHuman ? ": a person has to act" : "",
	}));
	const more = notReady.length - shown.length;
	setChildren(list, JSON.stringify([shown, more]), () => [
		...shown.map(({ name, id, act }) => element("li", {}, element("a", { href: `#${id}` }, name), act)),
		...(more > 0 ? [element("li", {}, `and ${more} more`)] : []),
	]);
}
