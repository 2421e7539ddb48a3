import { isKeeperError, keepalive, type Session } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { CheckedSession } from "./checked-session.ts";

/** f: a second keeper for sessions that a keeper runs is refused. */
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
 * f: a stop leaves no timer and no socket.
 *
 * @param timers - how many timers of the program are set.
 * @param deribitStays - the Deribit connection could not be closed without cancelling: it stays open, and the result says so.
 */
export function checkNothingLeft(
	sessions: readonly CheckedSession[],
	timers: number,
	journal: Journal,
	deribitStays: boolean,
): void {
	if (timers !== 0) journal.violate("f-timers-left", "keeper", `${timers}`);
	for (const { setup } of sessions) {
		const { openConnections } = setup.route;
		if (openConnections.length > 0 && !(deribitStays && setup.name === "deribit")) {
			journal.violate("f-socket-left", setup.name, `${openConnections.length}`);
		}
	}
}
