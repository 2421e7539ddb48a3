import type { Closed, Protection } from "@x/keepalive";
import type { SimOrder } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/** An order placed while the session was shown as armed and really was. */
interface Guarded {
	/** The venue's own object: its state changes with the order. */
	readonly order: SimOrder;
	readonly exposureMs: number;
}

/** Tolerance for the network, the interval of the checks and the venue's processing. */
const slackMs = 6_500;

/**
 * What must hold for the orders of one session when it dies.
 *
 * - d: an order outlives the last message over its connection by more than the stated exposure, or
 *   the program's last pulse by more than the stated `hangMs`
 * - h: the result of a close differs from what happened to the orders
 */
export class OrderInvariants {
	readonly #setup: VenueSetup;
	readonly #world: World;
	readonly #journal: Journal;
	#guarded: Guarded[] = [];
	#processes = 0;

	constructor(setup: VenueSetup, world: World, journal: Journal) {
		this.#setup = setup;
		this.#world = world;
		this.#journal = journal;
	}

	/** A new process runs the session from now on. */
	processStarted(): void {
		this.#processes += 1;
	}

	/** An order was placed under this protection. */
	placed(order: SimOrder, protection: Protection): void {
		if (protection.state !== "armed" || this.#setup.truth() !== "yes") return;
		this.#guarded.push({ order, exposureMs: protection.exposureMs });
	}

	/** The program hangs from now on: unless it recovers, the venue has to cancel within `hangMs`. */
	hung(hangMs: number, isHanging: () => boolean): void {
		const guarded = [...this.#guarded];
		this.#world.after(hangMs + slackMs, () => {
			if (!isHanging()) return;
			const left = guarded.filter((one) => isOpen(one) && this.#guarded.includes(one)).length;
			if (left > 0) this.#violate("d-hang", `${left} orders open ${hangMs} ms after the program was last well`);
		});
	}

	/** The promises for the orders so far are void, for a reason that the session cannot know. */
	voidPromises(): void {
		this.#guarded = [];
	}

	/** Checks whether an order has outlived its connection for too long. */
	checkDeadlines(): void {
		if (this.#guarded.length === 0) return;
		this.#guarded = this.#guarded.filter(isOpen);
		if (this.#guarded.length === 0) return;
		// The protection was switched off or weakened: the promise is void, and the session invariants check the status.
		if (this.#setup.truth() === "off") this.voidPromises();
		for (const guarded of this.#guarded) {
			const { order, exposureMs } = guarded;
			const unheardMs = this.#setup.unheardMs(order);
			if (unheardMs === undefined || unheardMs <= exposureMs + slackMs) continue;
			this.#violate(
				"d-exposure",
				`${order.id} is open ${unheardMs} ms after the last sign of us, stated ${exposureMs}`,
			);
			this.#guarded = this.#guarded.filter((other) => other !== guarded);
		}
	}

	/** Checks later whether the result of a close was true. `isJudged`: no fault interferes meanwhile. */
	left(closed: Closed, isJudged: boolean): void {
		this.#journal.count(`closed ${closed.orders}`);
		const guarded = this.#guarded.filter(isOpen);
		this.#guarded = [];
		if (!isJudged || guarded.length === 0) return;
		const process = this.#processes;
		if (closed.orders === "cancelled") {
			this.#world.after(closed.withinMs + slackMs, () => {
				if (this.#setup.isSavedByReturn && process !== this.#processes) return;
				const left = guarded.filter(isOpen).length;
				if (left > 0) this.#violate("h-promised-cancel", `${left} orders open after ${closed.withinMs} ms`);
			});
		}
		if (closed.orders === "kept") {
			this.#world.after(100_000, () => {
				const gone = guarded.filter((one) => !isOpen(one)).length;
				if (gone > 0) this.#violate("h-promised-keep", `${gone} orders gone: ${closed.detail}`);
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
