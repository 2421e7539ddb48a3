import {
	checkOptions,
	func,
	milliseconds,
	nonEmptyString,
	number,
	type OptionSchema,
	objectWith,
	oneOf,
	optional,
	rule,
	secret,
} from "@x/base/option-schema";
import { isObject } from "@x/base/record";
import {
	checkDeribitCredentials,
	checkDeribitSocketOptions,
	type DeribitConnection,
	type DeribitCredentials,
	DeribitCredits,
	type DeribitSocketOptions,
	deribitDefaults,
} from "@x/deribit-session";
import type { ConnectionLimiter } from "../../connection-limiter.ts";
import type { Opened } from "../../session.ts";
import type { DeribitLoss } from "./recovery.ts";

/** The options of the client, and the API key that every connection logs in with. */
export interface DeribitClientOptions extends DeribitSocketOptions {
	/** An API key with the permission `account:read_write`: a key for trading alone cannot arm cancel-on-disconnect. */
	readonly credentials: DeribitCredentials;
}

/** How to keep a Deribit session. */
export interface DeribitSessionOptions<Name extends string = string> {
	/** Unique among the sessions of one keeper. Default `deribit`. */
	readonly name?: Name;
	/**
	 * Options of `@x/deribit-session`, passed on to it. Default of `client.credits`: one pool for this session, shared by
	 * all its connections. Sessions of the same account should share one. Default of `client.connectTimeoutMs`: 4 000.
	 */
	readonly client: DeribitClientOptions;
	/** The permission that arming needs. Default `account:read_write`; some gateways name permissions differently. */
	readonly armingPermission?: string;
	/**
	 * Heartbeat interval in seconds, 10 or more. Default 10. Determines how long orders outlive a dead network: at most 23 s at
	 * interval 10, 69 s at 30. It adds no traffic: while this session runs, its pings are more frequent than any interval. The
	 * price of a short one: a program whose event loop is blocked for 20 s loses the connection, and its orders with it.
	 */
	readonly intervalSeconds?: number;
	/**
	 * Milliseconds between two pings (calls of `public/test`), 100 to 20 000. Default 1 200. With `pongTimeoutMs` it determines
	 * how soon a connection that carries no data counts as not armed: 2.16 s at the defaults. A ping costs 500 credits, so the
	 * default spends 4 % of the 10 000 that the venue adds each second. Choose a longer interval when many sessions share an
	 * account. It is limited to a third of the lease, and is at least 1.25 × `pongTimeoutMs`.
	 */
	readonly pingMs?: number;
	/**
	 * How long a pong may take, in milliseconds, 50 to 10 000. Default 960. Without one the session is late and not armed, but its
	 * connection stays open. It is limited to 0.8 × the longest `pingMs`. Doubles for a slow connection, up to half of the lease, and returns after a minute without a slow
	 * pong.
	 */
	readonly pongTimeoutMs?: number;
	/**
	 * What to arm. `connection` (the default): this connection. `account`: this and every later connection of the
	 * account, including those of other programs. Either way the venue cancels only orders of the connection that ended.
	 */
	readonly cancelScope?: "connection" | "account";
	/** A beat reads cancel-on-disconnect back when the last read-back is older than this, in ms. Default 60 000. */
	readonly verifyEveryMs?: number;
	/**
	 * Called at every open, the first included, with the new, armed connection as `handle` and before the session counts as
	 * alive: the place to subscribe, and after `losses` to find out which orders are gone. If it throws or rejects, the open
	 * fails and is retried. Its signal aborts when the keeper's `openTimeoutMs` is over.
	 */
	readonly onOpen?: (opened: Opened<DeribitConnection, DeribitLoss>) => unknown;
	/**
	 * Limit on connection attempts, counted by host: a `slidingWindowLimiter` of this package. Default: 320 in five minutes for
	 * all sessions of the process with the same `WebSocket`. Connections that are made only to compare count too. Give sessions that use another source address their own.
	 */
	readonly connectionLimiter?: ConnectionLimiter;
}

/** What cancel-on-disconnect is armed for. */
export type CancelScope = NonNullable<DeribitSessionOptions["cancelScope"]>;

/** Options that have a default. */
export const deribitSessionDefaults = Object.freeze({
	// The casts here and below widen a default to all that the option takes.
	name: "deribit" as string,
	armingPermission: "account:read_write",
	// All times of the venue were measured at interval 10, so only there is the exposure measured too. A longer one saves
	// nothing: the venue probes only a connection over which it has received nothing for an interval.
	intervalSeconds: 10,
	pingMs: 1_200,
	pongTimeoutMs: 960,
	cancelScope: "connection" as CancelScope,
	verifyEveryMs: 60_000,
});

type Defaulted = keyof typeof deribitSessionDefaults;

/** Checked options with every default filled in. */
export interface ResolvedDeribitOptions extends Required<Pick<DeribitSessionOptions, Defaulted>> {
	readonly onOpen: DeribitSessionOptions["onOpen"] | undefined;
	readonly connectionLimiter: ConnectionLimiter | undefined;
	readonly credentials: DeribitCredentials;
	/** Whether logins are signed, so that this machine's clock has to be right. */
	readonly isSigned: boolean;
	/** Host and port that connection attempts are counted by. */
	readonly host: string;
	/** Passed to `connectDeribit` for every connection. */
	readonly socket: DeribitSocketOptions &
		Required<Pick<DeribitSocketOptions, "credits" | "connectTimeoutMs" | "closeTimeoutMs">>;
}

export const packageName = "@x/keepalive/deribit";
/** The venue refuses a shorter heartbeat interval. */
const minIntervalSeconds = 10;
/**
 * The client's own default is 10 s. Handshakes with the venue took half a second; a shorter deadline tries again sooner after
 * the network is back, because TCP repeats an unanswered first packet after 1, 3 and 7 s.
 */
const connectTimeoutMs = 4_000;

function hasCredentials(client: unknown): boolean {
	return isObject(client) && isObject(client["credentials"]);
}

const schema: OptionSchema<DeribitSessionOptions> = {
	name: optional(nonEmptyString()),
	client: secret(rule("an object with credentials", hasCredentials)),
	armingPermission: optional(nonEmptyString()),
	intervalSeconds: optional(number({ min: minIntervalSeconds })),
	pingMs: optional(milliseconds({ min: 100, max: 20_000 })),
	pongTimeoutMs: optional(milliseconds({ min: 50, max: 10_000 })),
	cancelScope: optional(oneOf("connection", "account")),
	verifyEveryMs: optional(milliseconds({ min: 0 })),
	onOpen: optional(func()),
	connectionLimiter: optional(objectWith("tryAcquire")),
};

/** @throws OptionError for the first option that is not allowed. */
export function resolveDeribitOptions(options: DeribitSessionOptions): ResolvedDeribitOptions {
	checkOptions<DeribitSessionOptions>(packageName, schema, options);
	const { credentials, ...socket } = options.client;
	checkDeribitCredentials(credentials, "client.credentials");
	checkDeribitSocketOptions(socket, "client");
	const { name, armingPermission, intervalSeconds, cancelScope, verifyEveryMs } = options;
	return {
		name: name ?? deribitSessionDefaults.name,
		armingPermission: armingPermission ?? deribitSessionDefaults.armingPermission,
		intervalSeconds: intervalSeconds ?? deribitSessionDefaults.intervalSeconds,
		pingMs: options.pingMs ?? deribitSessionDefaults.pingMs,
		pongTimeoutMs: options.pongTimeoutMs ?? deribitSessionDefaults.pongTimeoutMs,
		cancelScope: cancelScope ?? deribitSessionDefaults.cancelScope,
		verifyEveryMs: verifyEveryMs ?? deribitSessionDefaults.verifyEveryMs,
		onOpen: options.onOpen,
		connectionLimiter: options.connectionLimiter,
		credentials,
		isSigned: credentials.grant === "client_signature" || credentials.signer !== undefined,
		host: new URL(socket.url ?? deribitDefaults.url).host,
		socket: {
			...socket,
			credits: socket.credits ?? new DeribitCredits(),
			connectTimeoutMs: socket.connectTimeoutMs ?? connectTimeoutMs,
			closeTimeoutMs: socket.closeTimeoutMs ?? deribitDefaults.closeTimeoutMs,
		},
	};
}

/** Advice on options that are allowed but unwise. */
export function warningsOf({ intervalSeconds }: Pick<ResolvedDeribitOptions, "intervalSeconds">): readonly string[] {
	if (intervalSeconds > 60) {
		return [`intervalSeconds ${intervalSeconds} is over 60: orders outlive a dead network by more than two minutes`];
	}
	return [];
}
