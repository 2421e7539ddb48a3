import { secretsIn } from "./redact.ts";

/** Every secret that went over a connection, so that no error can show one of them, however the venue quotes it. */
export class Secrets implements Iterable<string> {
	readonly #known = new Set<string>();

	/** Remembers the secrets among the members of parameters or a result. */
	learn(values: unknown): void {
		for (const secret of secretsIn(values)) this.#known.add(secret);
	}

	[Symbol.iterator](): Iterator<string> {
		return this.#known.values();
	}
}
