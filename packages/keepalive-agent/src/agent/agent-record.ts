import type { StatusRecord } from "@x/keepalive";
import type { RelayEvent } from "../relay/relay-log.ts";

/** What an alert is about. */
export type AlertKind =
	/** The session was not ready for longer than allowed. Ready means alive and armed; at IBKR, alive is enough. */
	| "not-ready"
	/** A person has to act: the session is blocked, or has stopped for good. */
	| "needs-human"
	/** The session is alive, but its protection is proved to be off: the venue would not cancel its orders if the session died. */
	| "unarmed"
	/** The exposure, which is how long orders stay in the book after the process dies, is above the configured limit. */
	| "exposure"
	/** The session was lost, and its venue had not announced that. */
	| "loss"
	/** The session was lost in an outage that its venue had announced, such as a nightly reset. */
	| "expected-loss"
	/** This process has become the leader of a session. Before, it was on standby, because another process may have been the leader. */
	| "leader"
	/**
	 * A drill is due. (A drill kills a session and watches what the venue does with its orders.) There was no drill yet, or the last one
	 * failed, is too old, or tested other settings.
	 */
	| "drill"
	/** The agent itself has a problem: its history, its worker thread, or the delivery of an alert. */
	| "agent";

/** The record that an alert has begun, or that it has ended. Plain data, without secrets. */
export interface AlertRecord {
	readonly type: "alert";
	/** When the alert began or ended, in epoch milliseconds. */
	readonly at: number;
	/**
	 * The id of the alert. The record of its beginning and the record of its end have the same id. No other alert in the history has this
	 * id.
	 */
	readonly alertId: string;
	readonly kind: AlertKind;
	/** The session that the alert is about. Missing when it is about the agent. */
	readonly session?: string;
	readonly state: "raised" | "resolved";
	/** `page` wakes a person up, `warn` can wait for the morning, `info` needs no action. */
	readonly severity: "page" | "warn" | "info";
	readonly message: string;
	/** What a person has to do, if anything. */
	readonly todo?: string;
}

/** Something that the agent did or that happened to it. Plain data, without secrets. */
export interface AgentEventRecord {
	readonly type: "agent";
	/** When the event happened, in epoch milliseconds. */
	readonly at: number;
	/**
	 * `found-dead`: the agent has started and found that its previous run had crashed or was killed. `at` is the time when that run was last
	 * known to be alive.
	 */
	readonly event:
		| "started"
		| "found-dead"
		| "reloaded"
		| "stopping"
		| "stopped"
		| "worker-died"
		| "degraded"
		| "recovered";
	readonly detail: string;
	/**
	 * The part of the agent that the event is about. It is `degraded` until another event reports it as `recovered`. Missing if no
	 * `recovered` will follow, for example after a damaged file was set aside.
	 */
	readonly part?: "history" | "state";
}

/**
 * An event of the relay, through which bots send their calls: something happened to a bot, or the relay did something with the bot's
 * orders. Plain data, without secrets.
 */
export interface RelayRecord extends RelayEvent {
	readonly type: "relay";
}

/** Every record that is streamed, kept in the history, and shown on the status page. */
export type AgentRecord = StatusRecord | AlertRecord | AgentEventRecord | RelayRecord;
