import type { BotOrders } from "../invariants/relay-invariant.ts";
import { chance, gap, pick } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import type { BotSide, BotWire } from "./bot-connection.ts";

/** A call may take at most this many milliseconds: the relay gives the venue 30 s for its reply. */
const longestAnswerMs = 33_000;
/** The mean time between two bursts of calls of a bot, in milliseconds. */
const meanPauseMs = 40_000;
/** A flooding bot sends this many calls at once. */
const floodSize = 60;
/** Matches the secrets of the venue that no frame to a bot may contain. */
const secret = /sim-deribit-secret/;

/** What a bot reports to the simulation. */
export interface BotReports {
	/** A rule was broken. */
	violate(rule: string, detail: string): void;
	/** A bot has died without a logout or close frame, so that its orders may still be open. */
	died(orders: BotOrders): void;
	count(what: string): void;
}

/** The token with which a bot logs in at the relay. The bot needs no API key of the venue. */
export const tokenOf = (name: string): string => `local-token-of-${name}`;

/**
 * A bot that makes random trades through the relay. It also sends floods, invalid frames, tokens of other bots, and calls that the relay
 * has to refuse. At times it hangs, ends its connection by a logout or a close frame, or dies without either.
 */
export class DeribitBot implements BotSide {
	readonly name: string;
	readonly #world: World;
	readonly #random: () => number;
	/** Connects this bot with the relay. Returns undefined while the relay's process does not run. */
	readonly #connect: (bot: DeribitBot) => BotWire | undefined;
	readonly #reports: BotReports;
	/** When each call that has no answer yet was made, by the id of the call. */
	readonly #asked = new Map<number, number>();
	/** The ids of the orders that this bot has placed over its present connection. */
	readonly #orderIds: string[] = [];
	#wire: BotWire | undefined;
	/** The access token that the relay has issued to this bot. */
	#accessToken: string | undefined;
	/** Whether the bot has logged out or died, and its connection has not ended yet. */
	#isLeaving = false;
	#orders: BotOrders = { prefix: "none", since: 0 };
	#connection = 0;
	#id = 0;

	constructor(
		name: string,
		world: World,
		random: () => number,
		connect: (bot: DeribitBot) => BotWire | undefined,
		reports: BotReports,
	) {
		this.name = name;
		this.#world = world;
		this.#random = random;
		this.#connect = connect;
		this.#reports = reports;
	}

	/** The access token of this bot, which another bot sends to pretend to be this bot. */
	get accessToken(): string | undefined {
		return this.#accessToken;
	}

	/** Lets the bot work until the end of the run. */
	work(others: readonly DeribitBot[]): void {
		this.#world.after(gap(this.#random, meanPauseMs), () => {
			const times = chance(this.#random, 0.3) ? 5 : 1;
			for (let index = 0; index < times; index += 1) {
				this.#world.after(index * 200 * this.#random(), () => this.#act(others));
			}
			this.work(others);
		});
	}

	/** The orders of the present connection; undefined while this bot is not connected. */
	get orders(): BotOrders | undefined {
		return this.#wire && this.#orders;
	}

	onEnd(): void {
		this.#wire = undefined;
		this.#isLeaving = false;
		this.#asked.clear();
		this.#orderIds.length = 0;
	}

	onFrame(text: string): void {
		if (secret.test(text)) this.#reports.violate("r-secret", `${this.name} got a secret: ${text.slice(0, 200)}`);
		// The cast is safe: the members are checked where they are used.
		const { id, result, method } = JSON.parse(text) as { id?: unknown; result?: unknown; method?: string };
		if (method !== undefined || typeof id !== "number") return;
		if (!this.#asked.delete(id))
			this.#reports.violate(
				"r-answered-twice",
				`${this.name} got a second answer to call ${id}, or an answer to a call that it never made`,
			);
		// The cast is safe: a member that the result does not have is undefined.
		const { order, access_token } = (result ?? {}) as { order?: { order_id: string }; access_token?: string };
		if (access_token !== undefined) this.#accessToken = access_token;
		if (order === undefined || this.#orderIds.includes(order.order_id)) return;
		this.#orderIds.push(order.order_id);
	}

	/** Checks that no call waits for its answer for too long. Time in which the machine was disturbed does not count. */
	checkDeadlines(): void {
		if (!this.#wire?.isRead) return;
		const { now, machine } = this.#world;
		for (const [id, at] of this.#asked) {
			if (now - Math.max(at, machine.disturbedAt) <= longestAnswerMs) continue;
			this.#asked.delete(id);
			this.#reports.violate("r-unanswered", `${this.name} has waited ${now - at} ms for the answer to call ${id}`);
		}
	}

	#act(others: readonly DeribitBot[]): void {
		const wire = this.#wire;
		// A bot runs on the machine of the agent, so it is suspended together with the agent.
		if (this.#world.machine.isSuspended) return;
		if (!wire) return void this.#open();
		if (this.#isLeaving) return;
		const action = Math.floor(this.#random() * 42);
		if (action < 14) this.#order();
		else if (action < 17) this.#ask("private/edit", { order_id: this.#someOrder(), amount: 10, price: this.#price() });
		else if (action < 20) this.#ask("private/cancel", { order_id: this.#someOrder() });
		else if (action < 22) this.#ask("private/cancel_by_label", { label: this.#label(0) });
		else if (action < 26) this.#ask("private/get_open_orders", {});
		else if (action < 28) this.#ask("public/subscribe", { channels: ["ticker.BTC-PERPETUAL.100ms"] });
		else if (action < 33) this.#lie(wire, pick(this.#random, others));
		else if (action < 34) this.#flood();
		else if (action < 36) this.#hangOrWake(wire);
		else if (action < 37) this.#logOut(wire);
		else if (action < 39) this.#die(wire);
		else this.#ask("public/test", {});
	}

	#open(): void {
		const wire = this.#connect(this);
		if (!wire) return;
		this.#connection += 1;
		this.#orders = { prefix: `${this.name}.${this.#connection}.`, since: this.#world.now };
		this.#wire = wire;
		const login = { grant_type: "client_credentials", client_id: this.name, client_secret: tokenOf(this.name) };
		this.#ask("public/auth", login);
	}

	/** Sends something that the relay has to refuse, or asks for heartbeats, which this bot then does not answer. */
	#lie(wire: BotWire, other: DeribitBot): void {
		this.#reports.count("bot lies");
		const order = { instrument_name: "BTC-PERPETUAL", amount: 10, price: this.#price() };
		const lies: readonly (() => void)[] = [
			() => this.#ask("private/disable_cancel_on_disconnect", { scope: "connection" }),
			() => this.#ask("public/auth", { grant_type: "client_credentials", client_id: other.name, client_secret: "?" }),
			() => this.#ask("private/buy", { ...order, access_token: other.accessToken ?? "none" }),
			() => this.#ask("public/set_heartbeat", { interval: 10 }),
			() => wire.say('{"jsonrpc":"2.0","id":"same","method":"private/buy","params":'),
			() => wire.say(`{"jsonrpc":"2.0","id":"same","method":"private/${"x".repeat(100_000)}"}`),
		];
		pick(this.#random, lies)();
	}

	#flood(): void {
		this.#reports.count("bot floods");
		for (let count = 0; count < floodSize; count += 1) this.#order();
	}

	#hangOrWake(wire: BotWire): void {
		if (wire.isRead) this.#reports.count("bot hangs");
		wire.toggle();
	}

	#logOut(wire: BotWire): void {
		this.#reports.count("bot says goodbye");
		this.#isLeaving = true;
		if (chance(this.#random, 0.5)) wire.leave(1000);
		else wire.say('{"jsonrpc":"2.0","id":"goodbye","method":"private/logout","params":{}}');
	}

	#die(wire: BotWire): void {
		this.#reports.count("bot dies");
		this.#isLeaving = true;
		this.#reports.died(this.#orders);
		wire.leave(1006);
	}

	#order(): void {
		const order = {
			instrument_name: "BTC-PERPETUAL",
			amount: 10,
			price: this.#price(),
			label: this.#label(this.#id % 3),
		};
		this.#ask(chance(this.#random, 0.5) ? "private/buy" : "private/sell", { ...order, post_only: true });
	}

	#label(index: number): string {
		return `${this.#orders.prefix}${index}`;
	}

	#price(): number {
		return 1_000 + Math.floor(this.#random() * 100);
	}

	#someOrder(): string {
		return this.#orderIds.length === 0 ? "none" : pick(this.#random, this.#orderIds);
	}

	#ask(method: string, params: object): void {
		this.#id += 1;
		this.#asked.set(this.#id, this.#world.now);
		this.#wire?.say(JSON.stringify({ jsonrpc: "2.0", id: this.#id, method, params }));
	}
}
