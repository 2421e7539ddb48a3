import type { StatusRecord } from "@x/keepalive";
import type { Journal } from "../journal.ts";
import type { VenueSetup } from "../venues/venue-setup.ts";
import type { World } from "../world/world.ts";

/** The answers to "may I send an order?" at one time, from every function that gives one. */
export interface ArmedAnswers {
	/** The result of the keeper's `isArmed`. */
	readonly isArmed: boolean;
	/** Whether the keeper's `requireArmed` returned. */
	readonly keeperAllows: boolean;
	/** What the keeper's `requireArmed` threw. */
	readonly refusal?: string | undefined;
	/** Whether the session's own `requireArmed` returned; undefined for a session without this function. */
	readonly sessionAllows: boolean | undefined;
	/** Whether `snapshot()` shows the session as alive and armed. */
	readonly isShown: boolean;
}

/** The tolerance in milliseconds. A change that no event caused must be published at most this long after the next beat. */
const toleranceMs = 2_000;

/**
 * Checks that keeper, session and published status agree on whether a session is armed.
 *
 * - i-disagree: two functions answer "may I send an order?" differently at the same time
 * - i-unpublished: the answer changed, but no status was published in time. After an event, the status is due in the same turn of the event
 *   loop. If the answer changed only because time passed, the status is due by the next beat
 * - i-armed-while-off: the session is armed although the protection was switched off over the session's own connection, or although the
 *   session has received a message that announced the end of the protection
 */
export class AgreementInvariant {
	readonly #setup: Pick<VenueSetup, "name" | "beatMs" | "knownOff" | "isUnarmed">;
	readonly #world: World;
	readonly #journal: Journal;
	/** Whether the latest published status says that the session is alive and armed. */
	#isPublished = false;
	#isArmed = false;
	/** When the answer to "is the session armed?" last changed, and whether it changed because time passed, without any code running. */
	#changed = { at: 0, byTime: false };

	constructor(setup: Pick<VenueSetup, "name" | "beatMs" | "knownOff" | "isUnarmed">, world: World, journal: Journal) {
		this.#setup = setup;
		this.#world = world;
		this.#journal = journal;
	}

	/** The latest answer to "is the session armed?". */
	get isArmed(): boolean {
		return this.#isArmed;
	}

	/** Counts the session as not armed from now on. To be called when the process or worker that ran the session has ended. */
	processStarted(): void {
		this.#isPublished = false;
		this.#isArmed = false;
		this.#changed = { at: this.#world.now, byTime: false };
	}

	/** To be called when the keeper has published a status record. */
	recorded(record: StatusRecord): void {
		this.#isPublished = isArmedRecord(record);
	}

	/** To be called when time has advanced and no code has run since. @returns whether the answer to "is the session armed?" has changed. */
	timePassed(isArmed: boolean): boolean {
		return this.#note(isArmed, true);
	}

	/**
	 * To be called when code has run.
	 *
	 * @param isByQuery - whether the query itself may have changed the answer. A change is then treated as caused by the passing of time.
	 * @returns whether the answer to "is the session armed?" has changed.
	 */
	check(answers: ArmedAnswers, isByQuery = false): boolean {
		const { isArmed, keeperAllows, sessionAllows = isArmed, isShown } = answers;
		// No code runs when the wall clock is set. So a change of the answer at that moment is treated as caused by the passing of time.
		const hasChanged = this.#note(isArmed, isByQuery || this.#world.machine.steppedAt === this.#world.now);
		if (keeperAllows !== isArmed || sessionAllows !== isArmed || isShown !== isArmed) {
			this.#violate("i-disagree", JSON.stringify(answers));
		}
		if (this.#isPublished !== isArmed) this.#checkPublished(answers);
		if (!isArmed) this.#setup.isUnarmed?.();
		const reason = isArmed ? this.#setup.knownOff?.() : undefined;
		if (reason !== undefined) this.#violate("i-armed-while-off", reason);
		return hasChanged;
	}

	#note(isArmed: boolean, byTime: boolean): boolean {
		if (isArmed === this.#isArmed) return false;
		this.#isArmed = isArmed;
		this.#changed = { at: this.#world.now, byTime };
		return true;
	}

	#checkPublished({ isArmed, refusal }: ArmedAnswers): void {
		const { now, machine } = this.#world;
		const sinceMs = now - Math.max(this.#changed.at, machine.disturbedAt);
		if (this.#changed.byTime && sinceMs <= this.#setup.beatMs + toleranceMs) return;
		const said = isArmed
			? "armed, and the latest status says that it is not"
			: `not armed (${refusal}), and the latest status says that it is`;
		const how = this.#changed.byTime ? "because time passed" : "because of an event";
		this.#violate("i-unpublished", `${said}, ${sinceMs} ms after the answer changed ${how}`);
	}

	#violate(rule: string, detail: string): void {
		this.#journal.violate(rule, this.#setup.name, detail);
	}
}

/** Whether a status record shows the session as alive and armed. */
export function isArmedRecord({ status }: StatusRecord): boolean {
	return status.state === "alive" && status.protection.state === "armed";
}
