import type { Closed, Keeper, OrdersOnClose } from "@x/keepalive";
import type { WorkerKeeper } from "@x/keepalive/worker";
import type { Journal } from "../journal.ts";
import type { EventLoop } from "../world/event-loop.ts";
import { chance } from "../world/seeded-random.ts";
import type { World } from "../world/world.ts";
import { checkNothingLeft } from "./claim-and-leak-checks.ts";
import type { CheckedSession } from "./session-with-invariants.ts";

/** The longest time that a stop may take, in milliseconds: the keeper's deadline plus a tolerance. */
const longestStopMs = 9_000 + 200;
/** If the keeper runs in a worker, a stop may take this many milliseconds longer. */
const workerStopMs = 600;
/** After a stop, connections may remain open for this many milliseconds: until the close timeout of the client. */
const socketsCloseMs = 15_000;

/** The process that is stopped. */
interface StoppableProcess {
	readonly checked: readonly CheckedSession[];
	/** The keeper that the program uses. */
	readonly front: Keeper | WorkerKeeper | undefined;
	/** The program's thread, if the keeper runs in a worker. */
	readonly worker: unknown;
	/** The event loop of the program. */
	readonly programLoop: EventLoop;
	/** To be called when the program begins to stop its keeper. */
	stopping(): void;
	/** To be called when the keeper has stopped. */
	keeperStopped(): void;
	/** To be called when the process has ended. */
	gone(): void;
	/** Ends the process at once. */
	die(closes: boolean): void;
}

/**
 * Stops the keeper of a process, and checks how the keeper stops.
 *
 * - f: a stop hangs, does not stop a session, or leaves a timer set or a socket open
 */
export class ProcessStop {
	readonly #process: StoppableProcess;
	readonly #world: World;
	readonly #journal: Journal;
	readonly #random: () => number;

	constructor(process: StoppableProcess, world: World, journal: Journal, random: () => number) {
		this.#process = process;
		this.#world = world;
		this.#journal = journal;
		this.#random = random;
	}

	/** @param then - called once the process has ended. */
	begin(orders: OrdersOnClose, then: () => void): void {
		const { front } = this.#process;
		if (!front) {
			// The program has no keeper yet, because it is still starting its worker.
			if (this.#process.worker) this.#process.gone();
			then();
			return;
		}
		this.#journal.tell("keeper", `stop, orders: ${orders}`);
		this.#journal.count(`stop ${orders}`);
		const from = this.#world.now;
		let settled = false;
		this.#process.programLoop.deliver(() => {
			if (this.#process.front !== front) return;
			this.#process.stopping();
			const checked = this.#process.checked.map(({ watch }) => watch.isCalmFor(60_000));
			void front.stop({ orders }).then((all) => {
				settled = true;
				this.#stopped(all, checked, then);
			});
			// A second stop has no effect, whatever its options.
			if (chance(this.#random, 0.2)) void front.stop({ orders: "cancel" });
		});
		const mostMs = longestStopMs + (this.#process.worker ? workerStopMs : 0);
		const check = (): void => {
			if (settled || this.#process.front !== front) return;
			const { machine } = this.#world;
			const stoodMs = Math.max(0, machine.disturbedAt - from, machine.program.frozenUntil - from);
			if (this.#world.now - from - stoodMs <= mostMs) {
				this.#world.after(mostMs - (this.#world.now - from - stoodMs) + 1, check);
				return;
			}
			this.#journal.violate("f-stop-hangs", "keeper", `the stop has not ended after ${this.#world.now - from} ms`);
			this.#process.die(true);
			then();
		};
		this.#world.after(mostMs + 1, check);
	}

	#stopped(all: Readonly<Record<string, Closed>>, checked: readonly boolean[], then: () => void): void {
		const { front } = this.#process;
		this.#process.checked.forEach(({ setup, orders }, index) => {
			const closed = all[setup.name];
			this.#journal.tell(setup.name, `result of the close: ${JSON.stringify(closed)}`);
			if (closed) orders.left(closed, checked[index] ?? false);
			const state = front?.current(setup.name).status.state;
			if (state !== "stopped") this.#journal.violate("f-not-stopped", setup.name, String(state));
		});
		this.#process.keeperStopped();
		const stays = all["deribit"]?.orders === "refused";
		const { process } = this.#process.programLoop;
		const check = (): void => {
			// Nothing is checked if the process has ended since the stop. After a stall, a suspension or a clock step, the check is made later,
			// because the sockets may close later.
			if (process.hasEnded) return;
			const { machine } = this.#world;
			const readyAt = Math.max(machine.disturbedAt, machine.program.frozenUntil) + socketsCloseMs;
			if (this.#world.now < readyAt) {
				this.#world.after(readyAt - this.#world.now, check);
				return;
			}
			checkNothingLeft(this.#process.checked, this.#process.programLoop.timers, this.#journal, stays);
			this.#process.gone();
			for (const { setup } of this.#process.checked) setup.route.machineDied(true);
			then();
		};
		this.#world.after(socketsCloseMs, check);
	}
}
