import type { IbkrHidden } from "../hidden.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/refusal.ts";
import type { IbkrBrokerageStatus } from "./brokerage.ts";

/** What each call of an `IbkrHttp` returns: what the venue said about the session. */
export interface IbkrOutcomes {
	/** Of `init()`. */
	readonly init: /** Started. It can take seconds to become ready: poll `status()`. */
		| { readonly kind: "accepted"; readonly brokerage?: IbkrBrokerageStatus }
		| {
				readonly kind: "refused";
				/**
				 * Why, as far as the reply says:
				 * - `competing`: another session holds the user;
				 * - `force-only`: this key can open a session only with `compete: true`;
				 * - `not-passed`: one of these two, and `forceOnly` of the next `status()` says which;
				 * - `unstated`: no reason. This has been seen with nobody else logged in.
				 */
				readonly because: "competing" | "force-only" | "not-passed" | "unstated";
				readonly brokerage?: IbkrBrokerageStatus;
				/** The venue's own words, without secrets and cut; absent if there were none. */
				readonly venueMessage?: string;
		  }
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** Of `status()`. */
	readonly status:
		| { readonly kind: "status"; readonly brokerage: IbkrBrokerageStatus }
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** Of `tickle()`. */
	readonly tickle:
		| ((
				| {
						/**
						 * - `live`: both sessions are alive, `brokerage.state` is `ready`;
						 * - `not-ready`: the Web API session is alive, the brokerage session is not ready, see `brokerage.state`.
						 */
						readonly kind: "live" | "not-ready";
						readonly brokerage: IbkrBrokerageStatus;
				  }
				/** The Web API session is alive; the reply says nothing about the brokerage session. */
				| { readonly kind: "unstated" }
		  ) & {
				/** The session key for the WebSocket, if the venue sent it. It can change between tickles. */
				readonly session?: IbkrHidden<string>;
				/**
				 * Milliseconds until the venue renews the login. In a healthy session it falls to almost 0 about every ten minutes, and a
				 * tickle does not raise it, so a low value is no reason for an alert. Not sent with OAuth 1.0a.
				 */
				readonly ssoExpiresInMs?: number;
				/** The same as a time, in epoch milliseconds of this machine's clock. */
				readonly ssoExpiresAt?: number;
		  })
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** Of `validate()`. */
	readonly validate:
		| {
				readonly kind: "valid";
				/** When the login ends, in epoch milliseconds, if the venue sent it. */
				readonly expiresAt?: number;
				/** Whether the venue sent a time (`absolute`), or the milliseconds left at its reply (`relative`). */
				readonly expiresForm?: "absolute" | "relative";
				readonly loginType?: "live" | "paper";
				/** Such as `NJ` or `EU`. */
				readonly region?: string;
				/** Such as `PROD`. */
				readonly environment?: string;
				readonly userName?: IbkrHidden<string>;
		  }
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** Of `reauthenticate()`. */
	readonly reauthenticate: /** Accepted, but not done: poll `status()`. */
	{ readonly kind: "triggered" } | { readonly kind: "not-triggered" } | IbkrNoSession | IbkrNoBrokerage;
	/**
	 * Of `logout()`. IBKR cancels no order in any case: those held by an exchange keep working, and those that IBKR simulates,
	 * such as stops, wait while IBKR resets.
	 */
	readonly logout:
		| { readonly kind: "logged-out" }
		/** The venue did not confirm the logout. */
		| { readonly kind: "unconfirmed" }
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** Of `accounts()`. */
	readonly accounts: /** This proves that the brokerage session works. */
		| {
				readonly kind: "accounts";
				readonly count: number;
				/** The account numbers. */
				readonly accounts: IbkrHidden<readonly string[]>;
				/** Whether they are for paper trading, if the venue sent it. */
				readonly loginType?: "live" | "paper";
		  }
		| IbkrNoSession
		| IbkrNoBrokerage;
}
