import { readJson } from "./api.js";
import { element, setChildren, showText, svg } from "./dom.js";
import { duration, instant, share, upTo } from "./status-text.js";
import { showLosses, stateNames, tableOf } from "./timeline-tables.js";

/** @import { components } from "../src/generated/schema.ts" */
/** @typedef {components["schemas"]["Timeline"]} Answer */
/** @typedef {Answer["sessions"][number]} Row */
/** @typedef {Row["spans"][number]["state"]} State */

/** All states, from the best to the worst: a worse state is drawn over a better one. @type {readonly State[]} */
const states = [
	"armed",
	"alive",
	"opening",
	"late",
	"waiting",
	"standby",
	"gated",
	"stopped",
	"no-agent",
	"lost",
	"blocked",
];
/** The height of a bar shows the same state as its colour, for people who cannot tell colours apart. @param {State} state */
const heightOf = (state) => (state === "armed" || state === "alive" ? 14 : states.indexOf(state) < 5 ? 22 : 30);

const width = 1_000;
const height = 34;
/** The smallest width of a bar in the timeline. A narrower bar, such as for a loss of one second in a week, could not be seen. */
const minWidth = 2;
const timeoutMs = 10_000;

/** Shows the states, losses and exposure of all sessions over an hour, a day or a week. */
export class TimelineView {
	#rangeMs = 24 * 3_600_000;
	#isLoading = false;
	#isWanted = false;

	/** @param {number} ms */
	setRange(ms) {
		this.#rangeMs = ms;
		void this.load();
	}

	/** Reads and shows the timeline. Never rejects: if the timeline cannot be read, the page shows that. */
	async load() {
		this.#isWanted = true;
		if (this.#isLoading) return;
		this.#isLoading = true;
		const note = part("timeline-note");
		while (this.#isWanted) {
			this.#isWanted = false;
			try {
				// The request has no end time: the agent ends the timeline at the present time on its own clock.
				const to = Math.ceil(Date.now());
				const answer = await readJson(`v1/timeline?from=${to - this.#rangeMs}`, timeoutMs);
				// The cast is safe: the agent's OpenAPI document specifies this type, and a test compares the agent's answers with it.
				const begin = show(/** @type {Answer} */ (answer));
				showText(
					note,
					begin === undefined
						? undefined
						: `No agent ran before ${instant(begin)}. The charts begin shortly before that time.`,
				);
			} catch (error) {
				showText(note, `The timeline cannot be read: ${error instanceof Error ? error.message : "unknown error"}`);
			}
		}
		this.#isLoading = false;
	}
}

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * Shows the timeline. It can reach back to a time when no agent had run yet. Of that time only a short piece is shown, so that the rest
 * gets the space.
 *
 * @param {Answer} answer
 * @returns {number | undefined} when the first agent was started; undefined if an agent has run for the whole timeline or not at all.
 */
function show(answer) {
	const { to, sessions } = answer;
	const begin = Math.min(
		...sessions.map(({ spans: [first] }) => (first?.state === "no-agent" ? first.to : answer.from)),
	);
	const isCut = begin > answer.from && begin < to;
	const from = isCut ? Math.max(answer.from, begin - (to - begin) / 20) : answer.from;
	setChildren(part("axis"), `${from} ${to}`, () =>
		[from, (from + to) / 2, to].map((at) => element("span", {}, instant(Math.round(at)))),
	);
	const list = part("rows");
	const open = new Set([...list.querySelectorAll("details[open]")].map((each) => each.getAttribute("data-session")));
	// Replacing the list removes the keyboard focus. Only a table's summary can have had the focus, so that summary gets it again.
	const focused = document.activeElement?.closest("details")?.getAttribute("data-session");
	list.replaceChildren(...sessions.map((row) => rowItem(row, from, to, open.has(row.name))));
	if (focused !== undefined && focused !== null && list.ownerDocument.activeElement === document.body) {
		const summary = [...list.querySelectorAll("details")]
			.find((each) => each.getAttribute("data-session") === focused)
			?.querySelector("summary");
		summary?.focus({ preventScroll: true });
	}
	showLosses(part("losses"), sessions);
	return isCut ? begin : undefined;
}

/**
 * @param {Row} row
 * @param {number} from
 * @param {number} to
 * @param {boolean} isOpen
 */
function rowItem(row, from, to, isOpen) {
	const summary = summaryOf(row);
	const x = (/** @type {number} */ at) => ((Math.min(Math.max(at, from), to) - from) / (to - from)) * width;
	const details = element("details", { "data-session": row.name }, element("summary", {}, `Table of ${row.name}`));
	const fill = () => {
		if (details.childElementCount === 1) details.append(tableOf(row));
	};
	details.addEventListener("toggle", fill);
	if (isOpen) {
		details.open = true;
		fill();
	}
	const exposure = exposureChart(row, x);
	return element(
		"li",
		{},
		element("h3", {}, row.name, " ", element("span", { class: "venue" }, row.venue)),
		element("p", { class: "summary" }, summary),
		bar(row, x, summary),
		...(exposure ? [exposure] : []),
		details,
	);
}

/**
 * A session's timeline in words: the share of time in each state, and the number of losses. Time before the first agent was started does
 * not count.
 *
 * @param {Row} row
 */
export function summaryOf({ spans: [first], stateMs, losses, lossCount }) {
	const beforeMs = first?.state === "no-agent" ? first.to - first.from : 0;
	const whole = Object.values(stateMs).reduce((sum, ms) => sum + ms, 0) - beforeMs;
	const parts = states.flatMap((state) => {
		const ms = (stateMs[state] ?? 0) - (state === "no-agent" ? beforeMs : 0);
		return ms > 0 ? [`${stateNames[state]} ${share(ms, whole)}`] : [];
	});
	const expected = losses.filter((loss) => loss.expected).length;
	const lost = lossCount === 0 ? "no losses" : `losses: ${lossCount}, ${expected} of them expected`;
	const since = beforeMs > 0 ? `Since the agent's first start, ${duration(whole)} ago: ` : "";
	return `${since}${parts.join(", ")}; ${lost}`;
}

/**
 * Draws the states of a session. Each state is one SVG path, because a page may have a hundred rows, with hundreds of spans each.
 *
 * @param {Row} row
 * @param {(at: number) => number} x
 * @param {string} summary
 */
function bar({ name, spans, losses }, x, summary) {
	const paths = states.flatMap((state) => {
		const top = height - heightOf(state);
		const d = spans
			.filter((span) => span.state === state)
			.map(
				({ from, to }) =>
					`M${x(from).toFixed(1)} ${top}h${Math.max(x(to) - x(from), minWidth).toFixed(1)}V${height}H${x(from).toFixed(1)}z`,
			)
			.join("");
		return d === "" ? [] : [svg("path", { class: `span ${state}`, d })];
	});
	const marks = losses.map(({ at, expected }) =>
		svg("rect", {
			class: expected ? "loss expected" : "loss",
			x: x(at).toFixed(1),
			y: 0,
			width: 3,
			height: expected ? 6 : height,
		}),
	);
	return svg(
		"svg",
		{
			class: "bar",
			viewBox: `0 0 ${width} ${height}`,
			preserveAspectRatio: "none",
			role: "img",
			"aria-label": `${name}: ${summary}`,
		},
		...paths,
		...marks,
	);
}

/**
 * Draws how the exposure of a session (how long its orders may stay open after a failure) has changed, as a line of steps. Draws nothing if
 * the exposure was never known.
 *
 * @param {Row} row
 * @param {(at: number) => number} x
 */
function exposureChart({ name, exposure }, x) {
	const known = exposure.flatMap(({ exposureMs }) => (exposureMs === null ? [] : [exposureMs]));
	if (known.length === 0) return undefined;
	const [most, least] = [Math.max(...known), Math.min(...known)];
	const y = (/** @type {number} */ ms) => (30 - (most === 0 ? 0 : (ms / most) * 26)).toFixed(1);
	let d = "";
	let isDrawing = false;
	for (const { at, exposureMs } of exposure) {
		const here = x(at).toFixed(1);
		if (isDrawing) d += `H${here}`;
		if (exposureMs !== null) d += isDrawing ? `V${y(exposureMs)}` : `M${here} ${y(exposureMs)}`;
		isDrawing = exposureMs !== null;
	}
	if (isDrawing) d += `H${width}`;
	const words = most === least ? `exposure ${upTo(most)}` : `exposure between ${upTo(least)} and ${upTo(most)}`;
	return element(
		"div",
		{ class: "exposure" },
		element("p", { class: "summary" }, words),
		svg(
			"svg",
			{
				class: "line",
				viewBox: `0 0 ${width} 32`,
				preserveAspectRatio: "none",
				role: "img",
				"aria-label": `${name}: ${words}, over time`,
			},
			svg("path", { d }),
		),
	);
}

/** Makes the legend of the bars in the timeline. */
export function makeLegend() {
	return states.map((state) =>
		element(
			"li",
			{},
			svg(
				"svg",
				{ class: "swatch", viewBox: `0 0 14 ${height}`, "aria-hidden": "true" },
				svg("path", { class: `span ${state}`, d: `M0 ${height - heightOf(state)}h14V${height}H0z` }),
			),
			` ${stateNames[state]}`,
		),
	);
}
