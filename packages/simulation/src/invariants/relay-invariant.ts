import type { SimOrder } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/** The methods at Deribit that place or change orders. */
const placing = /"method":"private\/(?:buy|sell|edit|edit_by_label|mass_quote|close_position)"/;
/**
 * The orders of a dead bot may stay open for this many milliseconds. The relay cancels them within 5 s. If it cannot, it ends its
 * connection to the venue, and the venue cancels them. The remaining 30 s allow for a slow network.
 */
const longestOutlivingMs = 35_000;
/** A connection from which the venue has heard within this many milliseconds is alive. */
const livingMs = 10_000;

/** A fault may have effects for this many milliseconds after its end: calls without a reply fail after 30 s, and tokens are renewed. */
const aftermathMs = 60_000;

/** The orders that a bot has placed over one of its connections: all those with this prefix in their labels. */
export interface BotOrders {
	readonly prefix: string;
	/** When the connection began. */
	readonly since: number;
}

/** The death of a bot, and the orders that it has left. */
interface Death {
	readonly orders: BotOrders;
	readonly diedAt: number;
}

/**
 * Checks the relay, through which bots trade over the connection of one session.
 *
 * - r-order-unarmed: an order was sent over the relay although the keeper would have refused it
 * - r-outlived: an order of a dead bot stays open although nothing keeps the relay from cancelling it
 * - r-ended-for-nothing: the relay got no confirmation that a dead bot's orders were cancelled, and ended its connection to the venue,
 *   although no fault occurred since that bot connected. After a fault, ending the connection is right, because the venue's reply to an
 *   order may be lost
 */
export class RelayInvariant {
	readonly #setup: VenueSetup;
	readonly #world: World;
	readonly #journal: Journal;
	/** Returns whether no fault has been in effect during the last `ms` milliseconds. */
	readonly #isCalmFor: (ms: number) => boolean;
	/** The latest deaths of bots. */
	#deaths: Death[] = [];
	/** The deaths of bots that `checkDeadlines` has not judged yet. After each death, the relay has to cancel the orders of the dead bot. */
	#left: Death[] = [];
	/**
	 * The orders of bots that were connected while the protection was off. If such a bot dies, its orders are not checked, because the venue
	 * might not cancel them when a connection ends.
	 */
	#unprotected = new WeakSet<BotOrders>();

	constructor(setup: VenueSetup, world: World, journal: Journal, isCalmFor: (ms: number) => boolean) {
		this.#setup = setup;
		this.#world = world;
		this.#journal = journal;
		this.#isCalmFor = isCalmFor;
	}

	/**
	 * To be called with each frame that is sent to the venue.
	 *
	 * @param isArmed - whether the keeper now says that an order would be protected.
	 */
	frameSent(text: string, isArmed: () => boolean): void {
		if (!placing.test(text)) return;
		this.#journal.count("orders over the relay");
		if (!isArmed()) this.#violate("r-order-unarmed", text.slice(0, 200));
	}

	/** To be called when a bot has died. */
	died(orders: BotOrders): void {
		const { now } = this.#world;
		const death = { orders, diedAt: now };
		this.#deaths = [...this.#deaths.filter(({ diedAt }) => now - diedAt < longestOutlivingMs), death];
		if (!this.#unprotected.has(orders)) this.#left.push(death);
	}

	/** To be called when the relay has ended its connection to the venue because of the orders of a bot. */
	connectionEnded(bot: string, detail: string): void {
		// The bot may have died more than once in the last seconds. It is unknown for which of these deaths the cancel was not confirmed.
		const deaths = this.#deaths.filter(({ orders }) => orders.prefix.startsWith(`${bot}.`));
		if (deaths.length === 0) return;
		const since = Math.min(...deaths.map(({ orders }) => orders.since));
		const { now, machine } = this.#world;
		if (machine.disturbedAt > since - aftermathMs || !this.#isCalmFor(now - since + aftermathMs)) return;
		this.#violate("r-ended-for-nothing", detail);
	}

	/** To be called when the process of the relay has ended. The venue then cancels the orders, which `OrderInvariants` checks. */
	processEnded(): void {
		this.#left = [];
	}

	/**
	 * To be called whenever the state of the venue may have changed.
	 *
	 * @param connected - the orders of the bots that are connected.
	 */
	look(connected: () => readonly BotOrders[]): void {
		if (this.#setup.truth() !== "off") return;
		this.#left = [];
		for (const orders of connected()) this.#unprotected.add(orders);
	}

	/** Checks the rule that can be violated by the mere passing of time. */
	checkDeadlines(): void {
		const { now, machine } = this.#world;
		if (!this.#isCalmFor(longestOutlivingMs) || now - machine.disturbedAt < longestOutlivingMs) return;
		const due = this.#left.filter(({ diedAt }) => now - diedAt >= longestOutlivingMs);
		if (due.length === 0) return;
		this.#left = this.#left.filter((one) => !due.includes(one));
		const open = this.#world.peek(this.#setup.route, () => this.#setup.venue.orders()).filter(isOpen);
		for (const { orders, diedAt } of due) {
			const left = open.filter(
				(order) => labelOf(order).startsWith(orders.prefix) && this.#isOverLivingConnection(order),
			);
			if (left.length > 0)
				this.#violate(
					"r-outlived",
					`${left.length} orders of ${orders.prefix} still open ${now - diedAt} ms after its death`,
				);
		}
	}

	#isOverLivingConnection(order: SimOrder): boolean {
		const unheardMs = this.#setup.unheardMs(order);
		return unheardMs !== undefined && unheardMs < livingMs;
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#setup.name, detail);
	}
}

const isOpen = ({ state }: SimOrder): boolean => state === "open";

/** The label of an order at Deribit; empty if the order has none. */
const labelOf = (order: SimOrder): string => ("label" in order ? String(order.label) : "");
