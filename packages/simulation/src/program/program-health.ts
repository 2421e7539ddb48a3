import type { Keeper, KeeperOptions } from "@x/keepalive";
import { chance, pick } from "../world/seeded.ts";
import type { Entry } from "../world/timer-queue.ts";
import type { World } from "../world/world.ts";

/** The program above the keeper, whose health a gate may ask after. */
export class TradingProgram {
	/** How long it may be sick before its sessions are left; undefined without a gate. */
	readonly toleranceMs: number | undefined;
	/** Since when it has been sick. */
	hangingSince: number | undefined;
	readonly #world: World;
	readonly #asks: boolean;
	#timer: Entry | undefined;

	constructor(world: World, random: () => number) {
		this.#world = world;
		this.toleranceMs = chance(random, 0.6) ? pick(random, [5_000, 30_000, 120_000]) : undefined;
		this.#asks = chance(random, 0.4);
	}

	/** What the keeper is told of it. */
	get options(): Pick<KeeperOptions, "gate"> {
		const { toleranceMs } = this;
		if (toleranceMs === undefined) return {};
		return { gate: { toleranceMs, ...(this.#asks ? { healthy: () => this.#healthy() } : {}) } };
	}

	/** Does its work, and gives a sign of health with each turn of it. To be called on the machine. */
	work(keeper: Keeper): void {
		if (this.toleranceMs === undefined || this.#asks) return;
		if (this.hangingSince === undefined) keeper.pulse();
		this.#timer = this.#world.machine.setTimer(() => this.work(keeper), this.toleranceMs / 4);
	}

	/** Its work is done. */
	rest(): void {
		if (this.#timer) this.#world.machine.clearTimer(this.#timer);
	}

	#healthy(): boolean {
		// Half of those that are asked do not say that they are sick, they throw.
		if (this.hangingSince !== undefined && this.#world.now % 2 === 0) throw new Error("the program is sick");
		return this.hangingSince === undefined;
	}
}
