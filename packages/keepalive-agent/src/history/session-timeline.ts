import type { StatusRecord } from "@x/keepalive";
import { statusText } from "../agent/session-view.ts";
import type { SessionConfig } from "../config/config.ts";
import type { components } from "../generated/schema.ts";
import { fewerSegments, Segments } from "./timeline-segments.ts";

type TimelineSession = components["schemas"]["TimelineSession"];
type State = TimelineSession["spans"][number]["state"];
type Loss = TimelineSession["losses"][number];

/** The states of a timeline, from the best to the worst. */
const order: readonly State[] = [
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
const maxSegments = 500;

interface Shown {
	readonly state: State;
	readonly reason?: string;
}

/** Builds the timeline of one session from its records, which are added in the order in which they were written. */
export class SessionTimeline {
	readonly #name: string;
	readonly #venue: SessionConfig["venue"];
	readonly #from: number;
	readonly #states: Segments<Shown>;
	readonly #exposures: Segments<number | null>;
	readonly #losses: Loss[] = [];
	#lossCount = 0;
	/** How often the session was lost in this run of the agent, according to the session's last record. Each run counts from 0. */
	#counted: number | undefined;

	constructor(name: string, venue: SessionConfig["venue"], from: number, to: number) {
		this.#name = name;
		this.#venue = venue;
		this.#from = from;
		this.#states = new Segments<Shown>(
			from,
			to,
			{ state: "no-agent", reason: "there is no earlier record" },
			isSameState,
		);
		this.#exposures = new Segments<number | null>(from, to, null, Object.is);
	}

	add({ at, status, tally }: StatusRecord): void {
		const shown = shownState(status);
		const isArmed = shown === "armed" && status.state === "alive" && status.protection.state === "armed";
		this.#states.begin(at, isArmed ? { state: shown } : { state: shown, reason: statusText(status) });
		this.#exposures.begin(at, isArmed && status.protection.state === "armed" ? status.protection.exposureMs : null);
		this.#addLosses(at, status, tally.losses);
	}

	/** Has to be called when a run of the agent is over. `at` is the last time at which this run is known to have been active. */
	agentEnded(at: number, reason: string): void {
		this.#states.begin(at, { state: "no-agent", reason });
		this.#exposures.begin(at, null);
	}

	runStarted(): void {
		this.#counted = 0;
	}

	build(): TimelineSession {
		const states = this.#states.end();
		const stateMs: Record<string, number> = {};
		for (const { from, to, value } of states) stateMs[value.state] = (stateMs[value.state] ?? 0) + to - from;
		return {
			name: this.#name,
			venue: this.#venue,
			spans: fewerSegments(states, maxSegments, worseState, isSameState).map(({ from, to, value }) => ({
				from,
				to,
				...value,
			})),
			stateMs,
			lossCount: this.#lossCount,
			losses: this.#losses,
			exposure: fewerSegments(this.#exposures.end(), maxSegments, worseExposure, Object.is).map(({ from, value }) => ({
				at: from,
				exposureMs: value,
			})),
		};
	}

	/**
	 * Adds the losses that the session has counted since its last record. The records themselves are not counted, because one loss can have
	 * several records, and records can be missing.
	 */
	#addLosses(at: number, status: StatusRecord["status"], counted: number): void {
		const before = this.#counted;
		this.#counted = counted;
		const open = this.#losses.at(-1);
		if (status.state === "alive" && open && open.endedAt === undefined) open.endedAt = Math.max(at, open.at);
		if (at < this.#from) return;
		// `known` says how many of the `counted` losses are not to be added now:
		// - if this is the first record: all except the loss that this record itself reports;
		// - if the count is smaller than in the last record: none, because a new run of the agent has begun, which counts from 0;
		// - otherwise: the losses that the last record had counted.
		const known = before === undefined ? counted - (status.state === "lost" ? 1 : 0) : before > counted ? 0 : before;
		if (counted <= known) return;
		this.#lossCount += counted - known;
		this.#losses.push({
			at,
			cause: "cause" in status ? status.cause.message : "the record of the loss is missing",
			expected: "cause" in status && status.cause.isExpected === true,
			// What the venue is expected to do with the orders. What it really did is not in the record, because the venue had not been asked yet.
			...(status.state === "lost" && "reason" in status.protection && { orders: status.protection.reason }),
		});
		if (this.#losses.length > maxSegments) this.#losses.shift();
	}
}

function shownState(status: StatusRecord["status"]): State {
	if (status.state === "alive") return status.protection.state === "armed" ? "armed" : "alive";
	// A session that is closing is neither alive nor armed.
	return status.state === "leaving" ? "stopped" : status.state;
}

const isSameState = (a: Shown, b: Shown): boolean => a.state === b.state;

const worseState = (a: Shown, b: Shown): Shown => (order.indexOf(b.state) > order.indexOf(a.state) ? b : a);

/** The worse of two exposures; null (not armed) is worse than any exposure. */
function worseExposure(a: number | null, b: number | null): number | null {
	return a === null || b === null ? null : Math.max(a, b);
}
