import { type DeribitConnection, isDeribitError } from "@x/deribit-session";
import {
	listenToNotifications,
	type PlacedOrders,
	type RelayedNotification,
	rateLimitOf,
	relayCall,
} from "@x/deribit-session/relay";
import { type Bot, Bots } from "../bots.ts";
import { FairShare } from "../fair-share.ts";
import { anonymous, type RelayConfig } from "../relay-config.ts";
import type { RelayLog } from "../relay-log.ts";
import type { BotSocket } from "./bot-socket.ts";
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
} from "./errors.ts";
import { type MethodKind, methodKind } from "./method-kind.ts";
import { OrdersLeft } from "./orders-left.ts";
import { LocalReplies, type RpcRequest, withId } from "./rpc.ts";
import { SharedChannels } from "./shared-channels.ts";

/** A session at Deribit, as far as the relay uses it. */
export interface RelayedSession {
	readonly name: string;
	readonly handle: DeribitConnection | undefined;
	/** @throws Error that says why it is not armed. */
	requireArmed(): DeribitConnection;
}

/** Who makes a call: a WebSocket, or an HTTP request. */
export interface Caller {
	readonly bot: Bot | undefined;
	/** The orders placed by it. */
	readonly orders?: PlacedOrders;
}

/** Gets the whole text of a reply, and whether it is an error. */
export type Reply = (text: string, isError: boolean) => void;

/** Part of the limit of the matching engine that only cancels may spend. */
const keptForCancels = 0.25;
/** Longer than clients wait. */
const callTimeoutMs = 30_000;

/** Passes the calls of bots on over the guarded connection of one session. */
export class DeribitRelay {
	readonly session: RelayedSession;
	readonly bots: Bots;
	readonly replies: LocalReplies;
	readonly log: RelayLog;
	readonly channels = new SharedChannels<BotSocket>();
	readonly #clients = new Set<BotSocket>();
	/** The bots' shares of the limit of the matching engine. */
	readonly #orderShare: FairShare;
	/** Those of each other rate limit, by the name of the venue's pool of credits. */
	readonly #shares = new Map<string, FairShare>();
	#connection: DeribitConnection | undefined;
	#callId = 0;
	/** By bot. */
	readonly #counters = {
		forwarded: new Map<string, { count: number }>(),
		notified: new Map<string, { count: number }>(),
	};

	/**
	 * @param isTestnet - what the venue says of itself in its replies.
	 * @param orderShare - made by {@link orderShareOf}. Default: for this session alone.
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
	 * To be called with each new guarded connection, before it is used. Resolves once the subscriptions of the clients that have stayed
	 * are there again.
	 *
	 * @throws DeribitError when they cannot be had for now.
	 */
	async onOpen(connection: DeribitConnection, signal: AbortSignal): Promise<void> {
		// A dead line: the client gives the earlier connection up at once, and it ends seconds later.
		if (this.#connection) this.#onConnectionEnd(this.#connection);
		this.#connection = connection;
		listenToNotifications(connection, (notification, text) => safely(() => this.#onNotification(notification, text)));
		const onEnd = (): void => {
			// The calls that wait are failed first.
			queueMicrotask(() => this.#onConnectionEnd(connection));
		};
		if (connection.ended.aborted) onEnd();
		else connection.ended.addEventListener("abort", onEnd, { once: true });
		await this.#restoreChannels(connection, signal);
	}

	/** How many connections each bot has. */
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

	/** The guarded connection, armed or not. */
	get connection(): DeribitConnection | undefined {
		return this.session.handle;
	}

	/**
	 * Passes a call on, or refuses it.
	 *
	 * @param reply - called once, with the whole reply. For a caller that has gone it does nothing.
	 */
	pass(caller: Caller, request: RpcRequest, reply: Reply): void {
		const kind = methodKind(request.method);
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
	 * Sends a call over the guarded connection: an order only while that is proved to be armed.
	 *
	 * @param onReply - gets the venue's reply, with the connection's own id.
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
		// From here to the call nothing may wait: what is armed now may not be armed later.
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

	/** The relay itself has closed a client. */
	remove(client: BotSocket): void {
		this.#clients.delete(client);
		const held = this.#releaseAll(client);
		const { connection } = this;
		if (connection) this.unsubscribeOrphans(held, connection);
	}

	/** A client has gone. @param isGoodbye - it has logged out, so its orders stay. */
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

	/** In the background: without credits the channels stay until the connection ends, and nobody gets them. */
	unsubscribeOrphans(channels: readonly string[], connection: DeribitConnection): void {
		const orphans = this.channels.orphans(channels, connection);
		if (orphans.length === 0) return;
		const onEnd = (): void => this.resubscribe(orphans, connection);
		// It may have waited for credits, and a client may have joined meanwhile.
		void connection.unsubscribe(orphans).then(onEnd, onEnd);
	}

	/** In the background: subscribes again to those that somebody holds. Without them their holders are closed, and can begin again. */
	resubscribe(channels: readonly string[], connection: DeribitConnection): void {
		const lost = (): readonly string[] =>
			channels.filter((channel) => this.channels.holdersOf(channel) && !connection.isSubscribed(channel));
		if (lost().length === 0) return;
		void connection.subscribe(lost(), { timeoutMs: callTimeoutMs }).catch(() => {
			// They were told already.
			if (connection.ended.aborted) return;
			for (const client of new Set(lost().flatMap((channel) => [...(this.channels.holdersOf(channel) ?? [])]))) {
				client.onSubscriptionLost();
			}
		});
	}

	/** Takes one call of the matching engine for the relay itself; false when none is left right now. */
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
		// What clients have over a later one is not touched.
		if (this.#connection !== connection) return;
		this.#connection = undefined;
		const { reason } = connection.ended;
		const why = reason instanceof Error ? reason.message : "it was given up";
		for (const client of [...this.#clients]) {
			// A client that is closed needs no subscriptions over the next connection.
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

/** The bots' shares of the limit of the matching engine. It is of an account: sessions of the same one have one share. */
export function orderShareOf({ bots, orderRate }: RelayConfig, sessions: readonly string[]): FairShare {
	const ofSessions = Object.entries(bots).filter(([, bot]) => bot.sessions.some((name) => sessions.includes(name)));
	return new FairShare([...ofSessions.map(([name]) => name), anonymous], () => orderRate, keptForCancels);
}

/** For what runs inside the events of the guarded connection: an exception there would end it. */
function safely(action: () => void): void {
	try {
		action();
	} catch {
		// The client gets no reply. Its calls have deadlines of their own.
	}
}

const nameOf = ({ bot }: Caller): string => bot?.name ?? anonymous;

function refusedBecause(method: string): Refusal {
	if (method === "private/disable_cancel_on_disconnect") {
		return forbidden("the relay keeps cancel-on-disconnect armed for all bots");
	}
	return forbidden("the relay does not hand out or change keys and tokens of the account");
}
