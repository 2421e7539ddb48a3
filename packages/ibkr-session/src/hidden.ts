/**
 * A value that must not end up in a log by accident: `reveal` is the only way to it.
 *
 * Printing, `JSON.stringify` and string conversion give `[hidden]`.
 */
export class IbkrHidden<T> {
	readonly #value: T;

	constructor(value: T) {
		this.#value = value;
	}

	/** The value itself. Keep it out of logs, errors and status records. */
	reveal(): T {
		return this.#value;
	}

	toString(): string {
		return "[hidden]";
	}

	toJSON(): string {
		return "[hidden]";
	}
}
