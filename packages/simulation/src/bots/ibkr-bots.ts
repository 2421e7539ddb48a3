import type { Keeper } from "@x/keepalive";
import type { IbkrSession } from "@x/keepalive/ibkr";
import type { WireRequest } from "@x/venue-sims";
// The classes of the agent are imported from its source files, because its package does not export them.
import type { IbkrBotCalls } from "../../../keepalive-agent/src/config/create-session.ts";
import type { Bot } from "../../../keepalive-agent/src/relay/bot-tokens.ts";
import { IbkrRelay } from "../../../keepalive-agent/src/relay/ibkr/ibkr-relay.ts";
import { type RelayConfig, relayConfig } from "../../../keepalive-agent/src/relay/relay-config.ts";
import { RelayLog } from "../../../keepalive-agent/src/relay/relay-log.ts";
import type { Journal } from "../journal.ts";
import type { CheckedSession } from "../program/session-with-invariants.ts";
import { chance, gap, pick } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import type { SessionBots } from "./session-bots-interface.ts";

const names = ["maker", "taker"] as const;
/**
 * A call takes at most this many milliseconds. The relay sends a call at most twice. Each time, it waits up to 8 s for the rate limit and
 * up to 12 s for the reply. The rest of the time is for what happens between the two attempts: the relay checks the session and waits until
 * it is alive.
 */
const longestAnswerMs = 90_000;
/** The mean time between two bursts of calls of a bot, in milliseconds. */
const meanPauseMs = 60_000;
/** A flooding bot makes this many calls at once. */
const floodSize = 40;
const orderPath = /\/iserver\/account\/[^/]+\/orders$/;

/** A call of a bot that has no answer yet. */
interface Asked {
	readonly what: string;
	readonly at: number;
	readonly gone: AbortController;
}

/**
 * Bots that trade over the relay of the IBKR session. They also flood the relay, make calls that the relay has to refuse, and query the
 * state of the session. At times they abort all calls that have no answer yet, as a dying bot does.
 *
 * - r-order-not-alive: an order was sent over the relay although the keeper did not show the session as alive
 * - r-order-repeated: an order was sent twice
 * - r-unanswered: a call has no answer after the longest time that the relay needs
 */
export class IbkrBots implements SessionBots {
	readonly session = "ibkr";
	readonly #config: RelayConfig;
	readonly #account: string;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	/** The ids of the orders that were sent. */
	readonly #sent = new Set<string>();
	#asked = new Set<Asked>();
	#relay: IbkrRelay | undefined;
	#keeper: () => Keeper | undefined = () => undefined;
	#orderId = 0;

	/** @param account - the account that the bots trade. */
	constructor(account: string, world: World, journal: Journal, random: () => number) {
		this.#account = account;
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
		const given = names.map((name) => [name, { token: `local-token-of-${name}` }]);
		this.#config = relayConfig({ port: 0, bots: Object.fromEntries(given) }, new Map([["ibkr", "ibkr"]]));
	}

	follow({ traffic }: CheckedSession, keeper: () => Keeper | undefined): void {
		this.#keeper = keeper;
		traffic.hasBots = true;
		traffic.onCallSent = (request) => this.#onSent(request);
	}

	begin(): void {
		for (const name of names) this.#work(name);
	}

	/** Makes the relay of a new process. */
	use(session: IbkrSession, botCalls: IbkrBotCalls): void {
		const relayed = {
			name: "ibkr",
			botCalls,
			get isOpen() {
				return session.handle !== undefined;
			},
			current: () => this.#keeper()?.current("ibkr"),
			check: () => session.check(),
		};
		this.#relay = new IbkrRelay(relayed, this.#config, new RelayLog());
	}

	close(): void {
		this.#relay = undefined;
		for (const { gone } of this.#asked) gone.abort();
	}

	processEnded(): void {
		this.#relay = undefined;
		this.#asked.clear();
	}

	checkDeadlines(): void {
		const { now, machine } = this.#world;
		for (const asked of this.#asked) {
			if (now - Math.max(asked.at, machine.disturbedAt) <= longestAnswerMs) continue;
			this.#asked.delete(asked);
			this.#violate("r-unanswered", `no answer to ${asked.what} after ${now - asked.at} ms`);
		}
	}

	#work(name: string): void {
		this.#world.after(gap(this.#random, meanPauseMs), () => {
			// A bot runs on the machine of the agent, so it is suspended together with the agent.
			if (!this.#world.machine.isSuspended) this.#act(name);
			this.#work(name);
		});
	}

	#act(name: string): void {
		const action = Math.floor(this.#random() * 20);
		if (action < 6) this.#order(name);
		else if (action < 9) this.#call(name, "GET", "/iserver/account/orders");
		else if (action < 11) this.#call(name, "DELETE", `/iserver/account/${this.#account}/order/1`);
		else if (action < 14) this.#askAboutSession(name);
		else if (action < 16) this.#lie(name);
		else if (action < 17) this.#die();
		else if (action < 18) this.#flood(name);
		else this.#call(name, "GET", "/portfolio/accounts");
	}

	#order(name: string): void {
		this.#orderId += 1;
		const cOID = `bot-${this.#orderId}`;
		const order = { conid: 265_598, side: "BUY", orderType: "LMT", price: 1, quantity: 1, tif: "DAY", cOID };
		this.#call(name, "POST", `/iserver/account/${this.#account}/orders`, JSON.stringify({ orders: [order] }));
	}

	#askAboutSession(name: string): void {
		const path = pick(this.#random, ["/tickle", "/iserver/auth/status", "/sso/validate"]);
		this.#call(name, path === "/sso/validate" ? "GET" : "POST", path);
	}

	/** Makes a call that the relay has to refuse: the bots share the session, and none of them may end or take it. */
	#lie(name: string): void {
		this.#journal.count("bot lies to ibkr");
		const path = pick(this.#random, [
			"/logout",
			"/iserver/auth/ssodh/init",
			"/iserver/../logout",
			"/iserver/reauthenticate",
		]);
		this.#call(name, "POST", path, '{"publish":true,"compete":true}');
	}

	#flood(name: string): void {
		this.#journal.count("bot floods ibkr");
		const calls = chance(this.#random, 0.5) ? () => this.#order(name) : () => this.#askAboutSession(name);
		for (let count = 0; count < floodSize; count += 1) calls();
	}

	/** Gives up every call that has no answer yet. */
	#die(): void {
		this.#journal.count("bot dies at ibkr");
		for (const { gone } of this.#asked) this.#world.machine.deliver(() => gone.abort());
	}

	#call(name: string, method: string, path: string, body = ""): void {
		const relay = this.#relay;
		const bot: Bot | undefined = relay?.bots.byCredentials(name, this.#config.bots[name]?.token ?? "");
		const { machine } = this.#world;
		if (!relay || !bot || machine.process.hasEnded) return;
		const asked: Asked = { what: `${method} ${path}`, at: this.#world.now, gone: new AbortController() };
		this.#asked.add(asked);
		machine.deliver(async () => {
			const { signal } = asked.gone;
			const contentType = "application/json";
			const { refused } = await relay.answer({
				bot,
				method,
				path,
				query: "",
				body: Buffer.from(body),
				contentType,
				signal,
			});
			this.#asked.delete(asked);
			if (refused !== undefined) this.#journal.count(`ibkr relay refuses: ${refused}`);
		});
	}

	#onSent({ method, url, body }: WireRequest): void {
		if (method !== "POST" || !orderPath.test(url.pathname)) return;
		this.#journal.count("orders over the relay of ibkr");
		const state = this.#keeper()?.current("ibkr").status.state;
		if (state !== "alive") this.#violate("r-order-not-alive", `an order was sent while the session was ${state}`);
		const [id = ""] = /bot-\d+/.exec(body) ?? [];
		if (this.#sent.has(id)) this.#violate("r-order-repeated", id);
		this.#sent.add(id);
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, "ibkr", detail);
	}
}
