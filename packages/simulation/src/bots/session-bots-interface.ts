import type { Keeper } from "@x/keepalive";
import type { CheckedSession } from "../program/session-with-invariants.ts";

/** Bots that trade over the relay of one session, in the process of the keeper. */
export interface SessionBots {
	/** The name of the session. */
	readonly session: string;
	/** To be called before `begin`, with the session and its invariants. `keeper` returns the keeper that runs the session. */
	follow(checked: CheckedSession, keeper: () => Keeper | undefined): void;
	/** Lets the bots work until the end of the run. */
	begin(): void;
	/** To be called when the keeper has stopped. The agent then closes its relay. */
	close(): void;
	/** To be called when the keeper's process has ended. */
	processEnded(): void;
	/** To be called whenever the state of the venue may have changed. */
	look?(): void;
	/** Checks the rules that can be violated by the mere passing of time. */
	checkDeadlines(): void;
}
