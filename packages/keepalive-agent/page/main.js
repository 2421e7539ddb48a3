import { Records } from "./alerts-and-changes.js";
import { ApiError, keepToken, readEvents, readJson, readToken } from "./api.js";
import { makeClock, sleep } from "./clock-and-sleep.js";
import { freshnessOf, staleAfterMs } from "./data-freshness.js";
import { byId, setText } from "./dom.js";
import { showFailure, showOverview } from "./overview.js";
import { Announcer } from "./screen-reader-announcer.js";
import { SessionCards } from "./sessions.js";
import { makeLegend, TimelineView } from "./timeline.js";

/** @import { components } from "../src/generated/schema.ts" */
/** @import { Session } from "./status-text.js" */

/** The sessions are requested once a second, and at once when the stream reports a change. */
const askEveryMs = 1_000;
const askTimeoutMs = 3_000;
const drawEveryMs = 250;
const timelineEveryMs = 60_000;
/** The timeline is requested this many milliseconds after a change; several changes within this time cause one request. */
const timelineAfterChangeMs = 5_000;
const reconnectMs = { first: 500, most: 5_000 };
/** With more sessions than this, the page offers a filter. */
const fewSessions = 8;

const now = makeClock();
const cards = new SessionCards(byId("cards"));
const records = new Records();
const announcer = new Announcer();
const timeline = new TimelineView();

/**
 * The latest valid answer with the sessions. It was requested at `askedAt` and received at `shownAt`.
 *
 * @type {{ at: number, sessions: readonly Session[], askedAt: number, shownAt: number } | undefined}
 */
let answer;
let needsToken = false;
/** @type {number | undefined} */
let streamDownSince = 0;
/** What the page tells the user: why the sessions cannot be read (`ask`), and why the event stream is down (`stream`). */
const reasons = { ask: "", stream: "the stream was not opened yet" };
/** @type {string | undefined} */
let lastId;
/** Aborts everything that runs only while the page is visible. */
let visible = new AbortController();
let askNow = () => {};
let timelineDueAt = 0;

/** Requests the sessions again and again until the page is hidden. @param {AbortSignal} hidden */
async function askForSessions(hidden) {
	while (!hidden.aborted && !needsToken) {
		const askedAt = now();
		const wake = new AbortController();
		askNow = () => wake.abort();
		try {
			const list = await readJson("v1/sessions", askTimeoutMs);
			if (!hidden.aborted) take(list, askedAt);
		} catch (error) {
			if (error instanceof ApiError && error.status === 401) return askForToken();
			reasons.ask = error instanceof ApiError ? error.message : "no answer";
		}
		// If a change was reported during this request, the next request follows after 100 ms: at most ten requests a second.
		await sleep(100, hidden);
		await sleep(Math.max(0, askEveryMs - (now() - askedAt)), AbortSignal.any([hidden, wake.signal]));
	}
}

/** @param {unknown} list @param {number} askedAt */
function take(list, askedAt) {
	if (!isSessionList(list)) {
		reasons.ask = "the answer is not a list of sessions";
		return;
	}
	// If this answer has the same timestamp as the previous one, it is an old answer that a proxy or a cache has stored.
	if (list.at === answer?.at) {
		reasons.ask = "the answers are old copies, which a proxy or a cache has kept";
		return;
	}
	reasons.ask = "";
	answer = { at: list.at, sessions: list.sessions, askedAt, shownAt: Date.now() };
	draw();
}

/** @param {unknown} value @returns {value is components["schemas"]["SessionList"]} */
function isSessionList(value) {
	if (typeof value !== "object" || value === null || !("at" in value) || !("sessions" in value)) return false;
	const { at, sessions } = value;
	return (
		typeof at === "number" && Array.isArray(sessions) && sessions.every((each) => typeof each?.armed === "boolean")
	);
}

/** Reads the event stream until the page is hidden, and opens the stream again when it ends. @param {AbortSignal} hidden */
async function followEvents(hidden) {
	let waitMs = reconnectMs.first;
	while (!hidden.aborted && !needsToken) {
		try {
			await readEvents(lastId, hidden, onOpen, onEvent);
			reasons.stream = "the stream ended";
		} catch (error) {
			if (error instanceof ApiError && error.status === 401) return askForToken();
			reasons.stream = error instanceof ApiError ? error.message : "the stream broke";
		}
		if (hidden.aborted) return;
		streamDownSince ??= now();
		await sleep(waitMs * (0.5 + Math.random() / 2), hidden);
		waitMs = Math.min(waitMs * 2, reconnectMs.most);
	}

	function onOpen() {
		streamDownSince = undefined;
		waitMs = reconnectMs.first;
		askNow();
		void reloadAfterRelease();
	}
}

/** The types of stream events whose data is a record, such as a status or an alert. */
const recordTypes = new Set(["status", "alert", "agent", "relay"]);

/** @param {import("./event-stream-parser.js").StreamEvent} event */
function onEvent({ id, event, data }) {
	if (id !== undefined) lastId = id;
	if (event === "gap") records.addGap();
	else if (recordTypes.has(event)) records.add(JSON.parse(data));
	timelineDueAt = Math.min(timelineDueAt, now() + timelineAfterChangeMs);
	askNow();
}

/** The version of the page's files: the ETag that the agent gave them. @type {string | undefined} */
let version;

/** Reloads the page if the agent was replaced by another release, which has other files of the page. */
async function reloadAfterRelease() {
	try {
		const { ok, headers } = await fetch(location.pathname, {
			method: "HEAD",
			signal: AbortSignal.timeout(askTimeoutMs),
		});
		const served = ok ? (headers.get("etag") ?? undefined) : undefined;
		if (version !== undefined && served !== undefined && served !== version) location.reload();
		version ??= served;
	} catch {
		// A failure is ignored, because the version is requested again after the next reconnect.
	}
}

function askForToken() {
	if (needsToken) return;
	needsToken = true;
	answer = undefined;
	setText(byId("token-note"), readToken() === undefined ? tokenHint : `That token was refused. ${tokenHint}`);
	keepToken(undefined);
	visible.abort();
	draw();
	byId("token").focus();
}

const tokenHint = byId("token-note").textContent ?? "";

/** Starts everything that runs only while the page is visible. */
function start() {
	visible.abort();
	visible = new AbortController();
	const { signal } = visible;
	streamDownSince ??= now();
	draw();
	if (document.hidden || needsToken) return;
	void askForSessions(signal);
	void followEvents(signal);
	void records.load();
	timelineDueAt = 0;
}

/** @type {Animation | undefined} */
let curtain;

/**
 * Restarts the animation that covers the page at its end. Each call of draw() restarts it. If the script hangs, draw() is not called: the
 * animation ends and covers the page, so an outdated "armed" does not stay visible.
 */
function holdCurtain() {
	curtain ??= byId("curtain").animate([{ opacity: 0 }, { opacity: 0, offset: 0.999 }, { opacity: 1 }], {
		duration: staleAfterMs + 2_000,
		fill: "forwards",
	});
	curtain.currentTime = 0;
}

/** Shows the current data. If that fails, the page says so and shows no session. */
function draw() {
	try {
		const contact = { isHidden: document.hidden, needsToken, askedAt: answer?.askedAt, streamDownSince };
		const freshness = freshnessOf(contact, now());
		const isFresh = freshness.kind === "fresh";
		document.body.dataset["freshness"] = freshness.kind;
		const sessions = answer?.sessions ?? [];
		const title = showOverview(freshness, sessions, reasons, now(), records.activeAlerts);
		byId("token-form").hidden = !needsToken;
		byId("forget").hidden = needsToken || readToken() === undefined;
		byId("filter").hidden = sessions.length <= fewSessions;
		const agentNow = answer ? answer.at + (now() - answer.askedAt) : 0;
		cards.show(sessions, agentNow, isFresh, answer?.shownAt ?? 0);
		records.show(byId("alert-list"), byId("change-list"));
		announcer.tell(title, isFresh ? sessions : []);
	} catch (error) {
		document.body.dataset["freshness"] = "failed";
		showFailure();
		cards.clear();
		console.error(error);
	}
	holdCurtain();
}

/** Draws the page again and again, for ever. */
function keepDrawing() {
	draw();
	if (!document.hidden && !needsToken && answer && now() >= timelineDueAt) {
		timelineDueAt = now() + timelineEveryMs;
		void timeline.load();
		// An event can reach the history after the page has read the history. So the page reads the history at least once a minute.
		void records.load();
	}
	setTimeout(keepDrawing, drawEveryMs);
}

byId("legend").append(...makeLegend());
setText(byId("host"), location.host);
for (const range of document.querySelectorAll('input[name="range"]')) {
	range.addEventListener("change", () =>
		timeline.setRange(Number(/** @type {HTMLInputElement} */ (range).value) * 3_600_000),
	);
}
byId("only-not-ready").addEventListener("change", (event) => {
	byId("cards").classList.toggle("only-not-ready", /** @type {HTMLInputElement} */ (event.target).checked);
});
byId("token-form").addEventListener("submit", (event) => {
	event.preventDefault();
	const input = /** @type {HTMLInputElement} */ (byId("token"));
	keepToken(input.value);
	input.value = "";
	needsToken = false;
	start();
});
byId("forget").addEventListener("click", () => {
	keepToken(undefined);
	location.reload();
});
document.addEventListener("visibilitychange", start);
start();
keepDrawing();
