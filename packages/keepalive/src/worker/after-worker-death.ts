import { clause, sentence } from "@x/base/errors";
import type { Closed, Protection } from "../session.ts";
import type { Status, Tally } from "../status/status.ts";

/** What is known about the protection of a session after its worker has ended. The session's connections have ended with the worker. */
export function protectionAfterDeath(protection: Protection): Protection {
	if (protection.state !== "armed") return protection;
	const { scope, exposureMs } = protection;
	const reason = `armed when the worker ended: the venue cancels working orders (${scope}) within ${exposureMs} ms`;
	return { state: "unknown", reason };
}

/** The result of a stop to which the worker did not answer. */
export function unknownClosed(reason: string, status: Status): Closed {
	const protection = "protection" in status ? protectionAfterDeath(status.protection) : undefined;
	const known = protection && protection.state !== "armed" ? `; ${protection.reason}` : "";
	return { orders: "unknown", detail: `${sentence(clause(reason) + known)} Check the working orders.` };
}

/** Returns the totals of a session: those of its earlier workers plus those of its present worker. */
export function sumOfTallies(earlier: Tally | undefined, tally: Tally): Tally {
	if (!earlier) return tally;
	const lastBeatAt = tally.lastBeatAt ?? earlier.lastBeatAt;
	return {
		beats: earlier.beats + tally.beats,
		losses: earlier.losses + tally.losses,
		recoveries: earlier.recoveries + tally.recoveries,
		...(lastBeatAt !== undefined && { lastBeatAt }),
	};
}
