import type { Keeper } from "@x/keepalive";
// The classes of the agent are imported from its source files, because its package does not export them.
import { BotSocket } from "../../../keepalive-agent/src/relay/deribit/bot-socket.ts";
import { DeribitRelay, type RelayedSession } from "../../../keepalive-agent/src/relay/deribit/deribit-relay.ts";
import { Turns } from "../../../keepalive-agent/src/relay/limit-frames-per-turn.ts";
import { type RelayConfig, relayConfig } from "../../../keepalive-agent/src/relay/relay-config.ts";
import { type RelayEvent, RelayLog } from "../../../keepalive-agent/src/relay/relay-log.ts";
import { RelayInvariant } from "../invariants/relay-invariant.ts";
import type { Journal } from "../journal.ts";
import type { CheckedSession } from "../program/session-with-invariants.ts";
import { chance } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import { BotWire } from "./bot-connection.ts";
import { type BotReports, DeribitBot, tokenOf } from "./deribit-bot.ts";
import type { SessionBots } from "./session-bots-interface.ts";

const names = ["maker", "taker", "hedger"] as const;
const goingAway = 1001;

/** Bots that trade over the relay of the Deribit session, in the process of the keeper. */
export class DeribitBots implements SessionBots {
	readonly session = "deribit";
	readonly settings: RelayConfig["bots"];
	readonly #config: RelayConfig;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #bots: readonly DeribitBot[];
	#checked: CheckedSession | undefined;
	#invariant: RelayInvariant | undefined;
	/** The relay of the present process. */
	#relay: DeribitRelay | undefined;
	#turns = new Turns();

	constructor(world: World, journal: Journal, random: () => number) {
		this.#world = world;
		this.#journal = journal;
		const given = names.map((name) => [
			name,
			{
				token: tokenOf(name),
				staysConnected: chance(random, 0.3),
				ordersOnDisconnect: chance(random, 0.1) ? ("disconnect" as const) : ("cancel" as const),
			},
		]);
		this.#config = relayConfig({ port: 0, bots: Object.fromEntries(given) }, new Map([["deribit", "deribit"]]));
		this.settings = this.#config.bots;
		const reports: BotReports = {
			violate: (rule, detail) => journal.violate(rule, "deribit", detail),
			died: (orders) => this.#invariant?.died(orders),
			count: (what) => journal.count(what),
		};
		this.#bots = names.map((name) => new DeribitBot(name, world, random, (bot) => this.#connect(bot), reports));
	}

	follow(checked: CheckedSession, keeper: () => Keeper | undefined): void {
		const { setup, watch, traffic } = checked;
		this.#checked = checked;
		const invariant = new RelayInvariant(setup, this.#world, this.#journal, (ms) => watch.isCalmFor(ms));
		this.#invariant = invariant;
		traffic.onFrameSent = (text) => invariant.frameSent(text, () => keeper()?.isArmed(setup.name) ?? false);
	}

	begin(): void {
		for (const bot of this.#bots) bot.work(this.#bots);
	}

	/** Makes the relay of a new process. */
	relayFor(session: RelayedSession): DeribitRelay {
		const log = new WatchedLog((event) => this.#logged(event));
		const relay = new DeribitRelay(session, this.#config, true, log);
		this.#turns = new Turns((run) => this.#world.machine.setTimer(run, 0));
		this.#relay = relay;
		return relay;
	}

	close(): void {
		for (const client of this.#relay?.clients ?? []) client.close(goingAway, "the relay ends");
		this.#relay = undefined;
	}

	processEnded(): void {
		this.#relay = undefined;
		this.#invariant?.processEnded();
		// The operating system closes the connections of the ended process, so the bots notice that their connections have ended.
		for (const bot of this.#bots) bot.onEnd();
	}

	look(): void {
		this.#invariant?.look(() => this.#bots.flatMap(({ orders }) => orders ?? []));
	}

	checkDeadlines(): void {
		this.#invariant?.checkDeadlines();
		for (const bot of this.#bots) bot.checkDeadlines();
	}

	/**
	 * To be called when the session could not open because the relay failed to restore the subscriptions of the bots. The invariants then
	 * tolerate this failure, as they tolerate a fault.
	 */
	failedToOpen(): void {
		this.#markDisturbed();
	}

	#connect(bot: DeribitBot): BotWire | undefined {
		const relay = this.#relay;
		const { machine } = this.#world;
		if (!relay || machine.process.hasEnded) return undefined;
		const wire = new BotWire(this.#world, machine.process, bot);
		const turns = this.#turns;
		machine.deliver(() => void new BotSocket(wire, relay, turns));
		return wire;
	}

	#logged({ event, bot, detail }: Omit<RelayEvent, "at">): void {
		this.#journal.tell("deribit", `relay, ${bot ?? "?"}: ${event}: ${detail}`);
		this.#journal.count(`relay ${event}`);
		if (event !== "connection-ended") return;
		const isAsConfigured = bot !== undefined && this.settings[bot]?.ordersOnDisconnect === "disconnect";
		if (bot !== undefined && !isAsConfigured) this.#invariant?.connectionEnded(bot, detail);
		this.#markDisturbed();
	}

	#markDisturbed(): void {
		const { now } = this.#world;
		this.#checked?.watch.markDisturbed(now);
		this.#checked?.reopen.markOtherFault(now);
	}
}

/** The log of the relay, which also passes each event to a callback at once. */
class WatchedLog extends RelayLog {
	readonly #onEvent: (event: Omit<RelayEvent, "at">) => void;

	constructor(onEvent: (event: Omit<RelayEvent, "at">) => void) {
		super();
		this.#onEvent = onEvent;
	}

	override add(event: Omit<RelayEvent, "at">): void {
		this.#onEvent(event);
		super.add(event);
	}
}
