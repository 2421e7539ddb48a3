import { membersOf } from "../locate-json-members.ts";
import type { BotSocket } from "./bot-socket.ts";
import type { DeribitRelay, Reply } from "./deribit-relay.ts";
import { login } from "./login.ts";
import {
	forbidden,
	invalidParams,
	noConnection,
	notArmed,
	notLoggedIn,
	otherBot,
	type Refusal,
	rateLimited,
} from "./refusals.ts";
import { type RpcRequest, withId } from "./rpc.ts";
import { mustBeginAnew } from "./shared-channels.ts";

/** The shortest heartbeat interval that Deribit accepts, in seconds. */
const minIntervalSeconds = 10;
/** One subscribe call may have at most this many channels. */
const maxChannels = 500;
/**
 * On some channels, Deribit sends a snapshot only right after the subscribe call. When another client joins such a channel, the relay
 * unsubscribes it and subscribes it again, so that the client gets a snapshot. The client waits at most this many milliseconds until the
 * unsubscribe call has ended.
 */
const beginAnewMs = 5_000;

/** Answers a call that concerns the bot's own connection. */
export function answerLocally(client: BotSocket, relay: DeribitRelay, request: RpcRequest, reply: Reply): void {
	const { idText, method, params } = request;
	const answer = (result: unknown): void => reply(relay.replies.result(idText, JSON.stringify(result)), false);
	const refuse = (refusal: Refusal): void => relay.refuse(client, idText, refusal, reply);
	if (method === "public/auth") return void authenticate(client, relay, request, answer, refuse);
	if (method.startsWith("private/") && !client.bot) return void refuse(notLoggedIn);
	switch (method) {
		case "public/set_heartbeat": {
			const { interval } = params;
			if (typeof interval !== "number") return void refuse(invalidParams("interval", "value is required"));
			if (!(interval >= minIntervalSeconds)) {
				return void refuse(invalidParams("interval", `value must be >= ${minIntervalSeconds}`));
			}
			client.heartbeat.set(interval);
			return void answer("ok");
		}
		case "public/disable_heartbeat":
			client.heartbeat.stop();
			return void answer("ok");
		case "private/logout":
			return void client.logout();
		case "private/enable_cancel_on_disconnect": {
			const why = notProtectedBecause(client, relay, params);
			return void (why === undefined ? answer("ok") : refuse(why));
		}
		case "private/get_cancel_on_disconnect": {
			const enabled = notProtectedBecause(client, relay, params) === undefined;
			return void answer({ scope: params["scope"] === "account" ? "account" : "connection", enabled });
		}
		case "public/subscribe":
		case "private/subscribe":
			return void subscribe(client, relay, request, reply, refuse);
		case "public/unsubscribe":
		case "private/unsubscribe": {
			const channels = channelsIn(params);
			if (!channels) return void refuse(invalidParams("channels", "value must be a list"));
			return void answer(end(client, relay, channels));
		}
		default:
			// The last case is public/unsubscribe_all and private/unsubscribe_all: as at the venue, both end all subscriptions.
			end(client, relay, relay.channels.of(client));
			return void answer("ok");
	}
}

function authenticate(
	client: BotSocket,
	relay: DeribitRelay,
	{ params }: RpcRequest,
	answer: (result: unknown) => void,
	refuse: (refusal: Refusal) => void,
): void {
	const scope = permissionsOf(relay);
	const outcome = login(params, relay.bots, scope);
	if ("error" in outcome) return void refuse({ reason: "not-logged-in", error: outcome.error });
	const { bot } = outcome;
	if (client.bot && client.bot.name !== bot.name) {
		return void refuse(otherBot);
	}
	const isNew = client.bot === undefined;
	client.bot = bot;
	if (isNew) {
		relay.log.add({
			session: relay.session.name,
			bot: bot.name,
			event: "connected",
			detail: "logged in over a WebSocket",
		});
	}
	answer(outcome.result);
}

/** The permissions of the agent's API key at Deribit, without the parts that name keys and sessions. */
export function permissionsOf({ connection }: DeribitRelay): string {
	const granted = connection?.authorization?.authScope ?? [];
	return ["connection", ...granted.filter((each) => /^\w+:(read|read_write|none)$/.test(each))].join(" ");
}

/** The reason why cancel-on-disconnect does not protect this bot; undefined if it protects the bot. */
function notProtectedBecause(
	{ bot }: BotSocket,
	{ session }: DeribitRelay,
	{ scope }: Readonly<Record<string, unknown>>,
): Refusal | undefined {
	if (scope === "account") return forbidden("the relay does not change the account's setting");
	if (bot?.ordersOnDisconnect === "keep") {
		return failed("the configuration of the relay keeps this bot's orders when it disconnects");
	}
	try {
		session.requireArmed();
		return undefined;
	} catch (error) {
		return failed(error instanceof Error ? error.message : "the connection is not armed");
	}
}

/** The error that Deribit sends when it could not enable cancel-on-disconnect for a connection. */
function failed(why: string): Refusal {
	return { ...notArmed(why), error: { code: 10049, message: "cancel_on_disconnect_failed", data: { reason: why } } };
}

function channelsIn({ channels }: Readonly<Record<string, unknown>>): readonly string[] | undefined {
	const areNames = Array.isArray(channels) && channels.every((each) => typeof each === "string");
	// The cast is safe: `every` above has checked each element.
	return areNames ? [...new Set(channels as string[])] : undefined;
}

/** Ends the subscriptions of a client to channels. Returns those of the channels to which the client had subscribed. */
function end(client: BotSocket, relay: DeribitRelay, channels: readonly string[]): readonly string[] {
	const ended = channels.filter((channel) => relay.channels.release(channel, client));
	const { connection } = relay;
	if (connection) relay.unsubscribeOrphans(ended, connection);
	return ended;
}

/** Subscribes a client to channels. The venue is asked only for channels that are not subscribed yet, or that need a new snapshot. */
function subscribe(
	client: BotSocket,
	relay: DeribitRelay,
	request: RpcRequest,
	reply: Reply,
	refuse: (refusal: Refusal) => void,
): void {
	const { idText, method, params } = request;
	const channels = channelsIn(params);
	if (!channels) return void refuse(invalidParams("channels", "value must be a list"));
	if (channels.length > maxChannels) return void refuse(invalidParams("channels", "invalid value"));
	const { connection } = relay;
	if (!connection) return void refuse(noConnection);
	const held = channels.filter((channel) => relay.channels.isHeld(channel, client));
	const joined = channels.filter((channel) => connection.isSubscribed(channel) && !held.includes(channel));
	const anew = joined.filter(mustBeginAnew);
	const asked = channels.filter((channel) => !connection.isSubscribed(channel) || anew.includes(channel));
	// The client is registered for the channels before the reply comes, because the first notification may arrive earlier than the reply.
	for (const channel of channels) relay.channels.hold(channel, client);
	const giveUp = (names: readonly string[]): void => {
		const left = names.filter((channel) => !held.includes(channel));
		end(client, relay, left);
	};
	const resultOf = (): string => JSON.stringify(channels.filter((channel) => relay.channels.isHeld(channel, client)));
	if (asked.length === 0) return void reply(relay.replies.result(idText, resultOf()), false);
	const paramsText = JSON.stringify({ channels: asked });
	const onRefused = (refusal: Refusal): void => {
		giveUp(asked);
		// These channels were unsubscribed only to get a snapshot for this client. They are subscribed again for their other clients.
		relay.resubscribe(anew, connection);
		refuse(refusal);
	};
	const begin = (): void =>
		relay.send(
			client,
			{ method, params: { channels: asked }, paramsText },
			"read",
			(text, { result }) => {
				const accepted: ReadonlySet<unknown> = new Set(Array.isArray(result) ? result : []);
				giveUp(asked.filter((channel) => !accepted.has(channel)));
				// If the client has disconnected meanwhile, the new channels may no longer be needed.
				relay.unsubscribeOrphans(asked, connection);
				relay.resubscribe(anew, connection);
				if (result === undefined) return reply(withId(text, idText), true);
				const member = membersOf(text).find(({ key }) => key === "result");
				const whole = member ? text.slice(0, member.start) + resultOf() + text.slice(member.end) : text;
				reply(withId(whole, idText), false);
			},
			onRefused,
		);
	if (anew.length === 0) return void begin();
	const onEnd = (): void => {
		// If a channel is still subscribed, the unsubscribe call was not sent in time. Then the client's call is refused: a subscribe call
		// would bring no snapshot, and the unsubscribe call could still be sent later and end the subscription.
		if (anew.some((channel) => connection.isSubscribed(channel))) onRefused(rateLimited);
		else begin();
	};
	// The subscribe call has to wait for the unsubscribe call, which may itself wait for rate limit credits. In the opposite order, the
	// unsubscribe call would end the new subscription.
	void connection.unsubscribe(anew, { timeoutMs: beginAnewMs }).then(onEnd, onEnd);
}
