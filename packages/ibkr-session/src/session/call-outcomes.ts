import type { IbkrHidden } from "../hidden-value.ts";
import type { IbkrNoBrokerage, IbkrNoSession } from "../http/no-session-replies.ts";
import type { IbkrBrokerageStatus } from "./brokerage-status.ts";

/** What each call of an `IbkrHttp` returns: what the venue said about the session. */
export interface IbkrOutcomes {
	/** The outcomes of `init()`. */
	readonly init: /** The session was started. It can take seconds to become ready: poll `status()`. */
		| { readonly kind: "accepted"; readonly brokerage?: IbkrBrokerageStatus }
		| {
				readonly kind: "refused";
				/**
				 * Why the init was refused, as far as the reply shows the reason:
				 * - `competing`: another login of the user holds the brokerage session;
				 * - `force-only`: this key can open a session only with `compete: true`;
				 * - `not-passed`: the reply says only that the init did not pass. The reason is `competing` or `force-only`, and the
				 *   member `forceOnly` of the next `status()` says which of the two;
				 * - `unstated`: the reply has no reason. IBKR has sent such a reply while nobody else was logged in.
				 */
				readonly because: "competing" | "force-only" | "not-passed" | "unstated";
				readonly brokerage?: IbkrBrokerageStatus;
				/** The venue's own message, without secrets and cut to 200 characters; absent if there was none. */
				readonly venueMessage?: string;
		  }
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** The outcomes of `status()`. */
	readonly status:
		| { readonly kind: "status"; readonly brokerage: IbkrBrokerageStatus }
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** The outcomes of `tickle()`. */
	readonly tickle:
		| ((
				| {
						/**
						 * - `live`: the Web API session and the brokerage session are alive, `brokerage.state` is `ready`;
						 * - `not-ready`: the Web API session is alive, the brokerage session is not ready, see `brokerage.state`.
						 */
						readonly kind: "live" | "not-ready";
						readonly brokerage: IbkrBrokerageStatus;
				  }
				/** The Web API session is alive; the reply says nothing about the brokerage session. */
				| { readonly kind: "unstated" }
		  ) & {
				/**
				 * The session key for the WebSocket; absent if the venue did not send the key. The key can change between tickles.
				 */
				readonly session?: IbkrHidden<string>;
				/**
				 * Milliseconds until the venue renews the login. In a healthy session this value falls to almost 0 about every ten minutes,
				 * and a tickle does not raise it. A low value is no reason for an alert. With OAuth 1.0a the venue does not send this
				 * value.
				 */
				readonly ssoExpiresInMs?: number;
				/** When the venue renews the login, in epoch milliseconds of this machine's clock. */
				readonly ssoExpiresAt?: number;
		  })
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** The outcomes of `validate()`. */
	readonly validate:
		| {
				readonly kind: "valid";
				/** When the login ends, in epoch milliseconds; absent if the venue did not say. */
				readonly expiresAt?: number;
				/**
				 * Whether the venue sent the time at which the login ends (`absolute`) or the milliseconds until then (`relative`).
				 */
				readonly expiresForm?: "absolute" | "relative";
				readonly loginType?: "live" | "paper";
				/** The region that serves the user, such as `NJ` or `EU`. */
				readonly region?: string;
				/** The environment of the venue, such as `PROD`. */
				readonly environment?: string;
				readonly userName?: IbkrHidden<string>;
		  }
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** The outcomes of `reauthenticate()`. */
	readonly reauthenticate: /** The venue accepted the request. The session is not open yet: poll `status()`. */
	{ readonly kind: "triggered" } | { readonly kind: "not-triggered" } | IbkrNoSession | IbkrNoBrokerage;
	/**
	 * The outcomes of `logout()`. Whatever the outcome, IBKR cancels no order. Orders held by an exchange keep working. Orders that IBKR
	 * simulates, such as stop orders, do not work while IBKR's system resets.
	 */
	readonly logout:
		| { readonly kind: "logged-out" }
		/** The venue did not confirm the logout. */
		| { readonly kind: "unconfirmed" }
		| IbkrNoSession
		| IbkrNoBrokerage;
	/** The outcomes of `accounts()`. */
	readonly accounts: /** The accounts prove that the brokerage session works. */
		| {
				readonly kind: "accounts";
				readonly count: number;
				/** The account numbers. */
				readonly accounts: IbkrHidden<readonly string[]>;
				/** Whether the accounts are for live or paper trading; absent if the venue did not say. */
				readonly loginType?: "live" | "paper";
		  }
		| IbkrNoSession
		| IbkrNoBrokerage;
}
