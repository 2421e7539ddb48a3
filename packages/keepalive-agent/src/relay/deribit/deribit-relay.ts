import { type DeribitConnection, isDeribitError } from "@x/deribit-session";
import {
	listenToNotifications,
	type PlacedOrders,
	type RelayedNotification,
	rateLimitOf,
	relayCall,
} from "@x/deribit-session/relay";
import { type Bot, Bots } from "../bot-tokens.ts";
import { anonymous, type RelayConfig } from "../relay-config.ts";
import type { RelayLog } from "../relay-log.ts";
import { FairShare } from "../share-rate-limit.ts";
import type { BotSocket } from "./bot-socket.ts";
import type { MethodKind } from "./method-kind.ts";
import { OrdersLeft } from "./orders-after-disconnect.ts";
import {
	forbidden,
	noConnection,
	noReply,
	notArmed,
	notLoggedIn,
	notSent,
	type Refusal,
	rateLimited,
	unknownMethod,
} from "./refusals.ts";
import { LocalReplies, type RpcRequest, withId } from "./rpc.ts";
import { SharedChannels } from "./shared-channels.ts";

/** The members of a Deribit session that the relay uses. */
export interface RelayedSession {
	readonly name: string;
	readonly handle: DeribitConnection | undefined;
	/** Returns the connection if it is armed. @throws Error that says why no connection is armed. */
	requireArmed(): DeribitConnection;
}

/** The client that makes a call: a WebSocket or an HTTP request. */
export interface Caller {
	readonly bot: Bot | undefined;
	/** The orders that were placed by this client; missing for an HTTP request. */
	readonly orders?: PlacedOrders;
}

/** A function that receives the whole text of a reply, and whether the reply is an error. */
export type Reply = (text: string, isError: boolean) => void;

/** The share of the matching engine's rate limit that is reserved for cancels. */
const keptForCancels = 0.25;
/** Deadline of a call at the venue, in milliseconds. It is longer than clients usually wait. */
const callTimeoutMs = 30_000;

/**
 * Passes the calls of bots on over the connection of one session to Deribit. The agent has opened this connection, and keeps
 * cancel-on-disconnect armed on it.
 */
export class DeribitRelay {
	readonly session: RelayedSession;
	readonly bots: Bots;
	readonly replies: LocalReplies;
	readonly log: RelayLog;
	readonly channels = new SharedChannels<BotSocket>();
	readonly #clients = new Set<BotSocket>();
	/** The bots' shares of the matching engine's rate limit. */
	readonly #orderShare: FairShare;
	/** The bots' shares of every other rate limit, by the name of the credit pool at Deribit. */
	readonly #shares = new Map<string, FairShare>();
	#connection: DeribitConnection | undefined;
	#callId = 0;
	/** The counters of frequent events, by event and by the name of the bot. */
	readonly #counters = {
		forwarded: new Map<string, { count: number }>(),
		notified: new Map<string, { count: number }>(),
	};

	/**
	 * @param isTestnet - the value of the member `testnet` in replies that the relay makes itself.
	 * @param orderShare - made by {@link orderShareOf}. Default: a share for this session alone.
	 */
	constructor(
		session: RelayedSession,
		config: RelayConfig,
		isTestnet: boolean,
		log: RelayLog,
		orderShare = orderShareOf(config, [session.name]),
	) {
		this.session = session;
		this.bots = new Bots(config.bots, session.name);
		this.replies = new LocalReplies(isTestnet);
		this.log = log;
		this.#orderShare = orderShare;
	}

	/**
	 * Has to be called with each new connection of the session to Deribit, before the connection is used. Resolves once the subscriptions of
	 * all clients that have stayed connected are restored.
	 *
	 * @throws DeribitError if they cannot be restored for now.
	 */
	async onOpen(connection: DeribitConnection, signal: AbortSignal): Promise<void> {
		// The earlier connection may not have ended yet: an unresponsive connection is replaced at once, but ends only seconds later.
		if (this.#connection) this.#onConnectionEnd(this.#connection);
		this.#connection = connection;
		listenToNotifications(connection, (notification, text) => safely(() => this.#onNotification(notification, text)));
		const onEnd = (): void => {
			// The clients are told about the end of the connection in a microtask, after pending calls have received their error replies.
			queueMicrotask(() => this.#onConnectionEnd(connection));
		};
		if (connection.ended.aborted) onEnd();
		else connection.ended.addEventListener("abort", onEnd, { once: true });
		await this.#restoreChannels(connection, signal);
	}

	/** How many open WebSockets each bot has. */
	get clientCounts(): ReadonlyMap<string, number> {
		const counts = new Map([...this.bots.names, anonymous].map((name) => [name, 0]));
		for (const client of this.#clients) counts.set(nameOf(client), (counts.get(nameOf(client)) ?? 0) + 1);
		return counts;
	}

	get clients(): ReadonlySet<BotSocket> {
		return this.#clients;
	}

	add(client: BotSocket): void {
		this.#clients.add(client);
	}

	/** The session's connection to Deribit, whether it is armed or not; undefined if there is none. */
	get connection(): DeribitConnection | undefined {
		return this.session.handle;
	}

	/**
	 * Passes a call on to the venue, or refuses it.
	 *
	 * @param kind - the kind of the request's method.
	 * @param reply - is called once with the whole reply. If the caller has disconnected, `reply` does nothing.
	 */
	pass(caller: Caller, request: RpcRequest, kind: MethodKind, reply: Reply): void {
		if (kind === "unknown") return void this.refuse(caller, request.idText, unknownMethod, reply);
		if (kind === "refused") return void this.refuse(caller, request.idText, refusedBecause(request.method), reply);
		if (request.method.startsWith("private/") && !caller.bot)
			return void this.refuse(caller, request.idText, notLoggedIn, reply);
		this.send(
			caller,
			request,
			kind,
			(text, body) => reply(withId(text, request.idText), "error" in body),
			(refusal) => {
				this.refuse(caller, request.idText, refusal, reply);
			},
		);
	}

	refuse(caller: Caller, idText: string | undefined, refusal: Refusal, reply: Reply): void {
		this.count("refused", caller, refusal.reason);
		reply(this.replies.error(idText, refusal.error), true);
	}

	/**
	 * Sends a call over the session's connection to Deribit. An order is sent only while this connection is proved to be armed.
	 *
	 * @param onReply - receives the venue's reply. The reply has the id that the connection gave to the call, not the id from the bot.
	 */
	send(
		caller: Caller,
		{ method, params, paramsText }: Pick<RpcRequest, "method" | "params" | "paramsText">,
		kind: MethodKind,
		onReply: (text: string, body: Readonly<Record<string, unknown>>) => void,
		onRefused: (refusal: Refusal) => void,
	): void {
		const { orders } = caller;
		let connection = this.session.handle;
		if (!connection) return void onRefused(noConnection);
		// There is no await between this check and the call, because a connection that is armed now may not be armed later.
		try {
			if (kind === "order") connection = this.session.requireArmed();
		} catch (error) {
			return void onRefused(notArmed(error instanceof Error ? error.message : "the connection is not armed"));
		}
		if (!this.#shareOf(method, connection).tryTake(nameOf(caller), kind === "cancel"))
			return void onRefused(rateLimited);
		this.#callId += 1;
		const id = this.#callId;
		try {
			relayCall(connection, {
				method,
				params,
				paramsText,
				timeoutMs: callTimeoutMs,
				onReply: (text, body) =>
					safely(() => {
						orders?.onReply(id, body, method);
						onReply(text, body);
					}),
				onFailure: (error) => safely(() => onRefused(noReply(kind, error))),
			});
		} catch (error) {
			return void onRefused(notSent(error));
		}
		orders?.onSent(id, method, params);
		this.#countOften("forwarded", caller);
	}

	/**
	 * Removes a client whose socket the relay itself has closed. The option `ordersOnDisconnect` has no effect on the orders of such a
	 * client.
	 */
	remove(client: BotSocket): void {
		this.#clients.delete(client);
		const held = this.#releaseAll(client);
		const { connection } = this;
		if (connection) this.unsubscribeOrphans(held, connection);
	}

	/**
	 * Removes a client that has disconnected.
	 *
	 * @param isGoodbye - whether the bot has logged out. If it has, its orders stay in the book.
	 */
	onGone(client: BotSocket, isGoodbye: boolean): void {
		this.#clients.delete(client);
		const connection = this.#connection;
		const held = this.#releaseAll(client);
		if (!connection || connection.ended.aborted) return;
		this.unsubscribeOrphans(held, connection);
		const { bot, orders } = client;
		if (!bot) return;
		const left = new OrdersLeft(this, bot, orders, connection);
		if (isGoodbye) left.keep("logged out");
		else left.onLost();
	}

	/**
	 * Unsubscribes, in the background, the channels that no client needs any more. If the rate limit leaves no credits for the call, these
	 * channels stay subscribed until the connection ends, but no client receives their notifications.
	 */
	unsubscribeOrphans(channels: readonly string[], connection: DeribitConnection): void {
		const orphans = this.channels.orphans(channels, connection);
		if (orphans.length === 0) return;
		const onEnd = (): void => this.resubscribe(orphans, connection);
		// The unsubscribe call may have waited for credits. If a client has joined a channel meanwhile, `onEnd` subscribes to it again.
		void connection.unsubscribe(orphans).then(onEnd, onEnd);
	}

	/**
	 * Subscribes again, in the background, to the channels that clients need but that are no longer subscribed. If this fails, the sockets of
	 * these clients are closed, so that the clients can connect and subscribe again.
	 */
	resubscribe(channels: readonly string[], connection: DeribitConnection): void {
		const lost = (): readonly string[] =>
			channels.filter((channel) => this.channels.holdersOf(channel) && !connection.isSubscribed(channel));
		if (lost().length === 0) return;
		void connection.subscribe(lost(), { timeoutMs: callTimeoutMs }).catch(() => {
			// The clients have already been told that the connection has ended.
			if (connection.ended.aborted) return;
			for (const client of new Set(lost().flatMap((channel) => [...(this.channels.holdersOf(channel) ?? [])]))) {
				client.onSubscriptionLost();
			}
		});
	}

	/**
	 * Takes one call from the part of the matching engine's rate limit that is kept for the relay itself. Returns false if no call is left
	 * right now.
	 */
	tryTakeOwnOrderCall(connection: DeribitConnection): boolean {
		return this.#shareOf("private/cancel", connection).tryTakeOwn();
	}

	count(what: "forwarded" | "refused" | "notified" | "cut-off", caller: Caller, reason?: string): void {
		this.log.count({ what, session: this.session.name, bot: nameOf(caller), ...(reason !== undefined && { reason }) });
	}

	#countOften(what: "forwarded" | "notified", caller: Caller): void {
		const bot = nameOf(caller);
		const counters = this.#counters[what];
		const found = counters.get(bot) ?? this.log.counter({ what, session: this.session.name, bot });
		counters.set(bot, found);
		found.count += 1;
	}

	#shareOf(method: string, connection: DeribitConnection): FairShare {
		const limit = rateLimitOf(connection, method);
		if (!limit) return this.#orderShare;
		const found = this.#shares.get(limit.pool);
		if (found) return found;
		const made = new FairShare([...this.bots.names, anonymous], () => {
			const { rate: perSecond, burst } = rateLimitOf(connection, method) ?? limit;
			return { perSecond, burst };
		});
		this.#shares.set(limit.pool, made);
		return made;
	}

	#onNotification(notification: RelayedNotification, text: string): void {
		const { channel } = notification;
		const isOfOrders = channel.startsWith("user.");
		if (isOfOrders) for (const { orders } of this.#clients) orders.onNotification(notification);
		for (const client of this.channels.holdersOf(channel) ?? []) {
			client.send(text);
			this.#countOften("notified", client);
		}
	}

	#onConnectionEnd(connection: DeribitConnection): void {
		// A later connection has already replaced this one, so nothing changes for the clients.
		if (this.#connection !== connection) return;
		this.#connection = undefined;
		const { reason } = connection.ended;
		const why = reason instanceof Error ? reason.message : "it was given up";
		for (const client of [...this.#clients]) {
			// A client whose socket is closed needs no subscriptions on the next connection, so its channels are released.
			if (!client.onConnectionLost(why)) this.#releaseAll(client);
		}
	}

	#releaseAll(client: BotSocket): readonly string[] {
		const held = this.channels.of(client);
		for (const channel of held) this.channels.release(channel, client);
		return held;
	}

	async #restoreChannels(connection: DeribitConnection, signal: AbortSignal): Promise<void> {
		const names = this.channels.names;
		const missing = await connection.subscribe(names, { signal }).then(
			() => [],
			(error: unknown) => {
				if (isDeribitError(error) && error.kind === "subscription") return error.missingChannels;
				throw error;
			},
		);
		for (const client of this.#clients) {
			const missingChannels = missing.filter((channel) => this.channels.release(channel, client));
			client.onConnectionRestored(missingChannels);
		}
	}
}

/**
 * Makes the bots' shares of the matching engine's rate limit. The limit applies to an account, so sessions with the same API key share it.
 */
export function orderShareOf({ bots, orderRate }: RelayConfig, sessions: readonly string[]): FairShare {
	const ofSessions = Object.entries(bots).filter(([, bot]) => bot.sessions.some((name) => sessions.includes(name)));
	return new FairShare([...ofSessions.map(([name]) => name), anonymous], () => orderRate, keptForCancels);
}

/** Runs `action` in an event handler of the connection to Deribit. An exception is ignored, because it would end that connection. */
function safely(action: () => void): void {
	try {
		action();
	} catch {
		// The exception is ignored: the client gets no reply to its call, and stops waiting at its own deadline.
	}
}

const nameOf = ({ bot }: Caller): string => bot?.name ?? anonymous;

function refusedBecause(method: string): Refusal {
	if (method === "private/disable_cancel_on_disconnect") {
		return forbidden("the relay keeps cancel-on-disconnect armed for all bots");
	}
	return forbidden("the relay does not hand out or change keys and tokens of the account");
}
