import { isKeeperError, keepalive, type Session } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { CheckedSession } from "./session-with-invariants.ts";

/** Checks that a second keeper for the same sessions is refused. */
export function checkSecondClaim(sessions: readonly Session[], journal: Journal): void {
	try {
		keepalive(sessions);
	} catch (error) {
		if (isKeeperError(error) && error.kind === "claimed") return;
		throw error;
	}
	journal.violate("f-claim", "keeper", "a second keeper runs the same sessions");
}

/**
 * Checks that a stop has left no timer and no socket open.
 *
 * @param timers - how many timers of the program are set.
 * @param deribitStays - whether the result of the stop says that the Deribit connection stays open, because its end would cancel orders.
 */
export function checkNothingLeft(
	sessions: readonly CheckedSession[],
	timers: number,
	journal: Journal,
	deribitStays: boolean,
): void {
	if (timers !== 0) journal.violate("f-timers-left", "keeper", `${timers} timers left after the stop`);
	for (const { setup } of sessions) {
		const { openConnections } = setup.route;
		if (openConnections.length > 0 && !(deribitStays && setup.name === "deribit")) {
			journal.violate("f-socket-left", setup.name, `${openConnections.length} connections left after the stop`);
		}
	}
}
