import type { StatusRecord } from "@x/keepalive";
import type { RelayEvent } from "../relay/relay-log.ts";

/** What an alert is about. */
export type AlertKind =
	/** The session was not alive and armed (IBKR: alive) for longer than allowed. */
	| "not-ready"
	/** A person has to act: the session is blocked, or has stopped for good. */
	| "needs-human"
	/** The session is alive, but its protection is proved to be missing. */
	| "unarmed"
	/** The exposure is above the configured limit. */
	| "exposure"
	/** The session was lost, and its venue had not announced that. */
	| "loss"
	/** The session was lost as expected, such as by a nightly reset. */
	| "expected-loss"
	/** This process has become the leader of a session that it was standby for. */
	| "leader"
	/** A drill is due: none has been done, its proof is too old or of other settings, or the last drill failed. */
	| "drill"
	/** The agent itself has a problem: its history, its worker thread, or the delivery of an alert. */
	| "agent";

/** An alert that began, or that ended. Plain data, without secrets. */
export interface AlertRecord {
	readonly type: "alert";
	/** When the alert began or ended, in epoch milliseconds. */
	readonly at: number;
	/** The id of the alert, which the records of its beginning and its end share. Unique in the history. */
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
	 * `found-dead` is reported at a start when the previous run did not end in order; `at` is then when that run was last known to be alive.
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
	 * The part of the agent that is `degraded` until the same part has `recovered`. Missing for a single event, such as a damaged file that
	 * was set aside.
	 */
	readonly part?: "history" | "state";
}

/** Something that happened to a bot that uses the relay, or that the relay did about the bot's orders. Plain data, without secrets. */
export interface RelayRecord extends RelayEvent {
	readonly type: "relay";
}

/** Every record that is streamed, kept in the history, and shown on the page. */
export type AgentRecord = StatusRecord | AlertRecord | AgentEventRecord | RelayRecord;
