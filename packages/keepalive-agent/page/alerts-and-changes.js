import { readJson } from "./api.js";
import { element, setChildren, setText, showText } from "./dom.js";
import { instant, statusLine } from "./status-text.js";

/** @import { components } from "../src/generated/schema.ts" */
/** @typedef {components["schemas"]["AgentRecord"]} AgentRecord */
/** @typedef {components["schemas"]["AlertRecord"]} AlertRecord */
/** @typedef {components["schemas"]["HistoryPage"]} HistoryPage */

const maxChanges = 60;
/** At most this many resolved alerts are shown. */
const maxResolved = 20;
/** At most this many alerts are kept. If there are more, the alerts that were resolved longest ago are removed first. */
const maxAlerts = 1_000;
const timeoutMs = 10_000;

/** Holds the alerts and the latest other records of the agent. Both come from the history and from the event stream. */
export class Records {
	/**
	 * The latest record of each alert, and when the alert was raised.
	 *
	 * @type {Map<string, { record: AlertRecord, raisedAt: number }>}
	 */
	#alerts = new Map();
	/** @type {Map<string, Exclude<AgentRecord, AlertRecord>>} */
	#changes = new Map();
	#hasGap = false;
	#isLoading = false;

	/** Adds a record from the stream or the history. @param {AgentRecord} record */
	add(record) {
		if (record.type === "alert") return this.#addAlert(record);
		this.#changes.set(keyOf(record), record);
		if (this.#changes.size <= maxChanges) return;
		for (const { key } of this.#latestChanges().slice(maxChanges)) this.#changes.delete(key);
	}

	/** Has to be called when the stream has left out events. Reads the missing events from the history. */
	addGap() {
		this.#hasGap = true;
		void this.load();
	}

	/** Reads the latest records of the history. Never rejects: if the history cannot be read, the page shows that. */
	async load() {
		if (this.#isLoading) return;
		this.#isLoading = true;
		try {
			const [alerts, changes] = await Promise.all([
				// The query asks for all days: without `from`, the agent returns only the last day, and an alert may be active for longer.
				readHistory("v1/history?type=alert&from=0&limit=1000"),
				readHistory(`v1/history?limit=${maxChanges}`),
			]);
			for (const record of [...alerts.records, ...changes.records].reverse()) this.add(record);
			this.#hasGap = false;
			showStore(changes.store);
		} catch (error) {
			showText(storeNote(), `The history cannot be read: ${error instanceof Error ? error.message : "unknown error"}`);
		} finally {
			this.#isLoading = false;
		}
	}

	/** How many alerts are active now. */
	get activeAlerts() {
		return [...this.#alerts.values()].filter(({ record }) => record.state === "raised").length;
	}

	/** Shows the alerts and changes if they differ from what is shown. @param {HTMLElement} alerts @param {HTMLElement} changes */
	show(alerts, changes) {
		const all = [...this.#alerts.values()].sort((a, b) => b.record.at - a.record.at);
		const active = all.filter(({ record }) => record.state === "raised");
		const resolved = all.filter(({ record }) => record.state === "resolved").slice(0, maxResolved);
		const listed = [...active, ...resolved];
		setChildren(alerts, listed.map(({ record }) => `${record.alertId} ${record.at} ${record.state}`).join(), () =>
			listed.length === 0 ? [element("li", { class: "none" }, "No alerts are known.")] : listed.map(alertItem),
		);
		const latest = this.#latestChanges().slice(0, maxChanges);
		const gap = this.#hasGap
			? [element("li", { class: "none" }, "Some changes are missing here: see the history.")]
			: [];
		setChildren(changes, `${this.#hasGap} ${latest.map(({ key }) => key).join()}`, () => [
			...gap,
			...latest.map(({ record }) => changeItem(record)),
		]);
	}

	/** @param {AlertRecord} record */
	#addAlert(record) {
		const before = this.#alerts.get(record.alertId);
		const isOlder = before && (before.record.at > record.at || before.record.state === "resolved");
		const raisedAt = Math.min(before?.raisedAt ?? record.at, record.at);
		this.#alerts.set(record.alertId, { record: isOlder ? before.record : record, raisedAt });
		if (this.#alerts.size <= maxAlerts) return;
		const ended = [...this.#alerts.values()].sort((a, b) => order(a.record) - order(b.record))[0];
		if (ended) this.#alerts.delete(ended.record.alertId);
	}

	#latestChanges() {
		return [...this.#changes].map(([key, record]) => ({ key, record })).sort((a, b) => b.record.at - a.record.at);
	}
}

/** Sorts active alerts behind all resolved alerts. @param {AlertRecord} record */
const order = ({ state, at }) => (state === "raised" ? Number.MAX_SAFE_INTEGER : at);

/**
 * Returns the key of a record. A record that comes from the event stream and from the history has the same key both times.
 *
 * @param {Exclude<AgentRecord, AlertRecord>} record
 */
function keyOf(record) {
	switch (record.type) {
		case "status":
			return JSON.stringify([record.at, record.session, record.status]);
		case "relay":
			return JSON.stringify([record.at, record.session, record.bot, record.event, record.detail]);
		default:
			return JSON.stringify([record.at, record.event, record.detail]);
	}
}

/** @param {string} path */
async function readHistory(path) {
	// The cast is safe: the agent's OpenAPI document specifies this type, and a test compares the agent's answers with it.
	return /** @type {HistoryPage} */ (await readJson(path, timeoutMs));
}

const storeNote = () => /** @type {HTMLElement} */ (document.getElementById("store"));

/** @param {HistoryPage["store"]} store */
function showStore(store) {
	const isDegraded = "state" in store && store.state === "degraded";
	showText(
		storeNote(),
		isDegraded
			? `The history ${store.reason.replace(/\.$/, "")}; ${store.lostRecords} records are lost`
			: store.kind === "none"
				? "The configuration keeps no history: only what happened since this page was opened is shown."
				: undefined,
	);
}

/** @param {{ readonly record: AlertRecord, readonly raisedAt: number }} alert */
function alertItem({ record, raisedAt }) {
	const isActive = record.state === "raised";
	const title = element("strong", {}, isActive ? `Active, ${record.severity}` : `Over, ${record.severity}`);
	const when = isActive ? `since ${instant(raisedAt)}` : `${instant(raisedAt)} to ${instant(record.at)}`;
	const item = element(
		"li",
		{ class: "alert", "data-active": String(isActive), "data-severity": record.severity },
		element("p", {}, title, ` ${record.session ?? "agent"}: ${record.message}`),
		element("p", { class: "when" }, `${record.kind}, ${when}`),
	);
	if (record.todo !== undefined && isActive) item.append(element("p", { class: "todo" }, `To do: ${record.todo}`));
	return item;
}

/** @param {Exclude<AgentRecord, AlertRecord>} record */
function changeItem(record) {
	const time = element("time", { datetime: new Date(record.at).toISOString() }, instant(record.at));
	const [name, text] =
		record.type === "status"
			? [record.session, statusLine(record.status)]
			: [record.type === "relay" ? (record.bot ?? "bot") : "agent", `${record.event}: ${record.detail}`];
	const who = element("strong");
	setText(who, name);
	return element("li", {}, time, " ", who, ` ${text}`);
}
