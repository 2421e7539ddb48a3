import type { Closed, OrdersOnClose } from "@x/keepalive";
import type { KeeperConfig, SessionConfig } from "../config/config.ts";
import type { GuardedCall } from "./drill-venue-interface.ts";

/**
 * A message to the process that runs the session of a drill. The first message is `start`, the only one that contains secrets.
 */
export type ToSession =
	| {
			readonly type: "start";
			readonly name: string;
			readonly config: SessionConfig;
			readonly keeper: KeeperConfig;
			/** If given, the session has a gate, which stays open only while pulses (health signals of a strategy) arrive at least this often. */
			readonly toleranceMs: number | undefined;
	  }
	| { readonly type: "pulse" }
	| { readonly type: "place"; readonly call: GuardedCall }
	| { readonly type: "close"; readonly orders: OrdersOnClose };

/** What the session is doing now. Times are epoch milliseconds. */
export interface SessionNow {
	readonly state: string;
	/** Whether the orders are proved to be protected; if the venue has no protection, whether the session is alive. */
	readonly isReady: boolean;
	/** Why the session is not ready. */
	readonly reason?: string;
	/** What a person has to do. */
	readonly todo?: string;
	/** Whether the session has ended for good. */
	readonly hasEnded: boolean;
	readonly losses: number;
	/** When the last acknowledged beat was sent. */
	readonly lastBeatAt?: number;
	/** How long orders stay in the book after the process or its network dies. Missing if there is no protection. */
	readonly exposure?: { readonly processDeathMs: number; readonly networkDeathMs: number };
	/**
	 * The longest time, in milliseconds, from the last pulse (health signal of a strategy) to the cancel of the orders. Missing if the session
	 * needs no pulses.
	 */
	readonly hangMs?: number;
}

/** A message from the process that runs the session. */
export type FromSession =
	| { readonly type: "now"; readonly now: SessionNow }
	| { readonly type: "placed"; readonly result: unknown }
	| { readonly type: "not-placed"; readonly message: string }
	| { readonly type: "closed"; readonly closed: Closed | undefined };
