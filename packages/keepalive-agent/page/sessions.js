import { element, setChildren, setText, showText } from "./dom.js";
import {
	duration,
	icons,
	instant,
	levelOf,
	protectionText,
	stateText,
	upTo,
	verdictOf,
	wrongWith,
} from "./status-text.js";

/** @import { Session } from "./status-text.js" */

/** @typedef {ReturnType<typeof makeCard>} Card */

/** The cards of the sessions, one for each, in the order of the configuration. */
export class SessionCards {
	/** @type {Map<string, Card>} */
	#cards = new Map();
	#list;

	/** @param {HTMLElement} list */
	constructor(list) {
		this.#list = list;
	}

	/** Removes all cards. */
	clear() {
		this.#cards.clear();
		this.#list.replaceChildren();
	}

	/**
	 * Shows the sessions in their cards.
	 *
	 * @param {readonly Session[]} sessions
	 * @param {number} agentNow - the time on the agent's clock.
	 * @param {boolean} isFresh - if false, the states are shown as the last known ones.
	 * @param {number} knownAt - when the agent reported these states, in epoch milliseconds.
	 */
	show(sessions, agentNow, isFresh, knownAt) {
		const names = sessions.map(({ name }) => name);
		if (names.join("\n") !== [...this.#cards.keys()].join("\n")) {
			this.#cards = new Map(names.map((name, index) => [name, this.#cards.get(name) ?? makeCard(name, index)]));
			this.#list.replaceChildren(...[...this.#cards.values()].map(({ item }) => item));
			[...this.#cards.values()].forEach(({ article }, index) => {
				article.id = cardId(index);
			});
		}
		for (const session of sessions) {
			const card = this.#cards.get(session.name);
			if (card) update(card, session, agentNow, isFresh, knownAt);
		}
	}
}

/**
 * The HTML id of a session's card. It does not contain the session's name, because a name may contain any character.
 *
 * @param {number} index - the place of the session in the configuration.
 */
export const cardId = (index) => `session-${index}`;

/** The facts that a session's card shows, with their labels. @type {readonly (readonly [keyof ReturnType<typeof factsOf>, string])[]} */
const rows = [
	["state", "State"],
	["protection", "Protection"],
	["verified", "Read back as armed"],
	["beat", "Last sign of life"],
	["exposure", "Exposure"],
	["process", "If the process dies"],
	["network", "If the network dies"],
	["hang", "If the program hangs"],
	["since", "Since"],
	["epoch", "Term as the leader"],
	["losses", "Losses"],
	["drill", "Proved by a drill"],
];

let made = 0;

/**
 * @param {string} name
 * @param {number} index
 */
function makeCard(name, index) {
	made += 1;
	const headingId = `session-name-${made}`;
	const icon = element("span", { class: "icon", "aria-hidden": "true" });
	const word = element("span", { class: "word" });
	const venue = element("span", { class: "venue" });
	const known = element("p", { class: "known" });
	const wrong = element("p", { class: "wrong" });
	const todo = element("p", { class: "todo" });
	const values = new Map(
		rows.map(([key, label]) => {
			const value = element("dd");
			return [key, { value, row: element("div", {}, element("dt", {}, label), value) }];
		}),
	);
	const facts = element("dl", {}, ...[...values.values()].map(({ row }) => row));
	const layers = element("ul", { class: "layers", "aria-label": "Layers" });
	const warnings = element("ul", { class: "warnings", "aria-label": "Warnings" });
	const article = element(
		"article",
		{ id: cardId(index), class: "session", "aria-labelledby": headingId, tabindex: "-1" },
		element("h3", { id: headingId }, name, " ", venue),
		element("p", { class: "verdict" }, icon, " ", word),
		known,
		wrong,
		todo,
		facts,
		layers,
		warnings,
	);
	return { item: element("li", {}, article), article, icon, word, venue, known, wrong, todo, values, layers, warnings };
}

/**
 * @param {Card} card
 * @param {Session} session
 * @param {number} agentNow
 * @param {boolean} isFresh
 * @param {number} knownAt
 */
function update(card, session, agentNow, isFresh, knownAt) {
	const level = levelOf(session);
	const verdict = verdictOf(session);
	card.article.dataset["level"] = isFresh ? level : "unknown";
	setText(card.venue, session.venue);
	setText(card.icon, isFresh ? icons[level] : "?");
	setText(card.word, isFresh ? verdict : "Unknown");
	showText(card.known, isFresh ? undefined : `At ${instant(knownAt)} it was: ${verdict}`);
	const reason = wrongWith(session);
	showText(card.wrong, reason);
	const { status } = session;
	const todo = status.state === "blocked" ? status.todo : undefined;
	const stopped = session.needsHuman ? "find out why the session stopped, then start the agent again" : undefined;
	const action = todo ?? stopped;
	showText(card.todo, action === undefined ? undefined : `A person has to act: ${action}`);
	const facts = factsOf(session, agentNow);
	for (const [key] of rows) {
		const { value, row } = card.values.get(key) ?? {};
		if (!value || !row) continue;
		setText(value, facts[key] ?? "");
		row.hidden = facts[key] === undefined;
	}
	showLayers(card.layers, session.layers);
	setChildren(card.warnings, JSON.stringify(session.warnings), () =>
		session.warnings.map((warning) => element("li", {}, warning)),
	);
	card.warnings.hidden = session.warnings.length === 0;
}

/**
 * @param {Session} session
 * @param {number} agentNow
 */
function factsOf({ status, epoch, exposure, tally, since, drills, drillDueReason }, agentNow) {
	const outlive = (/** @type {number} */ ms) =>
		ms === 0 ? "orders are cancelled at once" : `orders stay up to ${upTo(ms)}`;
	const protection = status.state === "alive" ? status.protection : undefined;
	const verifiedAt = protection?.state === "armed" ? protection.verifiedAt : undefined;
	return {
		state: stateText(status, agentNow),
		protection: protectionText(status),
		verified: verifiedAt === undefined ? undefined : `${duration(agentNow - verifiedAt)} ago`,
		beat: tally.lastBeatAt === undefined ? "none yet" : `${duration(agentNow - tally.lastBeatAt)} ago`,
		exposure: exposure ? undefined : "without end: the venue cancels no orders",
		process: exposure && outlive(exposure.processDeathMs),
		network: exposure && outlive(exposure.networkDeathMs),
		hang: status.state === "alive" && status.hangMs !== undefined ? outlive(status.hangMs) : undefined,
		since: `${instant(since)} (${duration(agentNow - since)})`,
		epoch: epoch === undefined || status.state === "standby" ? undefined : `epoch ${epoch}`,
		drill: drillText(drills, drillDueReason, agentNow),
		losses: tally.losses === 0 ? "none since the start" : `${tally.losses}, recovered ${tally.recoveries} times`,
	};
}

/**
 * The latest result of `keepalive drill` (a rehearsed failure) for each kind of failure, and why a new drill is due.
 *
 * @param {Session["drills"]} drills
 * @param {string | undefined} dueReason
 * @param {number} agentNow
 */
function drillText(drills = [], dueReason, agentNow) {
	if (drills.length === 0 && dueReason === undefined) return undefined;
	const parts = drills.map(({ kill, verdict, at, isCurrent }) => {
		const changed = isCurrent ? "" : ", with other settings";
		return `${kill}: ${verdict.replace("-", " ")} ${duration(agentNow - at)} ago${changed}`;
	});
	return [...parts, ...(dueReason === undefined ? [] : [`a drill is due: ${dueReason}`])].join("; ");
}

/** The layers that a session at IBKR consists of, from the lowest to the highest. */
const layerNames = ["gateway", "login", "brokerage", "socket"];

/**
 * @param {HTMLElement} list
 * @param {Session["layers"]} layers
 */
function showLayers(list, layers) {
	const shown = layerNames.flatMap((name) => {
		const layer = layers?.[name];
		return isLayer(layer) && layer.needed !== false ? [{ name, layer }] : [];
	});
	list.hidden = shown.length === 0;
	setChildren(list, JSON.stringify(shown.map(({ name, layer: { state, reason } }) => [name, state, reason])), () =>
		shown.map(({ name, layer }) =>
			element(
				"li",
				{ "data-layer": layer.state === "up" ? "up" : "not-up" },
				element("span", { class: "icon", "aria-hidden": "true" }, layer.state === "up" ? icons.armed : icons.bad),
				` ${name} ${layer.state}${layer.reason === undefined ? "" : `: ${layer.reason}`}`,
			),
		),
	);
}

/**
 * @param {unknown} value
 * @returns {value is { readonly state: string, readonly needed?: boolean, readonly reason?: string }}
 */
function isLayer(value) {
	return typeof value === "object" && value !== null && "state" in value && typeof value.state === "string";
}
