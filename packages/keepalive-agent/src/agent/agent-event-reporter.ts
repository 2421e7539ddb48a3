import { sentence } from "@x/base/errors";
import type { Logger } from "@x/keepalive";
import type { WorkerDeath } from "@x/keepalive/worker";
import { readVersion } from "../read-own-package-files.ts";
import type { EarlierState } from "../state/state-file.ts";
import type { AgentEventRecord } from "./agent-record.ts";
import type { EventLog } from "./event-log.ts";
import type { Agent } from "./start-agent.ts";

/** Publishes and logs an event of the agent: something that the agent did, or that happened to the agent. */
export type Report = (
	event: AgentEventRecord["event"],
	detail: string,
	more?: { readonly at?: number; readonly part?: NonNullable<AgentEventRecord["part"]> },
) => void;

const levelOf: Readonly<Record<AgentEventRecord["event"], keyof Logger>> = {
	started: "info",
	"found-dead": "warn",
	reloaded: "info",
	stopping: "info",
	stopped: "info",
	"worker-died": "error",
	degraded: "error",
	recovered: "info",
};

/** Returns a function that adds each report to the event log and also writes it to the logger. */
export function agentReporter(log: EventLog, logger: Logger): Report {
	return (event, detail, more) => {
		log.add({ type: "agent", at: Date.now(), event, detail, ...more });
		logger[levelOf[event]](`agent: ${event}: ${detail}`);
	};
}

/** Reports how the previous agent ended, and that this agent has started. */
export function reportStart({ problem, correction, diedAt }: EarlierState, { venues }: Agent, report: Report): void {
	if (diedAt !== undefined)
		report("found-dead", "the previous run of the agent ended without a shutdown", { at: diedAt });
	const corrected =
		correction === undefined ? "" : `. ${correction}; the times in that file were moved forward by the same amount`;
	report("started", `version ${readVersion()}, sessions: ${[...venues.keys()].join(", ")}${corrected}`);
	if (problem === undefined) return;
	const todo = "If you know that the agent hardly used these limits, stop it, delete the file and start it again.";
	report("degraded", `${problem}. So every limit on openings, logins and connections counts as used up. ${todo}`);
}

/**
 * The longest wait, in milliseconds, before the agent restarts a worker thread that has died. The more often the thread dies, the longer
 * the wait. If it would be longer than this, the agent exits: a supervisor then restarts the whole process sooner.
 */
const longestRestartMs = 60_000;

/** Whether the worker thread has died so often that the agent exits instead of restarting it. */
export const isBeyondLimit = ({ restartInMs = 0 }: WorkerDeath): boolean => restartInMs > longestRestartMs;

/** Reports that the worker thread has died, and when it is restarted. */
export function reportDeath(death: WorkerDeath, report: Report): void {
	const { error, restartInMs } = death;
	const next =
		restartInMs === undefined
			? "It is not started again."
			: isBeyondLimit(death)
				? "It has died too often: the agent ends."
				: "It is started again.";
	report("worker-died", `${sentence(error.message)} ${next}`);
}
