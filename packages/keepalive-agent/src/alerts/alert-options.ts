import type { SessionConfig } from "../config/config.ts";
import type { ChannelConfig } from "./channels/channel-config.ts";
import type { HealthcheckConfig } from "./healthcheck-pinger.ts";

/** The section `alerts` of the configuration. */
export interface AlertsConfig extends AlertRuleOptions {
	/** The URL of the agent's status page, shown in each message. Default: the address at which the agent listens. */
	readonly pageUrl?: string;
	/** The channels to which alerts are sent, by a name that the user chooses. */
	readonly channels?: Readonly<Record<string, ChannelConfig>>;
	readonly healthcheck?: HealthcheckConfig;
}

/** When alerts about a session are raised. */
export interface SessionAlertOptions {
	/** How long a session may be not ready before an alert is raised. Default: 60 s, for IBKR 180 s. */
	readonly notReadySeconds?: number;
	/**
	 * How long a session may be not ready after a loss that the venue had announced. This limit replaces `notReadySeconds`, and delays the
	 * alert `needs-human` too. Default: 900 s.
	 */
	readonly expectedSeconds?: number;
	/** An alert is raised when the exposure of a session is longer than this many seconds. Default: no limit. */
	readonly exposureSeconds?: number;
}

/** When alerts are raised: the options for all sessions, and under `sessions` the options in which a single session differs. */
export interface AlertRuleOptions extends SessionAlertOptions {
	readonly sessions?: Readonly<Record<string, SessionAlertOptions>>;
}

/** The limits of one session, with the defaults filled in. */
export interface SessionLimits {
	readonly notReadyMs: number;
	readonly expectedMs: number;
	readonly exposureMs: number;
}

/**
 * How long a session may be not ready before an alert is raised.
 * - Deribit and Bybit: a reconnect takes 3 s, and the first six attempts after a broken connection take half a minute. A session that is
 *   still not ready after a minute needs a person.
 * - IBKR: the limit is longer, because IBKR may take two minutes to load a brokerage session. Also, in the first 90 s of IBKR's nightly
 *   reset no session sends an `init`, the call that opens a brokerage session.
 */
const notReadySeconds = { deribit: 60, bybit: 60, ibkr: 180 } as const;

/**
 * After a loss that the venue had announced, a `page` alert is raised only if the outage lasts longer than 15 minutes. Logins fail for some
 * minutes after IBKR's nightly reset, and the maintenance that Deribit announces takes 15 minutes or more.
 */
const expectedSeconds = 900;

/**
 * The limits of one session. Its own options take precedence over the options for all sessions. Options for all sessions take precedence
 * over the defaults.
 */
export function limitsOf(options: AlertRuleOptions, session: string, venue: SessionConfig["venue"]): SessionLimits {
	const { sessions, ...all } = options;
	const own = { ...all, ...sessions?.[session] };
	const notReadyMs = (own.notReadySeconds ?? notReadySeconds[venue]) * 1_000;
	return {
		notReadyMs,
		expectedMs: Math.max(notReadyMs, (own.expectedSeconds ?? expectedSeconds) * 1_000),
		exposureMs: (own.exposureSeconds ?? Number.POSITIVE_INFINITY) * 1_000,
	};
}
