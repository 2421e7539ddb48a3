import { keepalive } from "@x/keepalive";
import { type DeribitSession, deribit } from "@x/keepalive/deribit";
import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { vi } from "vitest";
import { BotSocket } from "../deribit/bot-socket.ts";
import { DeribitRelay } from "../deribit/deribit-relay.ts";
import { Turns } from "../event-loop-turns.ts";
import { relayConfig } from "../relay-config.ts";
import { RelayLog } from "../relay-log.ts";
import { botToken } from "./bot-client.ts";
import { BotWire } from "./bot-wire.ts";

const dayMs = 10 * 60_000;
const stepMs = 250;
/**
 * An order may stay open for at most this many milliseconds after its bot has died. The relay cancels the order within 5 s, or disconnects;
 * the venue notices a dead network after 23 s.
 */
const longestOutlivingMs = 30_000;
/** A reply may take at most this many milliseconds: the deadline of a call is 30 s. */
const longestAnswerMs = 31_000;
const placing: ReadonlySet<string> = new Set(["private/buy", "private/sell", "private/edit", "private/mass_quote"]);
const credentials = { clientId: "planted-venue-id", clientSecret: "planted-venue-secret" };
/** Matches secrets that no frame to a bot may contain. */
const secret = /planted-venue|sim-deribit-secret/;

/** The result of a simulated day. */
export interface RelayDay {
	/** The rules that were broken, in words, each with the time since the beginning of the day. */
	readonly violations: readonly string[];
	readonly orders: number;
	readonly deaths: number;
	readonly losses: number;
}

/** A bot that trades, floods, sends invalid frames, hangs and dies. */
class Bot {
	readonly name: string;
	readonly #connect: (wire: BotWire) => void;
	readonly #violate: (what: string) => void;
	readonly #random: () => number;
	/** When each call that has no answer yet was made, by the id of the call. */
	readonly #asked = new Map<number, number>();
	/** The ids of the orders that this bot has placed over its present connection. */
	readonly #orderIds: string[] = [];
	#wire: BotWire | undefined;
	#connection = 0;
	#id = 0;
	/** The label prefix of each connection that has died, with the time of its death. */
	readonly died: { readonly prefix: string; readonly at: number }[] = [];

	constructor(name: string, random: () => number, connect: (wire: BotWire) => void, violate: (what: string) => void) {
		this.name = name;
		this.#random = random;
		this.#connect = connect;
		this.#violate = (what) => violate(`${name}: ${what}`);
	}

	get #prefix(): string {
		return `${this.name}.${this.#connection}.`;
	}

	act(): void {
		const wire = this.#wire;
		if (!wire) {
			if (this.#random() < 0.5) this.#open();
			return;
		}
		const action = Math.floor(this.#random() * 40);
		if (action < 14) this.#order();
		else if (action < 18) this.#ask("private/edit", { order_id: this.#someOrder(), amount: 10, price: this.#price() });
		else if (action < 21) this.#ask("private/cancel", { order_id: this.#someOrder() });
		else if (action < 23) this.#ask("private/cancel_by_label", { label: `${this.#prefix}0` });
		else if (action < 27) this.#ask("private/get_open_orders", {});
		else if (action < 29) this.#ask("public/subscribe", { channels: ["ticker.BTC-PERPETUAL.100ms"] });
		else if (action < 30) this.#ask("private/disable_cancel_on_disconnect", { scope: "connection" });
		else if (action < 31) wire.say('{"jsonrpc":"2.0","id":1,"method":"private/buy","params":');
		else if (action < 32) for (let count = 0; count < 60; count += 1) this.#order();
		else if (action < 33) wire.toggle();
		else if (action < 34) this.#die(wire);
	}

	check(): void {
		if (!this.#wire?.isRead) return;
		for (const [id, at] of this.#asked) {
			if (Date.now() - at <= longestAnswerMs) continue;
			this.#violate(`call ${id} was not answered`);
			this.#asked.delete(id);
		}
	}

	end(): void {
		this.#wire?.terminate();
	}

	#open(): void {
		this.#connection += 1;
		const wire = new BotWire(
			(text) => this.#onFrame(text),
			() => {
				// However the connection has ended, the relay sends no more answers over it.
				this.#wire = undefined;
				this.#asked.clear();
				this.#orderIds.length = 0;
			},
		);
		this.#wire = wire;
		this.#connect(wire);
		const login = { grant_type: "client_credentials", client_id: this.name, client_secret: botToken(this.name) };
		this.#ask("public/auth", login);
	}

	#die(wire: BotWire): void {
		this.died.push({ prefix: this.#prefix, at: Date.now() });
		wire.terminate();
	}

	#order(): void {
		const label = `${this.#prefix}${this.#id % 3}`;
		const order = { instrument_name: "BTC-PERPETUAL", amount: 10, price: this.#price(), label };
		this.#ask(this.#random() < 0.5 ? "private/buy" : "private/sell", { ...order, post_only: true });
	}

	#price(): number {
		return 1_000 + Math.floor(this.#random() * 100);
	}

	#someOrder(): string {
		return this.#orderIds[Math.floor(this.#random() * this.#orderIds.length)] ?? "none";
	}

	#ask(method: string, params: object): void {
		this.#id += 1;
		this.#asked.set(this.#id, Date.now());
		this.#wire?.say(JSON.stringify({ jsonrpc: "2.0", id: this.#id, method, params }));
	}

	#onFrame(text: string): void {
		if (secret.test(text)) this.#violate(`a frame has a secret of the venue: ${text.slice(0, 200)}`);
		// The cast is safe: the members are checked where they are used.
		const { id, result, method } = JSON.parse(text) as { id?: number; result?: never; method?: string };
		if (method !== undefined || id === undefined || id === null) return;
		if (!this.#asked.delete(id)) this.#violate(`call ${id} was answered twice, or never made`);
		// The cast is safe: the simulator's reply to an order has this member.
		const order = (result as { order?: { order_id: string } } | undefined)?.order;
		if (order) this.#orderIds.push(order.order_id);
	}
}

/** Returns the label of an order at the venue; empty if the order has none. */
const labelOf = (order: object): string => ("label" in order ? String(order.label) : "");

/** Makes a generator of pseudo-random numbers from 0 to less than 1. The same seed gives the same numbers. */
function numbers(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

/** Simulates three bots and a keeper at a simulated venue for ten minutes. Needs vitest's fake clock. */
export async function playRelayDay(seed: number): Promise<RelayDay> {
	const random = numbers(seed);
	const violations: string[] = [];
	const startedAt = Date.now();
	const violate = (what: string): void => void violations.push(`${Date.now() - startedAt} ms: ${what}`);
	const venue = new DeribitVenue({ ...credentials, limitsMatching: true });
	const link = new Link(venue);
	let orders = 0;
	const Inner = memoryWebSocket(link);
	class Watched extends Inner {
		override send(text: string): void {
			// The cast is safe: every frame of the client has a method.
			const { method } = JSON.parse(text) as { method: string };
			if (placing.has(method)) {
				orders += 1;
				if (!keeper.isArmed("hedge")) violate(`${method} was sent although the session was not armed`);
			}
			super.send(text);
		}
	}
	const names = ["maker", "taker", "hedger"] as const;
	const session: DeribitSession<"hedge"> = deribit({
		name: "hedge",
		client: { url: "wss://test.deribit.com/ws/api/v2", credentials, WebSocket: Watched },
		onOpen: ({ handle, signal }) => relay.onOpen(handle, signal),
	});
	const given = Object.fromEntries(
		names.map((name) => [name, { token: botToken(name), staysConnected: random() < 0.3 }]),
	);
	const relay: DeribitRelay = new DeribitRelay(
		session,
		relayConfig({ port: 0, bots: given }, new Map([["hedge", "deribit"]])),
		true,
		new RelayLog(),
	);
	const keeper = keepalive([session], { random });
	const turns = new Turns();
	const bots = names.map((name) => new Bot(name, random, (wire) => new BotSocket(wire, relay, turns), violate));

	const within = (ms: number): number => Math.floor(random() * ms);
	const family = (["none", "network", "disarm", "maintenance"] as const)[seed % 4];
	const pullPlug = {
		none: () => undefined,
		network: () => [() => link.drop(), () => link.halfOpen(), () => link.partition(within(40_000))][within(3)]?.(),
		disarm: () => void venue.faults.disarmAll({}),
		maintenance: () => {
			venue.faults.maintenance({ on: true });
			setTimeout(() => venue.faults.maintenance({ on: false }), within(20_000));
		},
	}[family ?? "none"];
	let nextPlugAt = Date.now() + within(60_000);

	const checkDeaths = (): void => {
		for (const bot of bots) {
			for (const { prefix, at } of bot.died) {
				if (Date.now() - at < longestOutlivingMs || Date.now() - at > longestOutlivingMs + stepMs) continue;
				const open = venue.orders().filter((order) => order.state === "open" && labelOf(order).startsWith(prefix));
				// By now the venue must have cancelled these orders; if a fault had disarmed the connection, the relay must have cancelled them.
				if (open.length > 0)
					violate(`${open.length} orders of connection ${prefix} are still open ${Date.now() - at} ms after its end`);
			}
		}
	};
	while (Date.now() - startedAt < dayMs) {
		await vi.advanceTimersByTimeAsync(stepMs);
		for (const bot of bots) if (random() < 0.3) bot.act();
		for (const bot of bots) bot.check();
		checkDeaths();
		if (Date.now() >= nextPlugAt) {
			pullPlug();
			nextPlugAt = Date.now() + 15_000 + within(60_000);
		}
	}
	for (const bot of bots) bot.end();
	const { losses } = keeper.current("hedge").tally;
	if (family === "none" && losses > 0) violate(`the bots caused ${losses} losses of the session`);
	const stopping = keeper.stop({ orders: "cancel" });
	await vi.advanceTimersByTimeAsync(60_000);
	await stopping;
	link.close();
	return { violations, orders, deaths: bots.reduce((sum, { died }) => sum + died.length, 0), losses };
}
