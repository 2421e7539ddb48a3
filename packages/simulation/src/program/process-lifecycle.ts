import type { SimOrder } from "@x/venue-sims";
import type { Journal } from "../journal.ts";
import { between, chance, gap, pick } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import type { KeeperProcess } from "./keeper-process.ts";

/** Places orders when `requireArmed` allows them, and stops, kills and restarts the process at random times. */
export class ProcessLifecycle {
	readonly #keeperProcess: KeeperProcess;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;
	#isOver = false;

	constructor(keeperProcess: KeeperProcess, world: World, journal: Journal, random: () => number) {
		this.#keeperProcess = keeperProcess;
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
	}

	begin(): void {
		this.#keeperProcess.begin();
		this.#trade();
		this.#live();
		this.#retry();
	}

	/** To be called at the end of the simulation: no more orders are placed, and the process is not stopped any more. */
	end(): void {
		this.#isOver = true;
	}

	#trade(): void {
		this.#world.after(gap(this.#random, 180_000), () => {
			if (this.#isOver) return;
			if (this.#keeperProcess.isUp && !this.#world.machine.isFrozen) this.placeOrders();
			this.#trade();
		});
	}

	/** Calls the keeper's `retry()` at random times, often several times within seconds. */
	#retry(): void {
		this.#world.after(gap(this.#random, 900_000), () => {
			if (this.#isOver) return;
			const { setup } = pick(this.#random, this.#keeperProcess.checked);
			const times = pick(this.#random, [1, 2, 6]);
			for (let index = 0; index < times; index += 1) {
				this.#world.after(index * between(this.#random, 0, 10_000), () => this.#keeperProcess.retry(setup.name));
			}
			this.#retry();
		});
	}

	/** Places an order at each venue whose session is alive, if `requireArmed` allows it. */
	placeOrders(): void {
		for (const checked of this.#keeperProcess.checked) {
			const { setup, watch, orders, kept } = checked;
			const { worker } = this.#keeperProcess;
			const status = this.#keeperProcess.shown(setup.name)?.status;
			if (status?.state !== "alive" || !kept) continue;
			try {
				if (worker) worker.requireArmed(checked);
				else {
					kept.requireArmed?.();
					if (kept.requireArmed) this.#keeperProcess.keeper?.requireArmed(setup.name);
				}
			} catch {
				this.#journal.count("orders held back");
				continue;
			}
			if (kept.requireArmed && !worker) watch.orderAllowed();
			try {
				const order = this.#world.visit(setup.route, () => setup.venue.faults["place"]?.({ product: setup.product }));
				if (isOrder(order)) orders.placed(order, status.protection);
				this.#journal.count("orders placed");
			} catch {
				// The venue throws if the session has no connection over which an order can be placed.
			}
		}
	}

	#dropAll(): void {
		for (const { setup, watch } of this.#keeperProcess.checked) {
			setup.route.drop();
			watch.markDisturbed(this.#world.now);
		}
	}

	/** Schedules the end of this process and the start of the next one. */
	#live(): void {
		this.#world.after(60_000 + gap(this.#random, 12_000_000), () => {
			if (this.#isOver) return;
			const again = (): void => {
				const downMs = pick(this.#random, [1_000, 20_000, 120_000, 600_000]) * (0.5 + this.#random());
				this.#world.after(downMs, () => {
					if (!this.#isOver && !this.#keeperProcess.isUp) this.#keeperProcess.begin();
				});
				this.#live();
			};
			if (!this.#keeperProcess.isUp) {
				this.#live();
				return;
			}
			if (chance(this.#random, 0.8)) this.placeOrders();
			if (chance(this.#random, 0.3)) {
				const { setup } = pick(this.#random, this.#keeperProcess.checked);
				const laterMs = between(this.#random, 1_000, 200_000);
				const startAgain = (start: () => void): void => void this.#world.after(laterMs, start);
				this.#keeperProcess.stopOne(setup.name, chance(this.#random, 0.5) ? "cancel" : "keep", startAgain);
				this.#live();
				return;
			}
			if (chance(this.#random, 0.4)) {
				this.#keeperProcess.die(chance(this.#random, 0.5));
				again();
				return;
			}
			// All connections may be lost just before the process stops, because a real process may end at any moment.
			if (chance(this.#random, 0.3)) this.#dropAll();
			const orders = chance(this.#random, 0.5) ? "cancel" : "keep";
			this.#world.after(between(this.#random, 0, 3_000), () => this.#keeperProcess.stop(orders, again));
		});
	}
}

function isOrder(value: unknown): value is SimOrder {
	return typeof value === "object" && value !== null && "id" in value && "state" in value;
}
