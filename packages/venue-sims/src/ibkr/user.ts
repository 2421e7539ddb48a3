/** What a client of the user hears of the others. */
export interface IbkrUserClient {
	readonly holds: boolean;
	/** Another client opened the brokerage session. */
	evicted(): void;
	/** That client no longer has it. */
	freed(): void;
}

/** One user name, over all of its clients: it has one brokerage session, whoever opened it last. */
export class IbkrUser {
	readonly #clients = new Set<IbkrUserClient>();

	join(client: IbkrUserClient): void {
		this.#clients.add(client);
	}

	/** Whether another client has the brokerage session. */
	heldBesides(client: IbkrUserClient): boolean {
		return this.#besides(client).some(({ holds }) => holds);
	}

	opened(by: IbkrUserClient): void {
		for (const other of this.#besides(by)) other.evicted();
	}

	ended(by: IbkrUserClient): void {
		for (const other of this.#besides(by)) other.freed();
	}

	#besides(client: IbkrUserClient): IbkrUserClient[] {
		return [...this.#clients].filter((other) => other !== client);
	}
}
