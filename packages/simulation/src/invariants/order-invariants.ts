import type { Closed, Protection } from "@x/keepalive";
import type { SimOrder } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/** An order that was placed while the session was shown armed, and truly was. */
interface Guarded {
	/** The venue's own: its state is what became of it. */
	readonly order: SimOrder;
	readonly exposureMs: number;
}

/** The way back, the looks of the one who checks, and the venue's own work. */
const slackMs = 6_500;

/**
 * The orders of one session, and what became of them when it died.
 *
 * - d: an order outlives the last sign of the connection that guards it by more than the exposure that was stated, or
 *   the program's last sign of health by more than was stated of a hang
 * - h: what a close promised is not what happened
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

	/** A new process keeps the session from now on. */
	processStarted(): void {
		this.#processes += 1;
	}

	/** An order was placed under this protection. */
	placed(order: SimOrder, protection: Protection): void {
		if (protection.state !== "armed" || this.#setup.truth() !== "yes") return;
		this.#guarded.push({ order, exposureMs: protection.exposureMs });
	}

	/** The program hangs from now on: after that long the venue has cancelled them, unless it is well again before. */
	hung(hangMs: number, isSick: () => boolean): void {
		const guarded = [...this.#guarded];
		this.#world.after(hangMs + slackMs, () => {
			if (!isSick()) return;
			const left = guarded.filter((one) => isOpen(one) && this.#guarded.includes(one)).length;
			if (left > 0) this.#violate("d-hang", `${left} orders open ${hangMs} ms after the program was last well`);
		});
	}

	/** What was promised of those placed so far does not hold any more, for a reason nobody here could know. */
	forget(): void {
		this.#guarded = [];
	}

	/** Looks whether one has outlived us for too long. */
	patrol(): void {
		if (this.#guarded.length === 0) return;
		this.#guarded = this.#guarded.filter(isOpen);
		if (this.#guarded.length === 0) return;
		// Somebody switched it off or made it weaker: from then on the promise is void, and it is the status that is judged.
		if (this.#setup.truth() === "off") this.forget();
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

	/** A close said what it meant for the orders: looks later whether it was so. `isJudged`: nobody else meddles meanwhile. */
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
