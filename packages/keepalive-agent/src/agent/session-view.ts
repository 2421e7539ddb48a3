import { sentence } from "@x/base/errors";
import type { components } from "../generated/schema.ts";
import type { RelayReader } from "../relay/relay-report-reader.ts";
import { relayUrl } from "../relay/relay-url.ts";
import type { Agent } from "./start-agent.ts";

/** A session as the HTTP API shows it. */
export type SessionView = components["schemas"]["Session"];

/** Returns a view of every session, in the order of the configuration. */
export function sessionViews(agent: Agent): SessionView[] {
	return [...agent.venues.keys()].map((name) => sessionView(agent, name));
}

/**
 * Returns one session as the HTTP API shows it. Its status is computed for the current time.
 *
 * @throws TypeError for an unknown name.
 */
export function sessionView({ keeper, venues, detailsOf, drillsOf, relay }: Agent, name: string): SessionView {
	const { at, status, epoch, tally } = keeper.current(name);
	const { warnings, exposure, layers } = detailsOf(name);
	const { drills, dueReason } = drillsOf(name);
	const venue = venues.get(name);
	if (!venue) throw new TypeError(`there is no session ${name}`);
	const armed = keeper.isArmed(name);
	const ready = armed || (status.state === "alive" && status.protection.state === "unsupported");
	return {
		name,
		venue,
		ready,
		armed,
		needsHuman: status.state === "blocked" || (status.state === "stopped" && status.why === "fatal"),
		since: at,
		...(!ready && { notReadyReason: statusText(status) }),
		// The members are copied, because the generated types are not read-only.
		status: { ...status },
		...(epoch !== undefined && { epoch }),
		tally: { ...tally },
		...(exposure && { exposure: { processDeathMs: exposure.processDeathMs, networkDeathMs: exposure.networkDeathMs } }),
		warnings: [...warnings],
		...(layers && { layers: { ...layers } }),
		...(drills.length > 0 && { drills: [...drills] }),
		...(dueReason !== undefined && { drillDueReason: dueReason }),
		...relayView(relay, venue, name),
	};
}

function relayView(
	relay: RelayReader | undefined,
	venue: SessionView["venue"],
	session: string,
): Pick<SessionView, "relay"> {
	const url = relay?.port === undefined ? undefined : relayUrl(relay.port, venue, session);
	return relay && url !== undefined ? { relay: { url, bots: relay.botsOf(session, venue === "deribit") } } : {};
}

/** Whether another process is known to run the session. If so, it is no fault that the session is not armed in this process. */
export const isLedElsewhere = ({ status }: Pick<SessionView, "status">): boolean =>
	status.state === "standby" && status.leader !== undefined;

/** Whether this process leads the session; undefined when it is not known which process leads, or the session needs no leader. */
export function isLeader({ status, epoch }: Pick<SessionView, "status" | "epoch">): boolean | undefined {
	if (isLedElsewhere({ status })) return false;
	return epoch !== undefined && leadingStates.has(status.state) ? true : undefined;
}

/**
 * The states in which this process is sure to lead. In other states, such as after a failure or a late renewal, another process may lead.
 */
const leadingStates: ReadonlySet<SessionView["status"]["state"]> = new Set(["opening", "alive"]);

/** How long ago the venue last confirmed a session's protection, and how long ago the last acknowledged beat was sent. */
export interface SignAges {
	/** Milliseconds since the venue last confirmed the protection; missing while the session is not shown as armed. */
	readonly verifiedAgeMs?: number;
	/**
	 * Milliseconds since the last acknowledged beat was sent. A beat shows that the session is alive, not that its orders are
	 * protected. Missing before the first beat.
	 */
	readonly lastBeatAgeMs?: number;
}

/** @param now - epoch milliseconds by the clock of the process that made the session view. */
export function signAges({ status, tally }: Pick<SessionView, "status" | "tally">, now: number): SignAges {
	const { lastBeatAt } = tally;
	const isArmed = status.state === "alive" && status.protection.state === "armed";
	const verifiedAt = isArmed && "verifiedAt" in status.protection ? status.protection.verifiedAt : undefined;
	const age = (at: number): number => Math.max(0, Math.round(now - at));
	return {
		...(verifiedAt !== undefined && { verifiedAgeMs: age(verifiedAt) }),
		...(lastBeatAt !== undefined && { lastBeatAgeMs: age(lastBeatAt) }),
	};
}

/** A status in a few words, for a person. */
export function statusText(status: SessionView["status"]): string {
	switch (status.state) {
		case "opening":
			return `opening, attempt ${status.attempt}`;
		case "alive":
			return status.protection.state === "armed"
				? `armed: ${status.protection.scope}`
				: `${status.protection.state}: ${status.protection.reason}`;
		case "blocked":
			return `${sentence(status.cause.message)} To do: ${status.todo}`;
		case "waiting":
			return `waiting (${status.why}): ${status.cause.message}`;
		case "standby":
			return status.leader
				? `standby: ${status.leader.holder} leads since ${new Date(status.leader.since).toISOString()}`
				: `standby, and nobody knows who leads: ${status.cause.message}`;
		case "stopped":
			return status.why === "asked" ? `stopped: ${status.closed.detail}` : `stopped for good: ${status.cause.message}`;
		default:
			return `${status.state}: ${status.cause.message}`;
	}
}
