import type { Keeper, StatusRecord } from "@x/keepalive";
import { type ArmedAnswers, isArmedRecord } from "../invariants/armed-agreement-invariant.ts";
import type { World } from "../world/world.ts";
import { type CheckedSession, isProtected } from "./session-with-invariants.ts";
import type { TradingProgram } from "./trading-program.ts";

/** A process that is asked "may I send an order?", and whose answers are compared. */
interface AskedProcess {
	readonly checked: readonly CheckedSession[];
	readonly keeper: Keeper | undefined;
	readonly program: TradingProgram | undefined;
	/** Defined if the keeper runs in a worker. The alerts are then checked in the program's thread, and not by {@link Answers}. */
	readonly worker: { readonly pulses: boolean } | undefined;
	/** Whether a status record shows that the program asked to stop the session. */
	isReleased(name: string, record: StatusRecord): boolean;
}

/**
 * Asks every function that answers "may I send an order?" whenever an answer may have changed, and passes the answers to the invariants.
 */
export class Answers {
	readonly #process: AskedProcess;
	readonly #world: World;
	/** For each session, the last time at which a status record showed it as late. */
	readonly #lateAt = new Map<string, number>();

	constructor(process: AskedProcess, world: World) {
		this.#process = process;
		this.#world = world;
	}

	/**
	 * The keeper's current status record of a session. If this query makes the keeper detect a stall, the keeper wakes its scheduling loop,
	 * and that loop runs before time advances.
	 */
	current(keeper: Keeper, name: string): StatusRecord {
		const record = keeper.current(name);
		if (record.status.state === "late" && this.#lateAt.get(name) !== this.#world.now) {
			this.#lateAt.set(name, this.#world.now);
			this.#world.wake();
		}
		return record;
	}

	/** To be called when time has advanced and no code has run since. */
	timePassed(): void {
		const { keeper } = this.#process;
		if (!keeper || this.#world.machine.isFrozen) return;
		this.#wakeForGate();
		for (const { setup, kept, agreement } of this.#process.checked) {
			if (kept?.requireArmed && agreement.timePassed(keeper.isArmed(setup.name))) this.#world.wake();
		}
	}

	/**
	 * Compares all answers to "may I send an order?". The complete comparison is made only if something may have changed, because each
	 * refusal throws an exception, which is slow.
	 *
	 * @param hasRun - whether any code ran on the machine or its clock was set. If neither happened, no answer can have changed since time
	 *   last advanced.
	 */
	look(hasRun: boolean): void {
		const { keeper } = this.#process;
		if (!keeper || this.#world.machine.isFrozen) return;
		for (const checked of this.#process.checked) {
			const { setup, kept, agreement } = checked;
			const { touched, heardAt } = setup.route;
			if (touched || heardAt === this.#world.now) this.lookAt(checked, keeper, kept?.requireArmed !== undefined);
			else if (hasRun && kept?.requireArmed && keeper.isArmed(setup.name) !== agreement.isArmed)
				this.lookAt(checked, keeper);
		}
	}

	/**
	 * A query may make the keeper notice that the program hangs. The keeper then closes its health gate and with it all sessions. The code
	 * that closes the sessions has to run before time advances.
	 */
	#wakeForGate(): void {
		const { program } = this.#process;
		if (program?.toleranceMs === undefined) return;
		const mayClose = program.hangingSince !== undefined || this.#world.now - this.#world.machine.disturbedAt < 300_000;
		if (mayClose) this.#world.wake();
	}

	/**
	 * Compares every answer for one session, and records whether the session is protected.
	 *
	 * @param asksKeeper - whether to call the keeper's `requireArmed`. For a session that is never armed (IBKR), `requireArmed` always throws,
	 *   which is slow. For such a session it is called only after each status record and when the deadlines are checked.
	 */
	lookAt({ setup, kept, agreement, alerts }: CheckedSession, keeper: Keeper, asksKeeper = true): void {
		const { name } = setup;
		const isArmed = keeper.isArmed(name);
		const guard = kept?.requireArmed;
		const record = this.current(keeper, name);
		const refusal = asksKeeper ? refusalOf(() => keeper.requireArmed(name)) : undefined;
		const answers: ArmedAnswers = {
			isArmed,
			keeperAllows: asksKeeper ? refusal === undefined : isArmed,
			refusal,
			sessionAllows: guard && refusalOf(guard) === undefined,
			isShown: isArmedRecord(record),
		};
		// A pulse of a program with a worker only changes shared memory. If it came too late, the next query closes the health gate.
		const isByQuery = !isArmed && this.#process.worker?.pulses === true;
		if (agreement.check(answers, isByQuery)) this.#world.wake();
		if (this.#process.worker) return;
		const isReleased = this.#process.isReleased(name, record);
		for (const alert of alerts) alert.see(isReleased ? undefined : isProtected(record));
	}
}

/** The message of the error that `requireArmed` throws; undefined if it returns. */
function refusalOf(guard: () => unknown): string | undefined {
	try {
		guard();
		return undefined;
	} catch (error) {
		return String(error);
	}
}
