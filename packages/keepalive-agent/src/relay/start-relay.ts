import { randomUUID } from "node:crypto";
import { deribitDefaults } from "@x/deribit-session";
import type { StatusRecord } from "@x/keepalive";
import type { Config, SessionConfig } from "../config/config.ts";
import { type AgentSession, deribitKeyOf, type OnDeribitOpen } from "../config/create-session.ts";
import { DeribitRelay, orderShareOf, type RelayedSession } from "./deribit/deribit-relay.ts";
import { IbkrRelay, type RelayedIbkrSession } from "./ibkr/ibkr-relay.ts";
import type { RelayConfig } from "./relay-config.ts";
import { type RelayEvent, type RelayLabels, RelayLog } from "./relay-log.ts";
import { RelayServer } from "./relay-server.ts";
import type { FairShare } from "./share-rate-limit.ts";

/** What the relay, which runs in the session thread, reports to the main thread. Plain data. */
export interface RelayReport {
	/** A random id of this start of the relay. Each worker thread starts a relay of its own, with another id. */
	readonly start: string;
	readonly port: number;
	readonly counts: readonly { readonly labels: RelayLabels; readonly count: number }[];
	readonly clients: readonly { readonly session: string; readonly bot: string; readonly count: number }[];
	/** The events after the last event that the main thread knows. Their ids increase. */
	readonly events: readonly { readonly id: number; readonly event: RelayEvent }[];
}

/** The part of a keeper (the object that runs the sessions) that the relay uses. */
interface KnownStatuses {
	current(session: string): Pick<StatusRecord, "status" | "tally">;
}

/** The relays of all sessions of a configuration. */
export interface Relay {
	/** Has to be called with each new Deribit connection. `createSessions` makes these calls. */
	readonly onDeribitOpen: OnDeribitOpen;
	/** Sets the sessions. Has to be called once they are made. */
	use(sessions: readonly AgentSession[]): void;
	/** Sets the keeper that runs the sessions. */
	watch(keeper: KnownStatuses): void;
	/** @param after - the id of the last event that the caller knows. */
	report(after: number): RelayReport;
	/** Ends every connection and stops listening. */
	close(): Promise<void>;
}

/**
 * Listens at the port, and passes the calls of bots on in the sessions at Deribit and IBKR.
 *
 * @throws Error of Node.js, with its `code`, if the relay cannot listen at the port.
 */
export async function startRelay(config: RelayConfig, configs: Config["sessions"]): Promise<Relay> {
	const log = new RelayLog();
	const start = randomUUID();
	const known = new Map<string, AgentSession>();
	let keeper: KnownStatuses | undefined;
	const deribit = new Map<string, DeribitRelay>();
	const ibkr = new Map<string, IbkrRelay>();
	const orderShares = orderSharesOf(config, configs);
	for (const [name, session] of Object.entries(configs)) {
		if (session.venue === "deribit") {
			const orderShare = orderShares.get(deribitKeyOf(session.client));
			deribit.set(name, new DeribitRelay(laterSession(name, known), config, isTestnet(session), log, orderShare));
		} else if (session.venue === "ibkr") {
			ibkr.set(
				name,
				new IbkrRelay(
					laterIbkrSession(name, known, () => keeper),
					config,
					log,
				),
			);
		}
	}
	const server = await RelayServer.listen(config.port, { deribit, ibkr });
	return {
		onDeribitOpen: (name, { handle, signal }) => deribit.get(name)?.onOpen(handle, signal),
		use(sessions) {
			for (const session of sessions) known.set(session.name, session);
		},
		watch(statuses) {
			keeper = statuses;
		},
		report: (after) => ({
			start,
			port: server.port,
			counts: log.counts,
			clients: [...deribit, ...ibkr].flatMap(([session, relay]) =>
				[...relay.clientCounts].map(([bot, count]) => ({ session, bot, count })),
			),
			events: log.after(after),
		}),
		close: () => server.close(),
	};
}

/** Makes the bots' shares of the order rate limit, by the API key at Deribit. */
function orderSharesOf(config: RelayConfig, configs: Config["sessions"]): ReadonlyMap<string, FairShare> {
	const sessions = new Map<string, string[]>();
	for (const [name, session] of Object.entries(configs)) {
		if (session.venue !== "deribit") continue;
		const key = deribitKeyOf(session.client);
		sessions.set(key, [...(sessions.get(key) ?? []), name]);
	}
	return new Map([...sessions].map(([key, names]) => [key, orderShareOf(config, names)]));
}

/** Returns a stand-in for a session, because the relay is created before its sessions. */
function laterSession(name: string, known: ReadonlyMap<string, AgentSession>): RelayedSession {
	// The cast is safe: a session whose configuration is for Deribit is a Deribit session.
	const session = () => known.get(name) as unknown as RelayedSession | undefined;
	return {
		name,
		get handle() {
			return session()?.handle;
		},
		requireArmed() {
			const found = session();
			if (!found) throw new Error("the session is starting");
			return found.requireArmed();
		},
	};
}

function laterIbkrSession(
	name: string,
	known: ReadonlyMap<string, AgentSession>,
	keeper: () => KnownStatuses | undefined,
): RelayedIbkrSession {
	return {
		name,
		get botCalls() {
			return known.get(name)?.botCalls;
		},
		get isOpen() {
			return known.get(name)?.handle !== undefined;
		},
		current: () => keeper()?.current(name),
		check: async () => (await known.get(name)?.check?.()) ?? false,
	};
}

function isTestnet({ client }: Extract<SessionConfig, { readonly venue: "deribit" }>): boolean {
	return new URL(client.url ?? deribitDefaults.url).hostname !== new URL(deribitDefaults.url).hostname;
}
