import { sleep, withDeadline } from "@x/base/clock";
import { instantNow } from "@x/base/instant";
import type { Logger } from "@x/keepalive";
import type { AgentRecord, AlertRecord } from "../agent/agent-record.ts";
import type { EventLog } from "../agent/event-log.ts";
import { isLedElsewhere, sessionViews } from "../agent/session-view.ts";
import type { Agent } from "../agent/start-agent.ts";
import type { Alert } from "./alert.ts";
import type { AlertMetrics } from "./alert-metrics.ts";
import type { AlertsConfig } from "./alert-options.ts";
import { AlertRules } from "./alert-rules.ts";
import { isWanted } from "./channels/channel-config.ts";
import { ChannelQueue, type QueueEvents } from "./channels/channel-queue.ts";
import { Healthcheck } from "./healthcheck-pinger.ts";

/** What the class {@link Alerts} needs from the agent. */
export interface AlertsContext {
	readonly agent: Agent;
	readonly log: EventLog;
	/**
	 * Reading the event log from this id returns all its records. Alerts start later than the log, so they first read it from this id, and
	 * miss no record.
	 */
	readonly beginning: string;
	readonly logger: Logger;
	readonly metrics: AlertMetrics;
	/** The URL at which the agent listens. */
	readonly url: string;
	/** Reads the alerts that an earlier process did not resolve. The call may be slow or fail. */
	readonly unresolved?: () => Promise<readonly AlertRecord[]>;
}

const checkEveryMs = 1_000;
/**
 * Deadline, in milliseconds, for reading the alerts that an earlier process left unresolved. New alerts are raised only for conditions that
 * have been true for longer than this. By then the earlier alerts are known, so no alert is raised twice.
 *
 * The exception is a session that has stopped for good: its alert is raised at once. If the earlier process had raised it too, the earlier
 * alert is resolved.
 */
const unresolvedMs = 5_000;
/** If the thread that runs the sessions reports nothing for this many milliseconds, the sessions count as not ready. */
const staleLoopMs = 5_000;
/** An agent that stops waits at most this many milliseconds until its queued messages are sent. */
const closeMs = 2_000;

/**
 * Raises alerts, publishes them, and sends them to the channels. Alerts never delay a beat: they only read the state of the sessions, and
 * no session waits for them.
 */
export class Alerts {
	readonly #context: AlertsContext;
	readonly #rules: AlertRules;
	readonly #channels = new Map<string, ChannelQueue>();
	readonly #closed = new AbortController();
	readonly #stopListening: () => void;
	#config: AlertsConfig = {};
	#healthcheck: Healthcheck | undefined;

	constructor(config: AlertsConfig, context: AlertsContext) {
		this.#context = context;
		this.#rules = new AlertRules(config, (alert) => this.#publish(alert));
		this.replace(config);
		this.#check();
		for (const { record } of context.log.after(context.beginning).events) this.#observe(record);
		this.#stopListening = context.log.listen(({ record }) => this.#observe(record));
		void this.#adopt();
		void this.#keepChecking();
	}

	/** Applies another configuration. Alerts that are raised stay raised, and a channel that has not changed keeps its queued messages. */
	replace(config: AlertsConfig): void {
		const { healthcheck: before } = this.#config;
		this.#config = config;
		this.#rules.replace(config);
		const channels = Object.entries(config.channels ?? {});
		for (const [name, queue] of this.#channels) {
			if (isSame(queue.config, config.channels?.[name])) continue;
			this.#channels.delete(name);
			void queue.close(closeMs);
			this.#rules.deliveryWorks(name);
		}
		for (const [name, channel] of channels) {
			if (this.#channels.has(name)) continue;
			this.#context.metrics.addChannel(name);
			this.#channels.set(name, new ChannelQueue(name, channel, this.#queueEvents(name)));
		}
		if (isSame(before, config.healthcheck)) return;
		void this.#healthcheck?.close();
		this.#healthcheck = config.healthcheck && new Healthcheck(config.healthcheck, this.#healthcheckEvents());
	}

	/** Waits at most two seconds until queued messages are sent. Has to be called after the sessions have stopped. */
	async close(): Promise<void> {
		this.#closed.abort();
		this.#stopListening();
		// An alert that was raised just now is published only in a microtask, which runs during this wait.
		await Promise.resolve();
		const queues = [...this.#channels.values()].map((queue) => queue.close(closeMs));
		await Promise.all([...queues, this.#healthcheck?.close()]);
	}

	#observe(record: AgentRecord): void {
		this.#safely(() => this.#rules.observe(record, instantNow(Date.now)));
	}

	#check(): void {
		this.#safely(() => this.#rules.check(sessionViews(this.#context.agent), instantNow(Date.now)));
	}

	async #keepChecking(): Promise<void> {
		const { signal } = this.#closed;
		while (!signal.aborted) {
			await sleep(checkEveryMs, signal);
			if (!signal.aborted) this.#check();
		}
	}

	async #adopt(): Promise<void> {
		const { agent, unresolved, logger } = this.#context;
		if (!unresolved) return;
		try {
			const onTimeout = (): Error => new Error("it took too long");
			const records = await withDeadline({ ms: unresolvedMs, signal: this.#closed.signal, onTimeout }, unresolved);
			this.#safely(() => this.#rules.adopt(records, agent.venues, instantNow(Date.now)));
		} catch {
			if (this.#closed.signal.aborted) return;
			logger.warn("the alerts of the previous run cannot be read: those still active are raised again");
		}
	}

	#publish(alert: Alert): void {
		const { log, metrics } = this.#context;
		metrics.countAlert(alert.record);
		// This method can be called by a listener of the log, while the log delivers a record. If the alert were added to the log at once,
		// other listeners would receive it before the record that caused it. So it is added in a microtask.
		queueMicrotask(() => this.#safely(() => log.add(alert.record)));
		for (const [name, queue] of this.#channels) {
			if (name !== alert.aboutChannel && isWanted(queue.config, alert.record.severity)) queue.add(alert);
		}
	}

	#queueEvents(name: string): QueueEvents {
		const { logger, metrics, url } = this.#context;
		const isCurrent = (): boolean => this.#channels.has(name);
		const pageUrl = (): string => this.#config.pageUrl ?? `${url}/`;
		return {
			logger,
			get pageUrl() {
				return pageUrl();
			},
			onResult: (channel, result) => metrics.countDelivery(channel, result),
			onTrouble: (channel, why) => {
				if (isCurrent()) this.#safely(() => this.#rules.deliveryFailed(channel, why, instantNow(Date.now)));
			},
			onAccepted: (channel) => this.#safely(() => this.#rules.deliveryWorks(channel)),
		};
	}

	#healthcheckEvents(): ConstructorParameters<typeof Healthcheck>[1] {
		const { agent, logger, metrics } = this.#context;
		return {
			logger,
			isReady: (sessions) => {
				if (agent.loop.ageMs >= staleLoopMs) return false;
				const chosen = sessionViews(agent).filter(({ name }) => sessions?.includes(name) ?? true);
				return chosen.length > 0 && chosen.every((view) => view.ready || isLedElsewhere(view));
			},
			onPing: (result) => metrics.countPing(result),
		};
	}

	/** Runs `action`; a bug in the alerts must neither end the process nor throw into the code that publishes a record. */
	#safely(action: () => void): void {
		try {
			action();
		} catch (error) {
			const name = error instanceof Error ? error.name : "unknown error";
			this.#context.logger.error(
				`alerts: an alert may be missing because of a bug in the agent (${name}). Check the sessions with keepalive status.`,
			);
		}
	}
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
