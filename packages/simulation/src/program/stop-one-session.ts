import type { Closed, Keeper, OrdersOnClose } from "@x/keepalive";
import type { WorkerKeeper } from "@x/keepalive/worker";
import type { Journal } from "../journal.ts";
import type { EventLoop } from "../world/event-loop.ts";
import type { CheckedSession } from "./session-with-invariants.ts";

/** The process in which single sessions are stopped. */
interface SteppedProcess {
	readonly checked: readonly CheckedSession[];
	/** The keeper that runs the sessions, on their event loop. */
	readonly keeper: Keeper | undefined;
	/** The keeper that the program uses. */
	readonly front: Keeper | WorkerKeeper | undefined;
	/** The event loop of the program. */
	readonly programLoop: EventLoop;
	readonly isStopping: boolean;
}

/** Stops one session while the other sessions continue, and starts it again later. */
export class SingleStops {
	readonly #process: SteppedProcess;
	readonly #journal: Journal;
	readonly #stopped = new Set<string>();

	constructor(process: SteppedProcess, journal: Journal) {
		this.#process = process;
		this.#journal = journal;
	}

	/** Whether the session was stopped and has not been started since then. */
	has(name: string): boolean {
		return this.#stopped.has(name);
	}

	processStarted(): void {
		this.#stopped.clear();
	}

	/** To be called when a worker starts a session. The session may have been stopped before. */
	workerStarts({ setup, traffic }: CheckedSession): void {
		if (!this.#stopped.delete(setup.name)) return;
		this.#journal.tell(setup.name, "start this session again");
		traffic.startedOnRequest();
	}

	/** Stops one session and leaves the other sessions running. `then` gets a function that starts the session again. */
	stop(name: string, orders: OrdersOnClose, then: (start: () => void) => void): void {
		const { front } = this.#process;
		const checked = this.#process.checked.find(({ setup }) => setup.name === name);
		if (!front || !checked || this.#stopped.has(name)) return;
		this.#journal.tell(name, `stop only this session, orders: ${orders}`);
		this.#journal.count("one stopped");
		this.#process.programLoop.deliver(() => {
			if (!this.#isRunning(front)) return;
			this.#stopped.add(name);
			const isJudged = checked.watch.isCalmFor(60_000);
			void front.stop({ orders, session: name }).then((all: Readonly<Record<string, Closed>>) => {
				if (!this.#isRunning(front)) return;
				const closed = all[name];
				if (closed) checked.orders.left(closed, isJudged);
				then(() => this.#start(front, checked));
			});
		});
	}

	#isRunning(keeper: Keeper | WorkerKeeper): boolean {
		return this.#process.front === keeper && !this.#process.isStopping;
	}

	#start(keeper: Keeper | WorkerKeeper, { setup, watch, orders, traffic }: CheckedSession): void {
		this.#process.programLoop.deliver(() => {
			if (!this.#isRunning(keeper)) return;
			if (keeper !== this.#process.keeper) {
				// If there is no worker, or if the worker hangs, the call is rejected and the session stays stopped.
				Promise.resolve(keeper.start(setup.name)).catch(() => undefined);
				return;
			}
			this.#journal.tell(setup.name, "start this session again");
			this.#stopped.delete(setup.name);
			orders.processStarted();
			traffic.startedOnRequest();
			watch.processStarted(keeper.current(setup.name).tally);
			keeper.start(setup.name);
		});
	}
}
