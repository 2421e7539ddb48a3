import { clause } from "@x/base/errors";
import type { Instant } from "@x/base/instant";
import type { AgentEventRecord, AgentRecord, AlertKind, AlertRecord } from "../agent/agent-record.ts";
import type { SessionView } from "../agent/session-view.ts";
import { durationText } from "../text/duration-text.ts";
import { type Alert, type AlertText, type OpenAlert, shortText } from "./alert.ts";
import { Condition } from "./alert-condition.ts";
import { type AlertRuleOptions, limitsOf } from "./alert-options.ts";
import { SessionAlerts } from "./session-alerts.ts";

/** An alert about a single event of the agent, such as the death of a worker, stays raised for this many milliseconds. */
const eventMs = 10 * 60_000;

/** A fault of the agent itself, such as a history that cannot be written. */
interface Trouble {
	readonly condition: Condition;
	holds: boolean;
	/** When the alert about a single event ends, in epoch milliseconds; missing for a fault that lasts until a part has recovered. */
	until?: number;
	open?: OpenAlert;
}

/**
 * Decides when alerts are raised and resolved; each alert is raised once and resolved once. The class sets no timer and sends nothing: the
 * caller passes every record to `observe`, and the current state of the sessions to `check`.
 */
export class AlertRules {
	readonly #emit: (alert: Alert) => void;
	readonly #sessions = new Map<string, SessionAlerts>();
	readonly #views = new Map<string, SessionView>();
	readonly #troubles = new Map<string, Trouble>();
	#options: AlertRuleOptions;
	#count = 0;

	/** @param emit - is called with each alert that is raised or resolved. */
	constructor(options: AlertRuleOptions, emit: (alert: Alert) => void) {
		this.#options = options;
		this.#emit = emit;
	}

	/**
	 * Replaces the limits from now on. An alert that is already raised is not resolved at once: its condition has to be false for long enough
	 * first.
	 */
	replace(options: AlertRuleOptions): void {
		this.#options = options;
	}

	/**
	 * Takes over the alerts that an earlier process raised and did not resolve:
	 * - an alert about a session is not raised again, and is resolved once its condition is false for long enough;
	 * - an alert about the agent itself is resolved at once, because the agent was started again.
	 *
	 * @param sessions - the sessions of the configuration. An alert about any other session is resolved at once too, because no more records
	 * about that session will come.
	 */
	adopt(records: readonly AlertRecord[], sessions: ReadonlyMap<string, unknown>, now: Instant): void {
		for (const record of records) {
			const { alertId, kind, severity, at: since, session } = record;
			const open = { alertId, kind, severity, since };
			if (session === undefined) this.#resolve(open, "the agent was started again", now);
			else if (sessions.has(session)) this.#session(session).adopt(record, now);
			else this.#resolve(open, "the session was removed from the configuration", now, session);
		}
	}

	/** Has to be called with every record that the agent publishes. */
	observe(record: AgentRecord, now: Instant): void {
		if (record.type === "status") this.#session(record.session).observe(record, now);
		else if (record.type === "agent") this.#observeAgent(record, now);
	}

	/** Has to be called with the current state of all sessions, at least every few seconds. */
	check(views: readonly SessionView[], now: Instant): void {
		for (const view of views) {
			this.#views.set(view.name, view);
			this.#session(view.name).check(view, limitsOf(this.#options, view.name, view.venue), now);
		}
		for (const trouble of this.#troubles.values()) {
			if (trouble.until !== undefined && now.wallMs >= trouble.until) trouble.holds = false;
			if (trouble.condition.update(trouble.holds, now, 0) !== "resolved" || !trouble.open) continue;
			const { open } = trouble;
			delete trouble.open;
			this.#resolve(open, `over after ${durationText(now.wallMs - open.since)}`, now);
		}
	}

	/** Has to be called when a channel has failed to take a message. */
	deliveryFailed(channel: string, why: string, now: Instant): void {
		const message = `alerts do not reach ${channel}: ${why}`;
		const todo = `Check the channel with \`keepalive alert --test --channel ${channel}\`.`;
		this.#trouble(`delivery ${channel}`, { severity: "warn", message, todo }, now, undefined, channel);
	}

	/** Has to be called when a channel has taken a message. */
	deliveryWorks(channel: string): void {
		this.#over(`delivery ${channel}`);
	}

	#observeAgent({ event, detail, part, at }: AgentEventRecord, now: Instant): void {
		const text = { severity: "warn", message: shortText(detail) } as const;
		if (event === "recovered" && part) this.#over(`part ${part}`);
		else if (event === "degraded" && part) this.#trouble(`part ${part}`, text, now);
		else if (event === "degraded" || event === "worker-died") this.#trouble(event, text, now, now.wallMs + eventMs);
		else if (event === "found-dead") {
			const message = `${clause(text.message)}; it was last seen at ${new Date(at).toISOString()}`;
			this.#trouble(event, { ...text, message }, now, now.wallMs + eventMs);
		}
	}

	#trouble(key: string, text: AlertText, now: Instant, until?: number, aboutChannel?: string): void {
		const trouble: Trouble = this.#troubles.get(key) ?? { condition: new Condition(), holds: true };
		this.#troubles.set(key, trouble);
		trouble.holds = true;
		if (until !== undefined) trouble.until = until;
		if (trouble.condition.update(true, now, 0) !== "raised") return;
		trouble.open = this.#raise("agent", undefined, now.wallMs, text, now, aboutChannel);
	}

	#over(key: string): void {
		const trouble = this.#troubles.get(key);
		if (trouble) trouble.holds = false;
	}

	#session(name: string): SessionAlerts {
		let alerts = this.#sessions.get(name);
		if (!alerts) {
			alerts = new SessionAlerts({
				raise: (kind, since, text, now) => this.#raise(kind, name, since, text, now),
				resolve: (alert, message, now) => this.#resolve(alert, message, now, name),
			});
			this.#sessions.set(name, alerts);
		}
		return alerts;
	}

	#raise(
		kind: AlertKind,
		session: string | undefined,
		since: number,
		text: AlertText,
		now: Instant,
		aboutChannel?: string,
	): OpenAlert {
		this.#count += 1;
		const alertId = `${session ?? "agent"}.${kind}.${Math.round(now.wallMs).toString(36)}-${this.#count}`;
		const open = { alertId, kind, severity: text.severity, since, ...(aboutChannel !== undefined && { aboutChannel }) };
		this.#publish(open, { ...text, state: "raised" }, now, session);
		return open;
	}

	#resolve(open: OpenAlert, message: string, now: Instant, session?: string): void {
		this.#publish(open, { message, state: "resolved" }, now, session);
	}

	#publish(
		{ alertId, kind, severity, since, aboutChannel }: OpenAlert,
		text: Pick<AlertRecord, "state" | "message" | "todo">,
		now: Instant,
		session: string | undefined,
	): void {
		const view = session === undefined ? undefined : this.#views.get(session);
		this.#emit({
			record: {
				type: "alert",
				at: Math.round(now.wallMs),
				alertId,
				kind,
				...(session !== undefined && { session }),
				severity,
				...text,
			},
			since,
			...(view && { venue: view.venue }),
			...(view?.exposure && { exposure: view.exposure }),
			...(aboutChannel !== undefined && { aboutChannel }),
		});
	}
}
