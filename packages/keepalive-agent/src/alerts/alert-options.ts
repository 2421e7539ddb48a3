import type { SessionConfig } from "../config/config.ts";
import type { ChannelConfig } from "./channels/channel-config.ts";
import type { HealthcheckConfig } from "./healthcheck.ts";

/** The section `alerts` of the configuration. */
export interface AlertsConfig extends AlertRuleOptions {
	/** The address of the agent's page that messages show. Default: where the agent listens. */
	readonly pageUrl?: string;
	/** By a name of the user's choice. */
	readonly channels?: Readonly<Record<string, ChannelConfig>>;
	readonly healthcheck?: HealthcheckConfig;
}

/** When alerts about a session are raised. */
export interface SessionAlertOptions {
	/** How long a session may be not ready. Default: 60 s, at IBKR 180 s. */
	readonly notReadySeconds?: number;
	/** The same after a loss that the venue had planned, and then also for what a person has to do. Default 900 s. */
	readonly expectedSeconds?: number;
	/** The longest exposure that is allowed. Default: any. */
	readonly exposureSeconds?: number;
}

/** When alerts are raised: for all sessions, and where one differs. */
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
 * A reconnect takes 3 s, and the first six attempts after a broken connection half a minute: a session that is not ready after a
 * minute needs a look. IBKR may load a brokerage session for two minutes, and no init is sent in the first 90 s of a reset.
 */
const notReadySeconds = { deribit: 60, bybit: 60, ibkr: 180 } as const;

/** After a nightly reset logins work again some minutes later; maintenance of Deribit is announced as 15 minutes or more. */
const expectedSeconds = 900;

/** The limits that hold for a session. */
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
