import { randomUUID } from "node:crypto";
import { deribitDefaults } from "@x/deribit-session";
import type { StatusRecord } from "@x/keepalive";
import type { Config, SessionConfig } from "../config/config.ts";
import { type AgentSession, deribitKeyOf, type OnDeribitOpen } from "../config/create-session.ts";
import { DeribitRelay, orderShareOf, type RelayedSession } from "./deribit/deribit-relay.ts";
import type { FairShare } from "./fair-share.ts";
import { IbkrRelay, type RelayedIbkrSession } from "./ibkr/ibkr-relay.ts";
import type { RelayConfig } from "./relay-config.ts";
import { type RelayEvent, type RelayLabels, RelayLog } from "./relay-log.ts";
import { RelayServer } from "./relay-server.ts";

/** What the thread of the relay tells the other one. Plain data. */
export interface RelayReport {
	/** Another one for each worker. */
	readonly start: string;
	readonly port: number;
	readonly counts: readonly { readonly labels: RelayLabels; readonly count: number }[];
	readonly clients: readonly { readonly session: string; readonly bot: string; readonly count: number }[];
	/** The new events, with ids that grow. */
	readonly events: readonly { readonly id: number; readonly event: RelayEvent }[];
}

/** What the relay asks of a keeper. */
interface KnownStatuses {
	current(session: string): Pick<StatusRecord, "status" | "tally">;
}

/** The relays of a configuration. */
export interface Relay {
	/** See `createSessions`. */
	readonly onDeribitOpen: OnDeribitOpen;
	/** The sessions, once they are made. */
	use(sessions: readonly AgentSession[]): void;
	/** The keeper that runs them. */
	watch(keeper: KnownStatuses): void;
	/** @param after - the id of the last event that is known. */
	report(after: number): RelayReport;
	/** Ends every connection and gives the port back. */
	close(): Promise<void>;
}

/**
 * Takes the port and relays bots over the sessions at Deribit and in those at IBKR.
 *
 * @throws Error of Node.js, with its `code`, when the port cannot be had.
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

/** By key at Deribit. */
function orderSharesOf(config: RelayConfig, configs: Config["sessions"]): ReadonlyMap<string, FairShare> {
	const sessions = new Map<string, string[]>();
	for (const [name, session] of Object.entries(configs)) {
		if (session.venue !== "deribit") continue;
		const key = deribitKeyOf(session.client);
		sessions.set(key, [...(sessions.get(key) ?? []), name]);
	}
	return new Map([...sessions].map(([key, names]) => [key, orderShareOf(config, names)]));
}

/** A session that is made after its relay. */
function laterSession(name: string, known: ReadonlyMap<string, AgentSession>): RelayedSession {
	// The cast: the session of a configuration at Deribit is a session at Deribit.
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
