import type { AgentEventRecord } from "../agent/agent-record.ts";
import type { SessionConfig } from "../config/config.ts";
import type { components } from "../generated/schema.ts";
import type { GapRecord, HistoryRow } from "./history-store.ts";
import { SessionTimeline } from "./session-timeline.ts";

/** The states of each session over time, as the HTTP API shows it. */
export type Timeline = components["schemas"]["Timeline"];

/** The venues of the sessions of a timeline by session name, in the order in which the timeline shows them. */
export type TimelineSessions = ReadonlyMap<string, SessionConfig["venue"]>;

const maxGaps = 500;

/** Builds a timeline from records, which are added in the order in which they were written. */
export class TimelineBuilder {
	readonly #from: number;
	readonly #to: number;
	readonly #sessions: ReadonlyMap<string, SessionTimeline>;
	readonly #gaps: GapRecord[] = [];
	/** The latest time at which the agent is known to have run. */
	#lastSeenAt: number | undefined;
	#isRunning = false;

	constructor(from: number, to: number, sessions: TimelineSessions) {
		this.#from = from;
		this.#to = to;
		this.#sessions = new Map([...sessions].map(([name, venue]) => [name, new SessionTimeline(name, venue, from, to)]));
	}

	add({ type, session, at, json }: HistoryRow): void {
		// The casts are safe: append() stored the JSON of the record type that the row names.
		if (type === "status" && session !== undefined) this.#sessions.get(session)?.add(JSON.parse(json));
		else if (type === "agent") this.#addRunEvent(JSON.parse(json) as AgentEventRecord);
		else if (type === "gap") this.#gaps.push(JSON.parse(json) as GapRecord);
		if (type === "status") this.#isRunning = true;
		this.#lastSeenAt = Math.max(at, this.#lastSeenAt ?? at);
	}

	build(): Timeline {
		return {
			from: this.#from,
			to: this.#to,
			sessions: [...this.#sessions.values()].map((session) => session.build()),
			gaps: this.#gaps.slice(-maxGaps).map(({ at, to, lostRecords }) => ({ from: at, to, lostRecords })),
		};
	}

	#addRunEvent({ event, at, detail }: AgentEventRecord): void {
		const seenAt = this.#lastSeenAt ?? at;
		if (event === "started") {
			// If the previous run left no record of its end, the time of its last record counts as its end, because nothing is known afterwards.
			if (this.#isRunning) this.#end(seenAt, "the previous run ended without a record of its end");
			for (const session of this.#sessions.values()) session.runStarted();
			this.#isRunning = true;
		}
		if (event === "stopped" || event === "found-dead") {
			if (this.#isRunning) this.#end(Math.max(at, seenAt), detail);
			this.#isRunning = false;
		}
	}

	#end(at: number, reason: string): void {
		for (const session of this.#sessions.values()) session.agentEnded(at, reason);
	}
}
