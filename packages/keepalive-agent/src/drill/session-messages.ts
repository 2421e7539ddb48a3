import type { Closed, OrdersOnClose } from "@x/keepalive";
import type { KeeperConfig, SessionConfig } from "../config/config.ts";
import type { GuardedCall } from "./drill-venue.ts";

/** What the process of a drill's session is told. The first message is `start`; it holds the secrets, which pass nowhere else. */
export type ToSession =
	| {
			readonly type: "start";
			readonly name: string;
			readonly config: SessionConfig;
			readonly keeper: KeeperConfig;
			/** With a gate, the session is open only while pulses come. */
			readonly toleranceMs: number | undefined;
	  }
	| { readonly type: "pulse" }
	| { readonly type: "place"; readonly call: GuardedCall }
	| { readonly type: "close"; readonly orders: OrdersOnClose };

/** What the session is doing now. Times are epoch milliseconds. */
export interface SessionNow {
	readonly state: string;
	/** Whether the orders are proved to be protected, or, where there is no protection, whether it is alive. */
	readonly isReady: boolean;
	/** Why it is not ready. */
	readonly reason?: string;
	/** What a person has to do. */
	readonly todo?: string;
	/** Whether it has ended for good. */
	readonly hasEnded: boolean;
	readonly losses: number;
	/** When the last acknowledged beat was sent. */
	readonly lastBeatAt?: number;
	/** How long orders outlive a death. Missing where there is no protection. */
	readonly exposure?: { readonly processDeathMs: number; readonly networkDeathMs: number };
	/** From the last pulse to the cancel, in the worst case. Only with a gate. */
	readonly hangMs?: number;
}

/** What the process says. */
export type FromSession =
	| { readonly type: "now"; readonly now: SessionNow }
	| { readonly type: "placed"; readonly result: unknown }
	| { readonly type: "not-placed"; readonly message: string }
	| { readonly type: "closed"; readonly closed: Closed | undefined };
