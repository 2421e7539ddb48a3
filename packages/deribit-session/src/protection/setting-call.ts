import type { JsonObject } from "../socket/frames.ts";

/** To be called without a reply once nobody waits for one any more, and then with the reply if one came. */
export type Outcome = (reply?: JsonObject) => void;

/**
 * A setting that the venue keeps for this connection, as far as its replies tell. Replies may overtake each other: what
 * was said while changes crossed, or before a later one, says nothing.
 */
export class Setting<T> {
	#value: T | undefined;
	#isRead = false;
	#changes = 0;
	#underWay = 0;

	/** As the venue last said; undefined when it never did, or a change was sent and not confirmed. */
	get value(): T | undefined {
		return this.#value;
	}

	/** The same, but only as an answer to the question how it stands: an "ok" alone proves nothing. */
	get readBack(): T | undefined {
		return this.#isRead ? this.#value : undefined;
	}

	/** A change is being sent. */
	change(to: T): Outcome {
		this.#changes += 1;
		const turn = this.#changes;
		const alone = this.#underWay === 0;
		this.#underWay += 1;
		// What it is set to already it stays, heard or not.
		if (this.#value !== to) this.#know(undefined, false);
		return (reply) => {
			if (!reply) this.#underWay -= 1;
			else if (turn === this.#changes && !(alone && reply["result"] === "ok")) this.#know(undefined, false);
			else if (turn === this.#changes) this.#know(to, this.#isRead);
		};
	}

	/** Something is being sent that may bear on it: what was read before, or is under way, proves nothing after. */
	doubt(): void {
		this.#changes += 1;
		this.#isRead = false;
	}

	/** The question how it stands is being sent. */
	ask(answer: (reply: JsonObject) => T | undefined): Outcome {
		const turn = this.#changes;
		const alone = this.#underWay === 0;
		return (reply) => {
			const said = reply && answer(reply);
			if (said !== undefined && alone && turn === this.#changes) this.#know(said, true);
		};
	}

	#know(value: T | undefined, isRead: boolean): void {
		this.#value = value;
		this.#isRead = isRead;
	}
}
