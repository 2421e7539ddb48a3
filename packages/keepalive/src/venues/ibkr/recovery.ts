/** Something that a new session does not take over from the one before it. */
export interface IbkrRedo {
	readonly what: "accounts" | "suppressed-questions" | "order-list" | "subscriptions";
	/** The call of the venue that does it. */
	readonly call: string;
	/** Whether the session has done it already. What is not done is left to the program. */
	readonly done: boolean;
}

/** A session that was lost and is alive again, as plain data. Instants are epoch milliseconds. */
export interface IbkrRepair {
	readonly at: number;
	readonly lostAt: number;
	/** Why it was lost. */
	readonly reason: string;
	/** Whether it was lost during the nightly reset or the weekend maintenance. */
	readonly expected: boolean;
	/** What has to be redone. Not the working orders: they stay at the exchange. */
	readonly redo: readonly IbkrRedo[];
}

const maxRepairs = 100;

const redoForBrokerage: readonly IbkrRedo[] = [
	{ what: "accounts", call: "GET /iserver/accounts", done: true },
	{ what: "suppressed-questions", call: "POST /iserver/questions/suppress", done: false },
	{ what: "order-list", call: "GET /iserver/account/orders", done: false },
];
const redoForSocket: IbkrRedo = { what: "subscriptions", call: "the socket's subscriptions", done: false };

/** Why and when a session was lost. */
export interface SessionLoss {
	readonly reason: string;
	readonly expected: boolean;
	/** Whether the layers below the socket may still be alive. */
	readonly socketOnly: boolean;
}

/** Keeps a loss until the session is alive again, and then reports the repair. */
export class RepairLog {
	readonly #onRepair: ((repair: IbkrRepair) => unknown) | undefined;
	readonly #hasSocket: boolean;
	#repairs: readonly IbkrRepair[] = [];
	#loss: (SessionLoss & { readonly lostAt: number }) | undefined;

	constructor(onRepair: ((repair: IbkrRepair) => unknown) | undefined, hasSocket: boolean) {
		this.#onRepair = onRepair;
		this.#hasSocket = hasSocket;
	}

	/** The latest repairs, the oldest first. */
	get repairs(): readonly IbkrRepair[] {
		return this.#repairs;
	}

	/** Records a loss. Of several before a repair the first reason is kept. */
	recordLoss(loss: SessionLoss): void {
		const first = this.#loss ?? { ...loss, lostAt: Date.now() };
		this.#loss = { ...first, socketOnly: first.socketOnly && loss.socketOnly };
	}

	/**
	 * Reports the repair of the recorded loss, if there is one.
	 *
	 * @param isNewBrokerage - whether a new brokerage session was initialized.
	 */
	recordAlive(isNewBrokerage: boolean): void {
		const loss = this.#loss;
		this.#loss = undefined;
		if (!loss) return;
		const { lostAt, reason, expected, socketOnly } = loss;
		const redo = [
			...(isNewBrokerage || !socketOnly ? redoForBrokerage : []),
			...(this.#hasSocket ? [redoForSocket] : []),
		];
		const repair: IbkrRepair = { at: Date.now(), lostAt, reason, expected, redo };
		this.#repairs = [...this.#repairs, repair].slice(-maxRepairs);
		try {
			// The rejection of an async function would end the process.
			const returned: unknown = this.#onRepair?.(repair);
			if (returned instanceof Promise) returned.catch(() => undefined);
		} catch {
			// An exception of the program must not end the session that was just repaired.
		}
	}
}
