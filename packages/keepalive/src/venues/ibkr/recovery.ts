/** A loss of the session, as plain data. */
export interface IbkrLoss {
	/** When the loss was noticed, in epoch milliseconds. */
	readonly lostAt: number;
	/** Why the session was lost. */
	readonly reason: string;
	/** Whether IBKR's nightly reset or weekend maintenance explains the cause and the time of the loss. */
	readonly expected: boolean;
	/**
	 * What has to be redone, because a new session does not inherit it from the previous session. Working orders are not in this
	 * list: IBKR cancels no order when a session ends.
	 */
	readonly redo: readonly {
		readonly what: "accounts" | "suppressed-questions" | "order-list" | "subscriptions";
		/** The call of IBKR's API that redoes it. */
		readonly call: string;
		/** Whether the session has already redone this. If false, your program has to redo it. */
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

/** Keeps the losses of the latest outage of a session, until the session is lost again after it was alive. */
export class LossLog {
	readonly #hasSocket: boolean;
	#recorded: readonly RecordedLoss[] = [];
	#isAlive = false;
	/** Whether the session that was opened last has a new brokerage session. */
	#isNewBrokerage = false;

	constructor(hasSocket: boolean) {
		this.#hasSocket = hasSocket;
	}

	/** While the session is down: the losses since it was last alive. While it is alive: the losses of the latest outage. Oldest first. */
	get losses(): readonly IbkrLoss[] {
		return this.#lossesFor(this.#isAlive, this.#isNewBrokerage);
	}

	/** Records the loss of a session. To be called at most once for each open session. */
	recordLoss(loss: Omit<RecordedLoss, "lostAt">): void {
		const earlier = this.#isAlive ? [] : this.#recorded;
		this.#isAlive = false;
		this.#recorded = [...earlier, { ...loss, lostAt: Date.now() }].slice(-maxLosses);
	}

	/** The losses to pass to the hook `onOpen`. @param isNewBrokerage - whether a new brokerage session was initialized. */
	lossesAtOpen(isNewBrokerage: boolean): readonly IbkrLoss[] {
		return this.#isAlive ? [] : this.#lossesFor(true, isNewBrokerage);
	}

	/** Records that the session is alive. */
	recordAlive(isNewBrokerage: boolean): void {
		// If the session was not lost since it was last alive, such as after a close(), earlier losses are not reported again.
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
