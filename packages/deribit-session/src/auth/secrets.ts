import { secretsIn } from "../redact.ts";

/** More than are good at a time; a session's tokens are renewed for as long as it lives. */
const most = 100;

/** The secrets that went over a connection last, so that no error can show one of them, however the venue quotes it. */
export class Secrets implements Iterable<string> {
	readonly #known = new Set<string>();

	/** Remembers the secrets among the members of parameters or a result. */
	learn(values: unknown): void {
		for (const secret of secretsIn(values)) {
			// Behind all others: what is still in use is not forgotten first.
			this.#known.delete(secret);
			this.#known.add(secret);
		}
		if (this.#known.size > most) this.#forgetOldest();
	}

	#forgetOldest(): void {
		for (const oldest of this.#known) if (this.#known.size > most) this.#known.delete(oldest);
	}

	[Symbol.iterator](): Iterator<string> {
		return this.#known.values();
	}
}
