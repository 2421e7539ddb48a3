import { isObject } from "@x/base/objects";
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
import type { DeribitLoss } from "./session-losses.ts";

/** The options of the client, plus the API key with which every connection logs in. */
export interface DeribitClientOptions extends DeribitSocketOptions {
	/** An API key with the permission `account:read_write`: a key for trading alone cannot arm cancel-on-disconnect. */
	readonly credentials: DeribitCredentials;
}

/** The options of a Deribit session. */
export interface DeribitSessionOptions<Name extends string = string> {
	/** The name of the session, unique among the sessions of one keeper. Default `deribit`. */
	readonly name?: Name;
	/**
	 * Options that are passed on to `@x/deribit-session`. Default of `client.credits`: one credit pool for this session, shared by
	 * all its connections. Sessions of the same account should share one pool. Default of `client.connectTimeoutMs`: 4 000.
	 */
	readonly client: DeribitClientOptions;
	/** The permission that arming cancel-on-disconnect needs. Default `account:read_write`; some gateways name permissions differently. */
	readonly armingPermission?: string;
	/**
	 * Heartbeat interval in seconds, 10 or more. Default 10. The interval determines how long orders stay in the book after the network has
	 * died: at most 23 s at an interval of 10 s, and at most 69 s at 30 s. A short interval adds no traffic, because the pings of a running
	 * session are more frequent. But at an interval of 10 s, a program whose event loop is blocked for 20 s loses the connection, and the
	 * orders with it.
	 */
	readonly intervalSeconds?: number;
	/**
	 * Milliseconds between two pings (calls of `public/test`), 100 to 20 000. Default 1 200. The session limits this time to at most a
	 * third of the lease (which is 20 s with the default heartbeat interval) and at least 1.25 × `pongTimeoutMs`.
	 *
	 * Together with `pongTimeoutMs`, this time determines how soon a connection that carries no data counts as not armed. With the
	 * defaults this takes 2.16 s in a keeper, and 2.36 s by `requireArmed` of a session without a keeper.
	 *
	 * A ping costs 500 credits. With the default, one session spends 4 % of the 10 000 credits that the venue adds each second. Choose a
	 * longer time when many sessions share an account.
	 */
	readonly pingMs?: number;
	/**
	 * How long a pong (the reply to a ping) may take, in milliseconds, 50 to 10 000. Default 960. Without a pong the session is late and
	 * not armed, but its connection stays open.
	 *
	 * The session reduces a value above 0.8 × a third of the lease to that limit. If the connection is slow, the session doubles the
	 * timeout until the pongs arrive in time, to at most half of the lease. After a minute without a slow pong the timeout has its first
	 * value again.
	 */
	readonly pongTimeoutMs?: number;
	/**
	 * What the session enables cancel-on-disconnect for. `connection` (the default): this connection. `account`: this and every later
	 * connection of the account, including the connections of other programs. In both cases the venue cancels only orders of the connection
	 * that ended.
	 */
	readonly cancelScope?: "connection" | "account";
	/**
	 * If the last read-back of cancel-on-disconnect is at least this many milliseconds old, the next beat() reads it back again. Default 60
	 * 000.
	 */
	readonly verifyEveryMs?: number;
	/**
	 * Called at every open, including the first, before the session counts as alive; `handle` is the new, armed connection. Subscribe in
	 * this function. If there are `losses`, also find out here which orders are gone. If the function throws or rejects, the open fails and
	 * is retried. Its `signal` aborts when the keeper's `openTimeoutMs` is over.
	 */
	readonly onOpen?: (opened: Opened<DeribitConnection, DeribitLoss>) => unknown;
	/**
	 * Limit on connection attempts, counted by host: a `slidingWindowLimiter` of this package. Default: 320 in five minutes for all sessions
	 * of the process with the same `WebSocket`. The limit also counts the connections that a session makes only to find out whether its own
	 * connection is dead. Give sessions that use another source IP address their own limiter.
	 */
	readonly connectionLimiter?: ConnectionLimiter;
}

/** The scope of cancel-on-disconnect: one connection, or the account. */
export type CancelScope = NonNullable<DeribitSessionOptions["cancelScope"]>;

/** Options that have a default. */
export const deribitSessionDefaults = Object.freeze({
	// The casts in this object widen the type of a default to the type of its option.
	name: "deribit" as string,
	armingPermission: "account:read_write",
	// The venue's times were measured only at interval 10, so only the exposure at this interval is certain. A longer interval would not
	// save traffic: the venue probes only a connection over which it has received nothing for an interval, and the session pings more
	// often.
	intervalSeconds: 10,
	pingMs: 1_200,
	pongTimeoutMs: 960,
	cancelScope: "connection" as CancelScope,
	verifyEveryMs: 60_000,
});

type Defaulted = keyof typeof deribitSessionDefaults;

/** The checked options, with every default filled in. */
export interface ResolvedDeribitOptions extends Required<Pick<DeribitSessionOptions, Defaulted>> {
	readonly onOpen: DeribitSessionOptions["onOpen"] | undefined;
	readonly connectionLimiter: ConnectionLimiter | undefined;
	readonly credentials: DeribitCredentials;
	/** Whether logins are signed. Signed logins need a right clock on this machine. */
	readonly isSigned: boolean;
	/** Host and port of the venue, under which connection attempts are counted. */
	readonly host: string;
	/** The options that are passed to `connectDeribit` for every connection. */
	readonly socket: DeribitSocketOptions &
		Required<Pick<DeribitSocketOptions, "credits" | "connectTimeoutMs" | "closeTimeoutMs">>;
}

export const packageName = "@x/keepalive/deribit";
/** The venue refuses a shorter heartbeat interval. */
const minIntervalSeconds = 10;
/**
 * The timeout of connecting, in milliseconds, shorter than the client's default of 10 s. Handshakes with the venue took half a second.
 * After a network outage, a new attempt connects sooner than an old one: TCP repeats an unanswered first packet only after 1, 3 and 7 s.
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
		return [
			`intervalSeconds ${intervalSeconds} is over 60: orders stay in the book for over two minutes after the network dies`,
		];
	}
	return [];
}
