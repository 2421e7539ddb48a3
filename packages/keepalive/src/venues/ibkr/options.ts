import { createIbkrPacing, type IbkrAuthorize, type IbkrPacing, type IbkrPenaltyBox } from "@x/ibkr-session";
import type { IbkrRegion } from "./calendar.ts";
import { onlyKnown, wrong } from "./option-faults.ts";
import type { IbkrRepair } from "./recovery.ts";
import { type IbkrSessionSocketOptions, resolveSocket, type SocketKeeping } from "./socket-options.ts";

/** Settings of {@link ibkr}. Times are milliseconds. */
export interface IbkrSessionOptions {
	/** Unique among the sessions of one keeper. Default `ibkr`. */
	readonly name?: string;
	/**
	 * What stands before the session. `gateway`: a person logs in at its page. `oauth1` and `oauth2`: `authorize` proves each
	 * request by OAuth 1.0a or 2.0. The order of an opening follows from it: OAuth 1.0a has no validation. Default `gateway`.
	 */
	readonly mode?: "gateway" | "oauth1" | "oauth2";
	/** As in the client. Default `https://localhost:5000/v1/api`; with OAuth `https://api.ibkr.com/v1/api`. */
	readonly baseUrl?: string;
	/** As in the client. For a gateway: `gatewayFetch` of `@x/ibkr-session/gateway`, which trusts its certificate. */
	readonly fetch?: typeof fetch;
	/** As in the client. Required with OAuth. */
	readonly authorize?: IbkrAuthorize;
	/**
	 * With OAuth: makes a new live session token or bearer behind `authorize`, once the venue said that the old one is gone.
	 * `renew` of `createIbkrConsumer().user()` and of `createIbkrBearer()` fit. Default: none; a person has to do it then.
	 */
	readonly renew?: () => Promise<unknown>;
	/** As in the client. Default: what every session of this process shares, because the venue locks the source address. */
	readonly penaltyBox?: IbkrPenaltyBox;
	/** As in the client; several sessions of the same user have to share one. Default: one of this session's own. */
	readonly pacing?: IbkrPacing;
	/** As in the client. Default 12 000. */
	readonly callTimeoutMs?: number;
	/**
	 * True ends another session of the same user, at most `maxTakeoversPerDay` times, and only where one is there or the key
	 * can do nothing else. Default false: who is there first keeps it.
	 */
	readonly compete?: boolean;
	/** Whether leaving logs out. Default true with OAuth and false at a gateway, where a person would have to log in again. */
	readonly logoutOnClose?: boolean;
	/** Between two tickles, 1 200 to 100 000: one a second is the venue's limit, and jitter makes beats earlier. Default 60 000, the documented pace. */
	readonly tickleMs?: number;
	/** For how long the venue keeps a session without a request, 3 000 to 300 000. Default 300 000, the shortest it documents. */
	readonly ttlMs?: number;
	/** Between two looks at whether an opened session is ready, 500 to 60 000: a look is two calls, ten a second the limit. Default 1 000. */
	readonly pollMs?: number;
	/** How long it may take to become ready, 1 000 to 600 000. Default 120 000. */
	readonly readyTimeoutMs?: number;
	/** How long to leave another session of the user alone before looking again, 100 to 3 600 000. Default 60 000. */
	readonly yieldMs?: number;
	/**
	 * From one init to the next; doubles to 30 minutes until a session lasted for ten times as long. Only the first repair of
	 * a session that was opened begins at once. So it is with new tokens. 100 to 1 800 000. Default 60 000.
	 */
	readonly initBackoffMs?: number;
	/**
	 * With `compete`: inits that may end another session in any 24 hours, 1 to 100. After them the session yields as if
	 * `compete` were false, so that two programs that both force do not end each other without end. Default 10.
	 */
	readonly maxTakeoversPerDay?: number;
	/**
	 * Where the user is served, for telling an expected loss from an alarm and for holding inits in a reset. Default: what
	 * a validation told, and `america` before that and over OAuth 1.0a.
	 */
	readonly region?: IbkrRegion;
	/** Inits in any 24 hours, 1 to 1 000. Default 100: more have got users blocked. */
	readonly maxInitsPerDay?: number;
	/** Keeps a socket too, without which the session is not alive. Default: none. */
	readonly socket?: IbkrSessionSocketOptions | boolean;
	/** Told when a lost session is alive again, with what has to be done again. What it throws is swallowed. */
	readonly onRepair?: (repair: IbkrRepair) => unknown;
}

type Optional = "fetch" | "authorize" | "renew" | "penaltyBox" | "region" | "onRepair";

export type IbkrSettings = Required<Omit<IbkrSessionOptions, Optional | "socket">> &
	Pick<IbkrSessionOptions, Optional> & { readonly socket: SocketKeeping | undefined };

/** The ranges and defaults of the options that are numbers. */
const numbers = Object.freeze({
	callTimeoutMs: [1, 600_000, 12_000],
	tickleMs: [1_200, 100_000, 60_000],
	ttlMs: [3_000, 300_000, 300_000],
	pollMs: [500, 60_000, 1_000],
	readyTimeoutMs: [1_000, 600_000, 120_000],
	yieldMs: [100, 3_600_000, 60_000],
	initBackoffMs: [100, 1_800_000, 60_000],
	maxInitsPerDay: [1, 1_000, 100],
	maxTakeoversPerDay: [1, 100, 10],
} as const);

/** Written out so that the compiler finds one that is missing. */
const names: Readonly<Record<keyof IbkrSessionOptions, 1>> = {
	name: 1,
	mode: 1,
	baseUrl: 1,
	fetch: 1,
	authorize: 1,
	renew: 1,
	penaltyBox: 1,
	pacing: 1,
	callTimeoutMs: 1,
	compete: 1,
	logoutOnClose: 1,
	tickleMs: 1,
	ttlMs: 1,
	pollMs: 1,
	readyTimeoutMs: 1,
	yieldMs: 1,
	initBackoffMs: 1,
	maxTakeoversPerDay: 1,
	region: 1,
	maxInitsPerDay: 1,
	socket: 1,
	onRepair: 1,
};

/**
 * Checks the options and fills in the defaults; the client checks the ones that are its own.
 *
 * @throws TypeError that names the option.
 */
export function resolveIbkrOptions(options: IbkrSessionOptions = {}): IbkrSettings {
	onlyKnown(options, names);
	const { mode = "gateway", region, onRepair } = options;
	if (!["gateway", "oauth1", "oauth2"].includes(mode)) throw wrong("mode", '"gateway", "oauth1" or "oauth2"', mode);
	const isOAuth = mode !== "gateway";
	if (isOAuth && typeof options.authorize !== "function") {
		throw wrong("authorize", "a function when mode is one of OAuth", options.authorize);
	}
	if (options.renew !== undefined && (typeof options.renew !== "function" || !isOAuth)) {
		throw wrong("renew", "a function, and mode one of OAuth", options.renew);
	}
	if (onRepair !== undefined && typeof onRepair !== "function") throw wrong("onRepair", "a function", onRepair);
	if (region !== undefined && !["america", "europe", "asia"].includes(region)) {
		throw wrong("region", '"america", "europe" or "asia"', region);
	}
	const name = options.name ?? "ibkr";
	if (typeof name !== "string" || name === "") throw wrong("name", "a text that is not empty", name);
	const { compete = false, logoutOnClose = isOAuth } = options;
	if (typeof compete !== "boolean") throw wrong("compete", "true or false", compete);
	if (typeof logoutOnClose !== "boolean") throw wrong("logoutOnClose", "true or false", logoutOnClose);
	const defaultBase = isOAuth ? "https://api.ibkr.com/v1/api" : "https://localhost:5000/v1/api";
	const values = (Object.keys(numbers) as (keyof typeof numbers)[]).map((key) => [key, numberOf(key, options[key])]);
	return {
		name,
		mode,
		compete,
		logoutOnClose,
		baseUrl: options.baseUrl ?? defaultBase,
		...(options.fetch ? { fetch: options.fetch } : {}),
		...(options.authorize ? { authorize: options.authorize } : {}),
		...(options.renew ? { renew: options.renew } : {}),
		...(options.penaltyBox ? { penaltyBox: options.penaltyBox } : {}),
		...(region ? { region } : {}),
		...(onRepair ? { onRepair } : {}),
		socket: resolveSocket(options.socket, mode),
		// One for all clients of the session: an opening must not forget the calls of the one before.
		pacing: options.pacing ?? createIbkrPacing({ callsPerSecond: isOAuth ? 50 : 10 }),
		// Object.fromEntries forgets which keys there are: they are those of `numbers`.
		...(Object.fromEntries(values) as Record<keyof typeof numbers, number>),
	};
}

function numberOf(name: keyof typeof numbers, value: unknown): number {
	const [least, most, usual] = numbers[name];
	if (value === undefined) return usual;
	if (typeof value === "number" && value >= least && value <= most) return value;
	throw wrong(name, `a number from ${least} to ${most}`, value);
}
