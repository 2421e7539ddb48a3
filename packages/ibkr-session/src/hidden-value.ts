/**
 * A value that must not get into a log by accident. The object prints as `[hidden]`; only `reveal` returns the value.
 */
export class IbkrHidden<T> {
	readonly #value: T;

	constructor(value: T) {
		this.#value = value;
	}

	/** Returns the value. Keep the value out of logs, errors and status records. */
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
