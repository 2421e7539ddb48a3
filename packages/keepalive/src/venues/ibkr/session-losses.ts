/** A loss of the session, as plain data. */
export interface IbkrLoss {
	/** When the loss was noticed, in epoch milliseconds. */
	readonly lostAt: number;
	/** Why the session was lost. */
	readonly reason: string;
	/** Whether IBKR's nightly reset or weekend maintenance explains the cause and the time of the loss. */
	readonly expected: boolean;
	/**
	 * Calls that have to be made again, because their effect ended with the previous session. Working orders are not in this list:
	 * IBKR cancels no order when a session ends.
	 */
	readonly redo: readonly {
		readonly what: "accounts" | "suppressed-questions" | "order-list" | "subscriptions";
		/** The call of IBKR's API that has to be made again. */
		readonly call: string;
		/** Whether the session has already made the call again. If false, your program has to make it. */
		readonly done: boolean;
	}[];
}

type Redo = IbkrLoss["redo"][number];

const maxLosses = 100;

const redoForSocket: Redo = { what: "subscriptions", call: "the socket's subscriptions", done: false };

/** @param isOpen - true if the new session is open, so that it has already read the accounts. */
const redoForBrokerage = (isOpen: boolean): readonly Redo[] => [
	{ what: "accounts", call: "GET /iserver/accounts", done: isOpen },
	{ what: "suppressed-questions", call: "POST /iserver/questions/suppress", done: false },
	{ what: "order-list", call: "GET /iserver/account/orders", done: false },
];

/** When and why a session was lost; recorded at the moment of the loss. */
interface RecordedLoss {
	readonly lostAt: number;
	readonly reason: string;
	readonly expected: boolean;
	/** True if only the socket was lost, so that login and brokerage session may be alive. */
	readonly socketOnly: boolean;
}

/** Records each loss of a session during its latest outage. After the session was alive again, the next loss starts a new list. */
export class LossLog {
	readonly #hasSocket: boolean;
	#recorded: readonly RecordedLoss[] = [];
	#isAlive = false;
	/** Whether the latest successful open has initialized a new brokerage session. */
	#isNewBrokerage = false;

	constructor(hasSocket: boolean) {
		this.#hasSocket = hasSocket;
	}

	/**
	 * While the session is down: each loss of the session since it was last alive. While it is alive: each loss during the latest
	 * outage. Oldest first.
	 */
	get losses(): readonly IbkrLoss[] {
		return this.#lossesFor(this.#isAlive, this.#isNewBrokerage);
	}

	/** Records the loss of a session. To be called at most once for each open session. */
	recordLoss(loss: Omit<RecordedLoss, "lostAt">): void {
		const earlier = this.#isAlive ? [] : this.#recorded;
		this.#isAlive = false;
		this.#recorded = [...earlier, { ...loss, lostAt: Date.now() }].slice(-maxLosses);
	}

	/**
	 * Returns each loss of the session to pass to the hook `onOpen`.
	 *
	 * @param isNewBrokerage - whether a new brokerage session was initialized.
	 */
	lossesAtOpen(isNewBrokerage: boolean): readonly IbkrLoss[] {
		return this.#isAlive ? [] : this.#lossesFor(true, isNewBrokerage);
	}

	/** Records that the session is alive. */
	recordAlive(isNewBrokerage: boolean): void {
		// The mark from the last time is removed only by a loss. If it is still set, the session was not lost but closed by the program in
		// between. Then the recorded losses are from an earlier outage, so they are dropped.
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
