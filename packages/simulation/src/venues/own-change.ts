/** The venue's truth about the connection in use. */
interface ConnectionTruth {
	/** Whether a setting differs from what the session claims. */
	readonly isOff: boolean;
	/** Tells one connection from the next. */
	readonly connection: number;
}

/** A change of the protection that the program makes over the guarded connection, so that the session knows of it at once. */
export class OwnChange {
	readonly #truth: () => ConnectionTruth;
	#change: { readonly connection: number; isPending: boolean } | undefined;

	constructor(truth: () => ConnectionTruth) {
		this.#truth = truth;
	}

	/** The program makes the call. @returns a function to be called once it has settled. */
	begin(): () => void {
		const change = { connection: this.#truth().connection, isPending: true };
		this.#change = change;
		return () => {
			change.isPending = false;
			this.#forgetUndone();
		};
	}

	/** Why the protection is off because of it; undefined when it is not, or for another reason. */
	reason(): string | undefined {
		this.#forgetUndone();
		if (!this.#change || !this.#truth().isOff) return undefined;
		return "the program changed it over this connection, and nothing has restored it since";
	}

	/** The session is not armed, so it knows of the change. If it is armed again, then by what the venue said since. */
	noticed(): void {
		if (this.#change && !this.#change.isPending) this.#change = undefined;
	}

	/** A change that was undone, or that never reached the venue, explains nothing that happens later. */
	#forgetUndone(): void {
		const change = this.#change;
		if (!change) return;
		const { isOff, connection } = this.#truth();
		if (change.connection !== connection || (!change.isPending && !isOff)) this.#change = undefined;
	}
}
