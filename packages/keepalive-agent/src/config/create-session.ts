import type { Agent } from "node:https";
import { type DeribitConnection, DeribitCredits, deribitDefaults } from "@x/deribit-session";
import {
	createIbkrPacing,
	type IbkrHttpOptions,
	type IbkrPacing,
	type IbkrPenaltyBox,
	ibkrDefaults,
	ibkrProcessPenaltyBox,
} from "@x/ibkr-session";
import type { Session } from "@x/keepalive";
import { bybit } from "@x/keepalive/bybit";
import { cancelEarlierEpochs, deribit } from "@x/keepalive/deribit";
import { type IbkrLayers, type IbkrSession, ibkr, ibkrSessionDefaults } from "@x/keepalive/ibkr";
import { venueSocket } from "../relay/deribit/venue-socket.ts";
import { PathLimits } from "../relay/ibkr/path-rate-limits.ts";
import type { BybitConfig, Config, DeribitConfig, IbkrConfig, SessionConfig } from "./config.ts";
import { gatewayFetchOf, type IbkrLogin, ibkrLoginOf } from "./ibkr-login.ts";

/** A session, with further members that the agent reads. */
export interface AgentSession extends Session {
	/** Warnings about options that are allowed but unwise, and about shortcomings of the current connection. */
	readonly warnings: readonly string[];
	/** How long orders stay in the book after the process or its network dies. Missing if the venue has no protection. */
	readonly exposure?: { readonly processDeathMs: number; readonly networkDeathMs: number };
	/** IBKR only: the state of each layer of the session (gateway, login, brokerage session, WebSocket). */
	readonly layers?: IbkrLayers;
	/** IBKR only: asks the venue whether the session is alive. */
	check?(): Promise<boolean>;
	/** IBKR only: what the relay needs to send calls of bots in the session. Missing without a relay. */
	readonly botCalls?: IbkrBotCalls;
	/** Closes the connections that the agent made for the session, once the session is closed. */
	release?(): void;
}

/**
 * What the relay needs to send the calls of bots in a session at IBKR. Those calls share the session's authorization, its rate limits and
 * its penalty box. The penalty box holds the time until which the venue blocks this machine's address.
 */
export interface IbkrBotCalls {
	readonly mode: IbkrLogin["mode"];
	/**
	 * The options of the session's client, but with a `fetch` that has connections of its own. So the calls of bots do not use up the
	 * connections that the session's beats need.
	 */
	readonly client: IbkrHttpOptions & {
		readonly baseUrl: string;
		readonly pacing: IbkrPacing;
		readonly penaltyBox: IbkrPenaltyBox;
	};
	/** How many calls per second the venue allows in total, whatever their kinds. */
	readonly callsPerSecond: number;
	/** The rate limits that apply only to certain paths of the API. */
	readonly pathLimits: PathLimits;
	/** The interval between two tickles (keep-alive calls) of the session, in milliseconds. */
	readonly tickleMs: number;
	/** The HTTPS agent that trusts the gateway's certificate; undefined when no certificate is configured. */
	readonly agent?: Agent;
	/** The access token that a WebSocket sends; undefined without OAuth. */
	readonly token?: IbkrLogin["token"];
}

/** Called before a session at Deribit uses a new connection, with the session's name and that connection. */
export type OnDeribitOpen = (
	session: string,
	opened: { readonly handle: DeribitConnection; readonly signal: AbortSignal },
) => unknown;

/** The callback through which sessions give the relay their connections. */
interface ForRelay {
	readonly onDeribitOpen: OnDeribitOpen;
}

/**
 * Returns the epoch of a session, a number that each new leader increases: the epoch in which this process leads or last led the session.
 * Undefined if this process has never led the session.
 */
type EpochOf = (session: string) => number | undefined;

/**
 * Creates the session of each configuration.
 *
 * @param relay - the relay for bots, if there is one.
 * @param epochOf - is used to recognize the orders of earlier leaders, because these orders have to be cancelled.
 * @throws OptionError for the first option that is not allowed.
 */
export function createSessions(sessions: Config["sessions"], relay?: ForRelay, epochOf?: EpochOf): AgentSession[] {
	const create = sessionCreator(relay, epochOf);
	return Object.entries(sessions).map(([name, config]) => create(name, config));
}

/** Returns a function that creates sessions. Sessions with the same API key of Deribit share its rate limit. */
export function sessionCreator(
	relay?: ForRelay,
	epochOf?: EpochOf,
): (name: string, config: SessionConfig) => AgentSession {
	const credits = new Map<string, DeribitCredits>();
	return (name, config) => {
		switch (config.venue) {
			case "deribit":
				return deribit({
					...withRelay(deribitOptions(name, config, credits), relay),
					...onDeribitOpen(name, config, relay, epochOf),
				});
			case "bybit":
				return bybit(bybitOptions(name, config));
			case "ibkr": {
				const login = ibkrLoginOf(config);
				const options = ibkrOptions(name, config, login);
				const bots = relay && ibkrBotCalls(config, options, login);
				const release = (): void => {
					login.close?.();
					bots?.close?.();
				};
				const session = ibkr(options);
				return Object.assign(bots ? withBotCalls(session, bots.botCalls) : session, { release });
			}
		}
	};
}

function withRelay(options: ReturnType<typeof deribitOptions>, relay: ForRelay | undefined) {
	return relay ? { ...options, client: { ...options.client, WebSocket: venueSocket } } : options;
}

/**
 * Returns the option `onOpen` if a relay or `orderLabel` needs this callback; otherwise no option. A session with this callback opens
 * later: after the callback it reads the protection back once more, because the callback could have switched it off.
 */
function onDeribitOpen(
	name: string,
	{ orderLabel }: DeribitConfig,
	relay: ForRelay | undefined,
	epochOf: EpochOf | undefined,
): { onOpen?: (opened: Parameters<OnDeribitOpen>[1]) => Promise<void> } {
	if (orderLabel === undefined && !relay) return {};
	return {
		onOpen: async (opened) => {
			const { handle, signal } = opened;
			if (orderLabel !== undefined) {
				await cancelEarlierEpochs(handle, { name: orderLabel, epoch: epochOf?.(name), signal });
			}
			await relay?.onDeribitOpen(name, opened);
		},
	};
}

/** Returns the key of a session's rate limit: sessions with the same key share the venue's limits. */
export const deribitKeyOf = ({ url, credentials }: DeribitConfig["client"]): string =>
	`${url ?? deribitDefaults.url} ${credentials.clientId}`;

/** The options of a session at Deribit. */
export function deribitOptions(
	name: string,
	{ venue: _, leader: _leader, orderLabel: _orderLabel, client, ...options }: DeribitConfig,
	shared = new Map<string, DeribitCredits>(),
) {
	const key = deribitKeyOf(client);
	const credits = shared.get(key) ?? new DeribitCredits();
	shared.set(key, credits);
	return { ...options, name, client: { ...client, credits } };
}

/** The options of a session at Bybit. */
export function bybitOptions(name: string, { venue: _, leader: _leader, ...options }: BybitConfig) {
	return { ...options, name };
}

/** The options of a session at IBKR. */
export function ibkrOptions(name: string, config: IbkrConfig, login: IbkrLogin) {
	const { venue: _, leader: _leader, gateway: _gateway, oauth1: _oauth1, oauth2: _oauth2, ...rest } = config;
	const { client, socket, ...options } = rest;
	const { mode, renew, token, close: _close, ...wire } = login;
	const settings = typeof socket === "object" ? socket : {};
	return {
		...options,
		name,
		mode,
		client: { ...client, ...wire, pacing: createIbkrPacing({ callsPerSecond: callsPerSecond(mode) }) },
		...(renew && { renew }),
		...(socket && { socket: { ...settings, ...(token && { token }) } }),
	};
}

/** How many calls per second the venue allows in total: per gateway or, with OAuth, per user. */
const callsPerSecond = (mode: IbkrLogin["mode"]): number =>
	ibkrDefaults[mode === "gateway" ? "callsPerSecond" : "oauthCallsPerSecond"];

/** Adds `botCalls` to a session. From then on, the used rate limits that the session reports include what bots have used. */
function withBotCalls(session: IbkrSession, botCalls: IbkrBotCalls) {
	const { pathLimits } = botCalls;
	const usedLimits = session.usedLimits.bind(session);
	const inheritLimits = session.inheritLimits.bind(session);
	const attach = session.attach.bind(session);
	const limits: Required<Pick<Session, "usedLimits" | "inheritLimits" | "attach">> = {
		usedLimits: () => ({ ...usedLimits(), ...pathLimits.used }),
		inheritLimits(used, wasKilled) {
			pathLimits.inherit(used, wasKilled);
			return inheritLimits(used, wasKilled);
		},
		attach(host) {
			pathLimits.attach(() => host.limitsUsed?.());
			return attach(host);
		},
	};
	return Object.assign(session, { botCalls, ...limits });
}

function ibkrBotCalls(
	config: IbkrConfig,
	{ mode, client }: ReturnType<typeof ibkrOptions>,
	{ token }: IbkrLogin,
): { readonly botCalls: IbkrBotCalls; readonly close?: () => void } {
	const baseUrl = config.client?.baseUrl ?? ibkrDefaults[mode === "gateway" ? "baseUrl" : "oauthBaseUrl"];
	const fetch = gatewayFetchOf(config);
	// No call may wait in the HTTP agent: it would be sent long after its session was checked. The relay itself limits the calls.
	if (fetch) fetch.agent.maxSockets = Number.POSITIVE_INFINITY;
	const botCalls: IbkrBotCalls = {
		mode,
		client: {
			...client,
			baseUrl: String(baseUrl).replace(/\/+$/, ""),
			// Bots and the session share one penalty box, because the calls of both come from this machine's address, which the venue blocks.
			penaltyBox: ibkrProcessPenaltyBox,
			...(fetch && { fetch }),
		},
		callsPerSecond: callsPerSecond(mode),
		pathLimits: new PathLimits(),
		tickleMs: config.tickleMs ?? ibkrSessionDefaults.tickleMs,
		...(fetch && { agent: fetch.agent }),
		...(token && { token }),
	};
	return { botCalls, ...(fetch && { close: () => fetch.close() }) };
}
