/** A loss of the session, as plain data. */
export interface IbkrLoss {
	/** When it was noticed, in epoch milliseconds. */
	readonly lostAt: number;
	/** Why it was lost. */
	readonly reason: string;
	/** Whether the nightly reset or the weekend maintenance explains it, by its cause and its time. */
	readonly expected: boolean;
	/**
	 * What has to be redone, because a new session does not take it over from the one before it. Not the working orders: IBKR
	 * cancels none when a session ends.
	 */
	readonly redo: readonly {
		readonly what: "accounts" | "suppressed-questions" | "order-list" | "subscriptions";
		/** The call of the venue that does it. */
		readonly call: string;
		/** Whether the session has done it already. What is not done is left to the program. */
		readonly done: boolean;
	}[];
}

type Redo = IbkrLoss["redo"][number];

const maxLosses = 100;

const redoForSocket: Redo = { what: "subscriptions", call: "the socket's subscriptions", done: false };

/** @param isOpen - whether the accounts were asked for in the new session. */
const redoForBrokerage = (isOpen: boolean): readonly Redo[] => [
	{ what: "accounts", call: "GET /iserver/accounts", done: isOpen },
	{ what: "suppressed-questions", call: "POST /iserver/questions/suppress", done: false },
	{ what: "order-list", call: "GET /iserver/account/orders", done: false },
];

/** When and why a session was lost. */
interface RecordedLoss {
	readonly lostAt: number;
	readonly reason: string;
	readonly expected: boolean;
	/** Whether the layers below the socket may still be alive. */
	readonly socketOnly: boolean;
}

/** Keeps the losses of a session from one time it is alive to the next, and until it is lost again. */
export class LossLog {
	readonly #hasSocket: boolean;
	#recorded: readonly RecordedLoss[] = [];
	#isAlive = false;
	/** Whether the session that was opened last has a new brokerage session. */
	#isNewBrokerage = false;

	constructor(hasSocket: boolean) {
		this.#hasSocket = hasSocket;
	}

	/** While the session is down: the losses since it was last alive. While it is alive: the losses of the outage before. Oldest first. */
	get losses(): readonly IbkrLoss[] {
		return this.#lossesFor(this.#isAlive, this.#isNewBrokerage);
	}

	/** Records a loss. The same session can only be lost once. */
	recordLoss(loss: Omit<RecordedLoss, "lostAt">): void {
		const earlier = this.#isAlive ? [] : this.#recorded;
		this.#isAlive = false;
		this.#recorded = [...earlier, { ...loss, lostAt: Date.now() }].slice(-maxLosses);
	}

	/** The losses for the hook of an open. @param isNewBrokerage - whether a new brokerage session was initialized. */
	lossesAtOpen(isNewBrokerage: boolean): readonly IbkrLoss[] {
		return this.#isAlive ? [] : this.#lossesFor(true, isNewBrokerage);
	}

	/** Records that the session is alive. */
	recordAlive(isNewBrokerage: boolean): void {
		// Without a loss in between, such as after a close, an earlier one is not reported again.
		if (this.#isAlive) this.#recorded = [];
		this.#isAlive = true;
		this.#isNewBrokerage = isNewBrokerage;
	}

	#lossesFor(isOpen: boolean, isNewBrokerage: boolean): readonly IbkrLoss[] {
		return this.#recorded.map(({ socketOnly, ...loss }) => ({
			...loss,
			redo: [
				...((isOpen && isNewBrokerage) || !socketOnly ? redoForBrokerage(isOpen) : []),
				...(this.#hasSocket ? [redoForSocket] : []),
			],
		}));
	}
}
