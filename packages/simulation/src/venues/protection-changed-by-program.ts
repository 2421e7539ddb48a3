/** The actual state of the connection in use, as the venue knows it. */
interface ConnectionTruth {
	/** Whether a setting differs from what the session claims. */
	readonly isOff: boolean;
	/** The number of the connection. */
	readonly connection: number;
}

/**
 * A change of the protection that the program itself makes, by a call over the session's connection. The session learns of such a
 * change at once.
 */
export class OwnChange {
	readonly #truth: () => ConnectionTruth;
	#change: { readonly connection: number; isPending: boolean } | undefined;

	constructor(truth: () => ConnectionTruth) {
		this.#truth = truth;
	}

	/** To be called when the program makes the call. @returns a function to be called once the call has settled. */
	begin(): () => void {
		const change = { connection: this.#truth().connection, isPending: true };
		this.#change = change;
		return () => {
			change.isPending = false;
			this.#forgetUndone();
		};
	}

	/**
	 * The reason why the protection is off, if this change has switched it off. Undefined if the protection is on, or off for another reason.
	 */
	reason(): string | undefined {
		this.#forgetUndone();
		if (!this.#change || !this.#truth().isOff) return undefined;
		return "the program changed it over this connection, and nothing has restored it since";
	}

	/**
	 * To be called when the session is shown as not armed, which means that the session knows of the change. If the session becomes armed
	 * again later, this change no longer explains why the protection is off.
	 */
	noticed(): void {
		if (this.#change && !this.#change.isPending) this.#change = undefined;
	}

	/** Forgets a change that was undone or that never reached the venue, because it cannot explain anything that happens later. */
	#forgetUndone(): void {
		const change = this.#change;
		if (!change) return;
		const { isOff, connection } = this.#truth();
		if (change.connection !== connection || (!change.isPending && !isOff)) this.#change = undefined;
	}
}
