import type { LossKind, Status, StatusRecord } from "@x/keepalive";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { isLeader, sessionView, signAges } from "../agent/session-view.ts";
import type { Agent } from "../agent/start-agent.ts";
import { AlertMetrics } from "../alerts/alert-metrics.ts";
import { registerRelayMetrics } from "../relay/relay-metrics.ts";

const states: readonly Status["state"][] = [
	"opening",
	"alive",
	"late",
	"lost",
	"waiting",
	"blocked",
	"leaving",
	"gated",
	"standby",
	"stopped",
];
const labelNames = ["session", "venue"] as const;

/** The metrics that Prometheus reads. The number of values of each label is bounded by the number of sessions, venues, states or causes. */
export class Metrics {
	readonly #registry = new Registry();
	/** The metrics of the alerts. */
	readonly alerts = new AlertMetrics(this.#registry);
	readonly #beatDuration: Histogram<"session" | "venue">;
	readonly #losses: Counter<"session" | "venue" | "cause">;
	readonly #countedLosses = new Map<string, number>();
	readonly #agent: Agent;

	constructor(agent: Agent) {
		this.#agent = agent;
		const registers = [this.#registry];
		collectDefaultMetrics({ register: this.#registry });
		this.#beatDuration = new Histogram({
			name: "keepalive_session_beat_duration_seconds",
			help: "Time from sending a beat to its acknowledgement.",
			labelNames,
			buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
			registers,
		});
		this.#losses = new Counter({
			name: "keepalive_session_losses_total",
			help: "Times the session was lost: its lease expired, its connection closed, or the machine stalled.",
			labelNames: [...labelNames, "cause"],
			registers,
		});
		for (const [session, venue] of agent.venues) {
			this.#beatDuration.zero({ session, venue });
			for (const cause of lossCauses) this.#losses.inc({ session, venue, cause }, 0);
		}
		this.#registerSessions();
		if (agent.relay) registerRelayMetrics(this.#registry, agent.relay);
		new Counter({
			name: "keepalive_stall_seconds_total",
			help: "Time for which the agent's event loop was blocked, without delays below a second.",
			registers,
			collect() {
				this.reset();
				this.inc(agent.loop.stalledMs / 1_000);
			},
		});
	}

	get contentType(): string {
		return this.#registry.contentType;
	}

	text(): Promise<string> {
		return this.#registry.metrics();
	}

	/** Has to be called with the duration of each acknowledged beat. */
	recordBeat(session: string, ms: number): void {
		const venue = this.#agent.venues.get(session);
		if (venue) this.#beatDuration.observe({ session, venue }, ms / 1_000);
	}

	/** Has to be called with each status record. */
	recordStatus({ session, status, tally }: StatusRecord): void {
		const venue = this.#agent.venues.get(session);
		// The number of losses comes from the session's own count, because one loss may have several records.
		const losses = tally.losses - (this.#countedLosses.get(session) ?? 0);
		if (!venue || losses <= 0) return;
		this.#countedLosses.set(session, tally.losses);
		this.#losses.inc({ session, venue, cause: ("cause" in status && status.cause.kind) || "other" }, losses);
	}

	#registerSessions(): void {
		const registers = [this.#registry];
		const agent = this.#agent;
		const each = (set: (labels: { session: string; venue: string }, view: ReturnType<typeof sessionView>) => void) => {
			for (const [session, venue] of agent.venues) set({ session, venue }, sessionView(agent, session));
		};
		const gauge = (name: string, help: string, collect: (gauge: Gauge) => void, ...labels: string[]): void => {
			new Gauge({
				name,
				help,
				labelNames: [...labelNames, ...labels],
				registers,
				collect() {
					collect(this);
				},
			});
		};
		gauge("keepalive_session_armed", "1 while the working orders are proved to be protected.", (it) =>
			each((labels, { armed }) => it.set(labels, armed ? 1 : 0)),
		);
		gauge("keepalive_session_ready", "1 while alive and armed; at a venue without protection, alive.", (it) =>
			each((labels, { ready }) => it.set(labels, ready ? 1 : 0)),
		);
		gauge(
			"keepalive_session_leader",
			"1 while this agent leads the session, 0 while another machine does. Missing while nobody knows, and without a leader.",
			(it) => {
				it.reset();
				each((labels, view) => {
					const leads = isLeader(view);
					if (leads !== undefined) it.set(labels, leads ? 1 : 0);
				});
			},
		);
		gauge(
			"keepalive_session_epoch",
			"The number of the leader's term, which grows from leader to leader. Missing while nobody knows who leads.",
			(it) => {
				it.reset();
				each((labels, { status, epoch }) => {
					const known = status.state === "standby" ? status.leader?.epoch : epoch;
					if (known !== undefined) it.set(labels, known);
				});
			},
		);
		gauge(
			"keepalive_session_state",
			"1 for the state that the session is in.",
			(it) =>
				each((labels, { status }) => {
					for (const state of states) it.set({ ...labels, state }, status.state === state ? 1 : 0);
				}),
			"state",
		);
		gauge(
			"keepalive_session_exposure_seconds",
			"How long working orders stay after a death, by what dies: the process or the network. Missing at a venue that cancels none.",
			(it) =>
				each((labels, { exposure }) => {
					if (!exposure) return;
					it.set({ ...labels, death: "process" }, exposure.processDeathMs / 1_000);
					it.set({ ...labels, death: "network" }, exposure.networkDeathMs / 1_000);
				}),
			"death",
		);
		gauge(
			"keepalive_session_proof_age_seconds",
			"Time since the venue last confirmed the protection. Missing while the session is not armed.",
			(it) => {
				// Without the reset, the metric would keep the previous value of a session that is no longer armed.
				it.reset();
				each((labels, view) => {
					const { verifiedAgeMs } = signAges(view, Date.now());
					if (verifiedAgeMs !== undefined) it.set(labels, verifiedAgeMs / 1_000);
				});
			},
		);
		gauge(
			"keepalive_session_beat_age_seconds",
			"Time since the last acknowledged beat, which proves no protection. Missing before the first.",
			(it) =>
				each((labels, view) => {
					const { lastBeatAgeMs } = signAges(view, Date.now());
					if (lastBeatAgeMs !== undefined) it.set(labels, lastBeatAgeMs / 1_000);
				}),
		);
		gauge(
			"keepalive_session_drill_age_seconds",
			"Time since a drill proved this death with the present key and settings. Missing when none did.",
			(it) => {
				it.reset();
				each((labels, { drills = [] }) => {
					for (const { kill, verdict, at, isCurrent } of drills) {
						if (verdict === "proved" && isCurrent) it.set({ ...labels, kill }, Math.max(0, Date.now() - at) / 1_000);
					}
				});
			},
			"kill",
		);
		gauge(
			"keepalive_session_drill_proved",
			"1 when the latest drill of this death proved what the venue is stated to do, with the present key and settings. Missing without a drill.",
			(it) => {
				it.reset();
				each((labels, { drills = [] }) => {
					for (const { kill, verdict, isCurrent } of drills) {
						it.set({ ...labels, kill }, verdict === "proved" && isCurrent ? 1 : 0);
					}
				});
			},
			"kill",
		);
		new Counter({
			name: "keepalive_session_beats_total",
			help: "Acknowledged opens and beats.",
			labelNames,
			registers,
			collect() {
				this.reset();
				each((labels, { tally }) => this.inc(labels, tally.beats));
			},
		});
	}
}

/** What can end a session; `other` if the cause is unknown. */
const lossCauses: readonly (LossKind | "other")[] = [
	"stall",
	"silence",
	"closed",
	"venue",
	"worker",
	"leader",
	"other",
];
