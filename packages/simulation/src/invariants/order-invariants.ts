import type { Closed, Protection } from "@x/keepalive";
import type { SimOrder } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/** An order that was placed while the session was shown as armed and the venue really protected the order. */
interface Guarded {
	/** The order object of the simulated venue itself, so later changes of the order's state are visible here. */
	readonly order: SimOrder;
	readonly exposureMs: number;
}

/** The tolerance in milliseconds for the delay of the network, the time between two checks, and the venue's processing. */
const slackMs = 6_500;

/**
 * Checks what happens to the orders of one session when its connection or its program dies.
 *
 * - d: an order is still open after the time that the status states. For a dead connection that time is `exposureMs` after the last message
 *   over the connection; for a hanging program it is `hangMs` after the last pulse
 * - h: the result of a close says something else than what happened to the orders
 */
export class OrderInvariants {
	readonly #setup: Pick<VenueSetup, "name" | "truth" | "unheardMs" | "isSavedByReturn">;
	readonly #world: World;
	readonly #journal: Journal;
	#guarded: Guarded[] = [];
	#processes = 0;
	/** How often a fault has ended the protection of the orders that were placed until then. */
	#voided = 0;

	constructor(
		setup: Pick<VenueSetup, "name" | "truth" | "unheardMs" | "isSavedByReturn">,
		world: World,
		journal: Journal,
	) {
		this.#setup = setup;
		this.#world = world;
		this.#journal = journal;
	}

	/** To be called when a new process has started to run the session. */
	processStarted(): void {
		this.#processes += 1;
	}

	/** To be called when an order was placed while the session had this protection. */
	placed(order: SimOrder, protection: Protection): void {
		if (protection.state !== "armed" || this.#setup.truth() !== "yes") return;
		this.#guarded.push({ order, exposureMs: protection.exposureMs });
	}

	/** To be called when the program begins to hang. Unless the program recovers, the venue has to cancel the orders within `hangMs`. */
	hung(hangMs: number, isHanging: () => boolean): void {
		const guarded = [...this.#guarded];
		this.#world.after(hangMs + slackMs, () => {
			if (!isHanging()) return;
			const left = guarded.filter((one) => isOpen(one) && this.#guarded.includes(one)).length;
			if (left > 0) this.#violate("d-hang", `${left} orders still open ${hangMs} ms after the program began to hang`);
		});
	}

	/** Stops checking the orders that were placed so far, because a fault that the session cannot know of has ended their protection. */
	voidPromises(): void {
		this.#guarded = [];
		this.#voided += 1;
	}

	/** Checks that no order stays open too long after its connection has died. */
	checkDeadlines(): void {
		if (this.#guarded.length === 0) return;
		this.#guarded = this.#guarded.filter(isOpen);
		if (this.#guarded.length === 0) return;
		// If the protection was switched off or weakened, the venue may cancel the orders placed so far too late or not at all, so they are not
		// checked any more. SessionInvariants checks that the status shows the change.
		if (this.#setup.truth() === "off") this.voidPromises();
		for (const guarded of this.#guarded) {
			const { order, exposureMs } = guarded;
			const unheardMs = this.#setup.unheardMs(order);
			if (unheardMs === undefined || unheardMs <= exposureMs + slackMs) continue;
			this.#violate(
				"d-exposure",
				`order ${order.id} is still open ${unheardMs} ms after the venue received the last message, but the stated exposure is ${exposureMs} ms`,
			);
			this.#guarded = this.#guarded.filter((other) => other !== guarded);
		}
	}

	/**
	 * To be called with the result of a close. If `isJudged` is true, checks later whether the orders were cancelled or kept as the result
	 * says. `isJudged` is true only if no fault was in effect for a while before the close.
	 */
	left(closed: Closed, isJudged: boolean): void {
		this.#journal.count(`closed ${closed.orders}`);
		const guarded = this.#guarded.filter(isOpen);
		this.#guarded = [];
		if (!isJudged || guarded.length === 0) return;
		const process = this.#processes;
		const voided = this.#voided;
		if (closed.orders === "cancelled") {
			this.#world.after(closed.withinMs + slackMs, () => {
				if (this.#setup.isSavedByReturn && process !== this.#processes) return;
				// The protection ended after the close, which the session could not know.
				if (voided !== this.#voided) return;
				const left = guarded.filter(isOpen).length;
				if (left > 0)
					this.#violate(
						"h-promised-cancel",
						`${left} orders are still open ${closed.withinMs} ms after the close, although the close reported that they are cancelled by then`,
					);
			});
		}
		if (closed.orders === "kept") {
			this.#world.after(100_000, () => {
				const gone = guarded.filter((one) => !isOpen(one)).length;
				if (gone > 0)
					this.#violate(
						"h-promised-keep",
						`${gone} orders are no longer open, although the close reported that orders are kept: ${closed.detail}`,
					);
			});
		}
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#setup.name, detail);
	}
}

function isOpen({ order }: Guarded): boolean {
	return order.state === "open";
}
