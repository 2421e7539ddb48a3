import type { StatusRecord } from "@x/keepalive";
import type { RelayEvent } from "../relay/relay-log.ts";

/** What an alert is about. */
export type AlertKind =
	/** Not alive and armed (IBKR: alive) for longer than allowed. */
	| "not-ready"
	/** A person has to act: blocked, or stopped for good. */
	| "needs-human"
	/** Alive, but the protection is proved to be missing. */
	| "unarmed"
	/** The exposure is above the configured limit. */
	| "exposure"
	/** The session was lost, and its venue had not announced that. */
	| "loss"
	/** The session was lost as expected, such as by a nightly reset. */
	| "expected-loss"
	/** This process has become the leader of a session that it was standby for. */
	| "leader"
	/** A drill is due: there is no proof by one, or it is too old, or it failed. */
	| "drill"
	/** The agent itself: its history, its worker, a delivery. */
	| "agent";

/** An alert that began, or that ended. Plain data, without secrets. */
export interface AlertRecord {
	readonly type: "alert";
	/** When it began or ended, in epoch milliseconds. */
	readonly at: number;
	/** The same for the beginning and the end of one alert. Unique in the history. */
	readonly alertId: string;
	readonly kind: AlertKind;
	/** Missing when the alert is about the agent. */
	readonly session?: string;
	readonly state: "raised" | "resolved";
	/** `page` wakes a person up, `warn` can wait for the morning, `info` is only told. */
	readonly severity: "page" | "warn" | "info";
	readonly message: string;
	/** What a person has to do, if anything. */
	readonly todo?: string;
}

/** Something that the agent did or that befell it. Plain data, without secrets. */
export interface AgentEventRecord {
	readonly type: "agent";
	/** In epoch milliseconds. */
	readonly at: number;
	/** `found-dead` is written at a start when the run before did not end in order; `at` is then the last instant it was seen. */
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
	/** What is `degraded` until the same part has `recovered`. Missing for what happened once, such as a damaged file that was set aside. */
	readonly part?: "history" | "state";
}

/** What befell a bot that uses the relay, or what the relay did about its orders. Plain data, without secrets. */
export interface RelayRecord extends RelayEvent {
	readonly type: "relay";
}

/** Everything that is streamed, kept in the history, and shown on the page. */
export type AgentRecord = StatusRecord | AlertRecord | AgentEventRecord | RelayRecord;
