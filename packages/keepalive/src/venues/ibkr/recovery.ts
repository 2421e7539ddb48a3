/** Something that a session does not take over from the one before it. */
export interface IbkrAgain {
	readonly what: "accounts" | "suppressed-questions" | "order-list" | "subscriptions";
	/** The venue's call for it. */
	readonly call: string;
	/** Whether it is done already; the others are the program's to do. */
	readonly done: boolean;
}

/** A session that was lost and is alive again, as plain data. Instants are epoch milliseconds. */
export interface IbkrRepair {
	readonly at: number;
	readonly lostAt: number;
	/** Why it was lost. */
	readonly why: string;
	/** Whether the loss fell into the venue's nightly reset or its weekend maintenance. */
	readonly expected: boolean;
	/** What has to be done again. Working orders were not touched: they stay at the exchange. */
	readonly again: readonly IbkrAgain[];
}

/** How many are remembered. */
const most = 100;

const ofBrokerage: readonly IbkrAgain[] = [
	{ what: "accounts", call: "GET /iserver/accounts", done: true },
	{ what: "suppressed-questions", call: "POST /iserver/questions/suppress", done: false },
	{ what: "order-list", call: "GET /iserver/account/orders", done: false },
];
const ofSocket: IbkrAgain = { what: "subscriptions", call: "the socket's subscriptions", done: false };

/** Remembers the loss until the session is alive again, then tells what must be done. */
export class Repairs {
	readonly #tell: ((repair: IbkrRepair) => unknown) | undefined;
	readonly #hasSocket: boolean;
	#list: readonly IbkrRepair[] = [];
	#loss: { lostAt: number; why: string; expected: boolean; socketOnly: boolean } | undefined;

	constructor({ tell, hasSocket }: { tell: ((repair: IbkrRepair) => unknown) | undefined; hasSocket: boolean }) {
		this.#tell = tell;
		this.#hasSocket = hasSocket;
	}

	get list(): readonly IbkrRepair[] {
		return this.#list;
	}

	/** The first reason stays; a loss of more than the socket stands above one of the socket. */
	lost(why: string, expected: boolean, socketOnly = false): void {
		if (this.#loss) this.#loss.socketOnly &&= socketOnly;
		else this.#loss = { lostAt: Date.now(), why, expected, socketOnly };
	}

	/** @param reopened - whether the brokerage session is another one than before. */
	alive(reopened: boolean): void {
		const loss = this.#loss;
		this.#loss = undefined;
		if (!loss) return;
		const { socketOnly, ...facts } = loss;
		const again = [...(reopened || !socketOnly ? ofBrokerage : []), ...(this.#hasSocket ? [ofSocket] : [])];
		const repair: IbkrRepair = { at: Date.now(), ...facts, again };
		this.#list = [...this.#list, repair].slice(-most);
		try {
			// An async function is accepted, and its rejection would end the process.
			const told: unknown = this.#tell?.(repair);
			if (told instanceof Promise) told.catch(() => undefined);
		} catch {
			// A program's fault must not end the session that was just repaired.
		}
	}
}
