/** @import { components } from "../src/generated/schema.ts" */
/** @typedef {components["schemas"]["Session"]} Session */
/** @typedef {components["schemas"]["Status"]} Status */
/** @typedef {components["schemas"]["Closed"]} Closed */

/**
 * How a session is shown. `armed`: its orders are proved to be protected; `bare`: it is alive at a venue that protects no orders;
 * `standby`: another machine runs it; `bad`: none of these.
 *
 * @typedef {"armed" | "bare" | "standby" | "bad"} Level
 */

/**
 * @param {Session} session
 * @returns {Level}
 */
export function levelOf({ armed, ready, status }) {
	if (armed && ready) return "armed";
	if (status.state === "standby" && status.leader) return "standby";
	return ready ? "bare" : "bad";
}

/**
 * The state of a session in two or three words.
 *
 * @param {Session} session
 */
export function verdictOf(session) {
	switch (levelOf(session)) {
		case "armed":
			return "Armed";
		case "bare":
			return "Alive, no protection";
		case "standby":
			return "Standby";
		case "bad":
			return hasProtection(session) ? "NOT armed" : "NOT alive";
	}
}

/**
 * Whether the venue cancels orders of the session when the session is lost.
 *
 * @param {Session} session
 */
const hasProtection = ({ exposure }) => exposure !== undefined;

/** @type {Readonly<Record<Level, string>>} */
export const icons = { armed: "✓", bare: "○", standby: "–", bad: "✕" };

/**
 * The sentence at the top of the page, and the line below it.
 *
 * @param {readonly Session[]} sessions
 * @returns {{ level: Level, title: string, detail: string, notReady: readonly Session[] }}
 */
export function overviewOf(sessions) {
	const notReady = sessions.filter((session) => levelOf(session) === "bad");
	const armed = sessions.filter((session) => levelOf(session) === "armed").length;
	const standby = sessions.filter((session) => levelOf(session) === "standby").length;
	const bare = sessions.length - notReady.length - armed - standby;
	const counts = [
		`${armed} armed`,
		...(bare > 0 ? [`${bare} alive without protection`] : []),
		...(standby > 0 ? [`${standby} standby`] : []),
		...(notReady.length > 0 ? [`${notReady.length} not ready`] : []),
	].join(", ");
	if (sessions.length === 0) return { level: "bad", title: "No sessions", detail: "The agent has none.", notReady };
	if (notReady.length > 0) {
		const word = notReady.some(hasProtection) ? "NOT armed" : "NOT alive";
		return { level: "bad", title: `${word}: ${notReady.length} of ${sessions.length}`, detail: counts, notReady };
	}
	if (standby > 0) {
		const here = [
			...(armed > 0 ? [`${armed} armed`] : []),
			...(bare > 0 ? [`${bare} alive`] : []),
			standby === sessions.length ? "All standby" : `${standby} standby`,
		].join(", ");
		const level = armed > 0 ? "armed" : bare > 0 ? "bare" : "standby";
		return { level, title: here, detail: `${counts}; another machine runs the sessions on standby`, notReady };
	}
	if (bare === 0) return { level: "armed", title: "All armed", detail: counts, notReady };
	return armed === 0
		? { level: "bare", title: "All alive, no protection", detail: counts, notReady }
		: {
				level: "armed",
				title: `${armed} armed, ${bare} alive`,
				detail: `Every session is ready; ${bare} at a venue without protection`,
				notReady,
			};
}

/**
 * What is wrong with a session; undefined if nothing is wrong.
 *
 * @param {Session} session
 * @returns {string | undefined}
 */
export function wrongWith({ status, ready, notReadyReason }) {
	if (status.state === "alive" && status.ungated !== undefined) return `The program is unhealthy: ${status.ungated}`;
	if (ready || (status.state === "standby" && status.leader)) return undefined;
	if (status.state === "standby") return `Nobody knows which machine runs this session: ${status.cause.message}`;
	if ("cause" in status) return status.cause.message;
	return notReadyReason;
}

/**
 * What a session is doing at present.
 *
 * @param {Status} status
 * @param {number} agentNow - the time on the agent's clock.
 */
export function stateText(status, agentNow) {
	switch (status.state) {
		case "opening":
			return `opening, attempt ${status.attempt}`;
		case "late":
			return `late: lost in ${duration(status.lostAt - agentNow)} unless a beat is acknowledged`;
		case "waiting":
			return `${waits[status.why]}; next attempt in ${duration(status.until - agentNow)}`;
		case "blocked":
			return `blocked; tried again in ${duration(status.nextTryAt - agentNow)}`;
		case "stopped":
			return `${status.why === "asked" ? "stopped on request" : "stopped for good"}; ${ordersText(status.closed)}`;
		case "standby":
			return standbyText(status);
		case "gated":
			return `closed because the program is unhealthy; ${ordersText(status.closed)}`;
		default:
			return status.state;
	}
}

/**
 * Which machine runs a session that is standby in this agent.
 *
 * @param {Extract<Status, { state: "standby" }>} status
 */
const standbyText = ({ leader }) =>
	leader
		? `standby: ${leader.holder} leads since ${instant(leader.since)} (epoch ${leader.epoch})`
		: "standby, and nobody knows who leads";

const waits = {
	backoff: "waiting after a failure",
	venue: "waiting as the venue asked",
	"restart-limit": "waiting: opened too often lately",
};

/**
 * @param {Status} status
 * @returns {string}
 */
export function protectionText(status) {
	if (!("protection" in status)) return "none";
	const { protection } = status;
	return protection.state === "armed"
		? `armed: ${protection.scope}; exposure ${upTo(protection.exposureMs)}`
		: `${protection.state}: ${protection.reason}`;
}

/**
 * What became of the orders when the session was closed.
 *
 * @param {Closed} closed
 */
function ordersText({ orders, detail }) {
	return `${ordersTexts[orders]}: ${detail}`;
}

const ordersTexts = {
	kept: "orders stay in the book",
	cancelled: "orders are cancelled",
	refused: "the venue cannot do what was asked with the orders",
	unknown: "CHECK THE ORDERS, what becomes of them is unknown",
};

/**
 * Returns a text without the full stop at its end, so that more words can follow in the same sentence.
 *
 * @param {string} text
 */
function clause(text) {
	return text.replace(/\.$/, "");
}

/**
 * A status in one line, for the list of changes.
 *
 * @param {Status} status
 */
export function statusLine(status) {
	switch (status.state) {
		case "opening":
			return `opening, attempt ${status.attempt}`;
		case "alive":
			return `alive, ${protectionText(status)}`;
		case "blocked":
			return `blocked: ${clause(status.cause.message)}. To do: ${status.todo}`;
		case "stopped":
			return `stopped${status.why === "fatal" ? ` for good: ${clause(status.cause.message)}` : ""}; ${ordersText(status.closed)}`;
		case "standby":
			return status.leader ? standbyText(status) : `${standbyText(status)}: ${status.cause.message}`;
		case "gated":
			return `gated: ${clause(status.cause.message)}; ${ordersText(status.closed)}`;
		default:
			return `${status.state}: ${status.cause.message}`;
	}
}

/**
 * A duration in words, rounded down; a negative duration is 0 s.
 *
 * @param {number} ms
 */
export function duration(ms) {
	const seconds = Math.max(0, Math.floor(ms / 1_000));
	if (seconds < 60) return `${seconds} s`;
	if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
	return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/**
 * A duration as an upper limit: rounded up to whole seconds, so that an exposure is never shown shorter than it is.
 *
 * @param {number} ms
 */
export const upTo = (ms) => duration(Math.ceil(ms / 1_000) * 1_000);

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayAndTime = new Intl.DateTimeFormat("en-GB", {
	weekday: "short",
	day: "numeric",
	month: "short",
	hour: "2-digit",
	minute: "2-digit",
	second: "2-digit",
});

/**
 * An instant in the time zone of the user, with the day if that is not today.
 *
 * @param {number} at - in epoch milliseconds.
 */
export function instant(at) {
	const date = new Date(at);
	if (Number.isNaN(date.getTime())) return "unknown";
	return (date.toDateString() === new Date().toDateString() ? time : dayAndTime).format(date);
}

/**
 * A share of a whole, rounded down, so that a part is never shown as 100 %.
 *
 * @param {number} part
 * @param {number} whole
 */
export function share(part, whole) {
	const tenths = Math.floor((part / whole) * 1_000);
	return part > 0 && tenths === 0 ? "under 0.1 %" : `${tenths / 10} %`;
}
