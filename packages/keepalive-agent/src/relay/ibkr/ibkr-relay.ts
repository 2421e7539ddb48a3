import { after, monotonicMs, sleep, withDeadline } from "@x/base/clock";
import { readBody } from "@x/base/read-body";
import { createIbkrFetch, ibkrDefaults, isIbkrError } from "@x/ibkr-session";
import { deniesSession, withoutSessionIds } from "@x/ibkr-session/relay";
import type { StatusRecord } from "@x/keepalive";
import { statusText } from "../../agent/session-view.ts";
import type { IbkrBotCalls } from "../../config/create-session.ts";
import { type Bot, Bots } from "../bot-tokens.ts";
import { anonymous, type RelayConfig } from "../relay-config.ts";
import type { RelayLog } from "../relay-log.ts";
import { knownAnswer, sessionIdIn, shownAnswer, withLocalSession } from "./answer-session-calls.ts";
import { callKind, isPlain, type SessionCall } from "./call-kind.ts";
import { CallQueue, type Turn } from "./call-queue.ts";
import {
	type Answer,
	blockedUntil,
	failed,
	loginNeeded,
	noClient,
	notAlive,
	notPlain,
	pathIsFreeIn,
	refusal,
	tooLongReply,
	tooManyWaiting,
	waitedTooLong,
	wrongSessionMethod,
} from "./refusals.ts";
import type { RelayedSocket } from "./relayed-socket.ts";

/** The members of an IBKR session that the relay uses. */
export interface RelayedIbkrSession {
	readonly name: string;
	/** What the relay needs to call the venue; undefined until the session is made. */
	readonly botCalls: IbkrBotCalls | undefined;
	readonly isOpen: boolean;
	/**
	 * The status of the session right now. If a deadline has expired since the last status record, this status already says so. Undefined
	 * until the sessions are running.
	 */
	current(): Pick<StatusRecord, "status" | "tally"> | undefined;
	/** Asks the venue whether the session is alive. Never throws. */
	check(): Promise<boolean>;
}

/** A call of a bot. */
export interface BotCall {
	readonly bot: Bot;
	readonly method: string;
	/** The path below `/v1/api`, from its slash on. */
	readonly path: string;
	/** The query from its question mark on; empty if there is none. */
	readonly query: string;
	readonly body: Buffer;
	readonly contentType: string | undefined;
	/** Aborts when the bot no longer waits for the answer. */
	readonly signal: AbortSignal;
}

interface SendOptions {
	/** Whether the call is an order, which is sent only while the session is alive. */
	readonly isOrder?: boolean;
	/** The name under which the call waits in the queue. Default: the name of its bot. */
	readonly inTurnOf?: string;
}

/** The name under which calls of the relay itself wait in the queue. No bot can have this name. */
const relayItself = anonymous;
/** A reply with more bytes than this is not passed on. */
const maxReplyBytes = 4_000_000;
/** The default deadline of a call in a session's client. IBKR itself gives up after 10,000 ms. */
const { callTimeoutMs } = ibkrDefaults;
/**
 * If the venue refuses a read as not authenticated, the relay waits at most this many milliseconds until the session is alive again.
 */
const aliveWithinMs = 10_000;
const aliveEveryMs = 50;
/** After a check has found the session alive, no new check is made for this many milliseconds. */
const checkAgainMs = 2_000;

/** Passes the calls of bots on to IBKR, in the session that the agent keeps alive. */
export class IbkrRelay {
	readonly session: RelayedIbkrSession;
	readonly bots: Bots;
	readonly log: RelayLog;
	readonly sockets = new Set<RelayedSocket>();
	#queue: CallQueue | undefined;
	/** The calls about the session that have no answer yet. Bots that make the same call meanwhile get the same answer. */
	readonly #asked = new Map<string, Promise<Answer>>();
	#check: Promise<boolean> | undefined;

	constructor(session: RelayedIbkrSession, config: RelayConfig, log: RelayLog) {
		this.session = session;
		this.bots = new Bots(config.bots, session.name);
		this.log = log;
	}

	/** How many open WebSockets each bot has. */
	get clientCounts(): ReadonlyMap<string, number> {
		const counts = new Map([...this.bots.names, anonymous].map((name) => [name, 0]));
		for (const { bot } of this.sockets) counts.set(bot.name, (counts.get(bot.name) ?? 0) + 1);
		return counts;
	}

	/** Passes a call on, answers it itself, or refuses it. Never throws. */
	async answer(call: BotCall): Promise<Answer> {
		const answer = await this.#answer(call);
		if (answer.refused !== undefined) {
			this.countRefusal(call.bot.name, answer.refused);
			return answer;
		}
		const hidden = { ...answer, body: withoutSessionIds(answer.body) };
		// Libraries open their WebSocket with the session id from a tickle, so the bot gets an id of its own, by which the relay knows the bot.
		const isTickle = call.path.toLowerCase() === "/tickle";
		return isTickle ? withLocalSession(hidden, this.bots.tokensFor(call.bot).access_token) : hidden;
	}

	/** Reads the venue's id of the session, for a WebSocket. @throws Error that says why there is none. */
	async sessionId(bot: Bot, signal: AbortSignal): Promise<string> {
		const tickle = { bot, method: "POST", path: "/tickle", query: "", body: Buffer.alloc(0), contentType: undefined };
		const { answer } = await this.#send({ ...tickle, signal });
		const id = answer.refused === undefined ? sessionIdIn(answer.body) : undefined;
		if (id === undefined) throw new Error("IBKR's answer to a tickle has no session id");
		return id;
	}

	countRefusal(bot: string, reason: NonNullable<Answer["refused"]>): void {
		this.log.count({ what: "refused", session: this.session.name, bot, reason });
	}

	async #answer(call: BotCall): Promise<Answer> {
		const { method, path, query } = call;
		if (!isPlain(path, query)) return notPlain;
		const kind = callKind(method, path);
		switch (kind.kind) {
			case "refused":
				return refusal(403, "not-allowed", `refused by the relay: ${kind.reason}`);
			case "wrong-method":
				return wrongSessionMethod;
			case "session":
				return this.#answerSessionCall(kind.call, call);
			case "order": {
				const why = this.notAliveReason();
				return why === undefined ? this.#pass(call, { isOrder: true }) : notAlive(why);
			}
			case "read":
				return this.#passRead(call);
			default:
				return this.#pass(call);
		}
	}

	/**
	 * Answers a call about the session from the last known status, if that is recent. Otherwise asks the venue once, for all bots that ask
	 * meanwhile.
	 */
	async #answerSessionCall(name: SessionCall, call: BotCall): Promise<Answer> {
		const record = this.session.current();
		const { botCalls } = this.session;
		const known = record && botCalls && knownAnswer(name, record, botCalls.tickleMs);
		if (known) return known;
		const key = `${call.method} ${name}`;
		const pending = this.#asked.get(key);
		if (pending) return pending;
		// The call is not aborted when this bot has disconnected, because other bots may wait for the same answer.
		const { signal } = new AbortController();
		const asked = this.#passRead({ ...call, query: "", body: Buffer.alloc(0), signal }, { inTurnOf: relayItself })
			.then((answer) => shownAnswer(name, answer))
			.finally(() => this.#asked.delete(key));
		this.#asked.set(key, asked);
		return asked;
	}

	/** Sends a read. If the venue answers that there is no session, repeats the read once, provided that the session is alive again soon. */
	async #passRead(call: BotCall, options?: SendOptions): Promise<Answer> {
		const first = await this.#send(call, options);
		if (!first.isDenied) return first.answer;
		if (!(await this.#isAliveSoon(call.signal))) return first.answer;
		return (await this.#send(call, options)).answer;
	}

	/** Sends a call that may have an effect. It is never repeated. */
	async #pass(call: BotCall, options?: SendOptions): Promise<Answer> {
		const { answer, isDenied } = await this.#send(call, options);
		if (isDenied) void this.#checkSession();
		return answer;
	}

	/** Asks the venue whether the session is alive. Concurrent callers share one check. */
	#checkSession(): Promise<boolean> {
		this.#check ??= this.session.check().then((isAlive) => {
			const forget = (): void => {
				this.#check = undefined;
			};
			if (isAlive) after(checkAgainMs, forget);
			else forget();
			return isAlive;
		});
		return this.#check;
	}

	async #isAliveSoon(signal: AbortSignal): Promise<boolean> {
		if (await this.#checkSession()) return true;
		const until = monotonicMs() + aliveWithinMs;
		while (this.notAliveReason() !== undefined) {
			if (signal.aborted || monotonicMs() >= until) return false;
			await sleep(aliveEveryMs, signal);
		}
		return !signal.aborted;
	}

	/**
	 * The reason why no order may be sent right now; undefined while the session is alive. An order at IBKR needs only a session that is
	 * alive, because IBKR has no protection that could be armed.
	 */
	notAliveReason(): string | undefined {
		const record = this.session.current();
		if (!record) return "it is starting";
		return record.status.state === "alive" ? undefined : statusText({ ...record.status });
	}

	/**
	 * Whether the relay may sign a call. At a gateway it always may, because calls need no signature there. With OAuth it may only while the
	 * session is open: signing a call could create a token, and only the keeper may create one.
	 */
	get mayAuthorize(): boolean {
		const { botCalls, isOpen } = this.session;
		return botCalls?.mode === "gateway" || isOpen;
	}

	async #send(
		call: BotCall,
		{ isOrder = false, inTurnOf = call.bot.name }: SendOptions = {},
	): Promise<{ readonly answer: Answer; readonly isDenied: boolean }> {
		const own = (answer: Answer) => ({ answer, isDenied: false });
		const { botCalls } = this.session;
		const closed = () => own(noClient(this.notAliveReason() ?? "it is being opened"));
		if (!botCalls || !this.mayAuthorize) return closed();
		const { client, callsPerSecond, pathLimits } = botCalls;
		const blocked = client.penaltyBox.blockedUntil;
		if (blocked !== undefined) return own(blockedUntil(blocked));
		this.#queue ??= new CallQueue(client.pacing, callsPerSecond, pathLimits);
		const turn = await this.#queue.acquire(inTurnOf, call.method, call.path, call.signal);
		if (turn === "too-many") return own(tooManyWaiting);
		if (typeof turn === "string") return own(waitedTooLong);
		if ("freeInMs" in turn) return own(pathIsFreeIn(turn.freeInMs));
		try {
			if (!this.mayAuthorize) return closed();
			const deadline = {
				ms: client.callTimeoutMs ?? callTimeoutMs,
				// A call that may have an effect is not aborted when its bot has disconnected, because its outcome would then be unknown.
				signal: call.method === "GET" ? call.signal : undefined,
				onTimeout: () => new NoReply("no reply in time"),
			};
			return await withDeadline(deadline, (cut) => this.#exchange(call, botCalls, turn, isOrder, cut));
		} catch (error) {
			if (error instanceof NotAlive) return own(notAlive(error.message));
			if (isIbkrError(error) && error.kind === "authorize" && !this.mayAuthorize) return closed();
			return own(failed(error, call.method === "GET", error instanceof NoReply));
		} finally {
			turn.end();
		}
	}

	async #exchange(
		{ bot, method, path, query, body, contentType }: BotCall,
		{ client }: IbkrBotCalls,
		{ reservation }: Turn,
		isOrder: boolean,
		signal: AbortSignal,
	) {
		const send: typeof fetch = (input, init) => {
			signal.throwIfAborted();
			// Whether the session is alive is checked last, after everything that may wait, such as the request for a new token.
			const why = isOrder ? this.notAliveReason() : undefined;
			if (why !== undefined) throw new NotAlive(why);
			this.log.count({ what: "forwarded", session: this.session.name, bot: bot.name });
			return (client.fetch ?? fetch)(input, init);
		};
		const { authorize } = client;
		const authorizeOpen: typeof authorize = (request) => {
			if (!this.mayAuthorize) throw new Error("the session was closed");
			return authorize?.(request) ?? {};
		};
		const fetchOwn = createIbkrFetch({
			...client,
			fetch: send,
			...(authorize && { authorize: authorizeOpen }),
			pacing: { tryAcquire: () => reservation },
		});
		const response = await fetchOwn(new URL(`${client.baseUrl}${path}${query}`).href, {
			method,
			headers: { accept: "*/*", ...(contentType !== undefined && { "content-type": contentType }) },
			signal,
			// Without a body the member `body` must be missing, because an empty body would add a Content-Type.
			...(body.length > 0 && method !== "GET" && { body: new Uint8Array(body) }),
		});
		const { status, headers } = response;
		const { text, isCut } = await readBody(response, { signal, maxBytes: maxReplyBytes });
		if (isCut) return { answer: tooLongReply, isDenied: false };
		const isDenied = deniesSession({ path, status, location: headers.get("location"), body: text });
		if (status >= 300 && status < 400) return { answer: loginNeeded, isDenied };
		const contentTypeOfReply = headers.get("content-type") ?? undefined;
		return { answer: { status, contentType: contentTypeOfReply, body: text }, isDenied };
	}
}

/** Thrown when the session was lost while an order waited to be sent. */
class NotAlive extends Error {}

/** Thrown when the venue did not reply within the deadline. */
class NoReply extends Error {}
