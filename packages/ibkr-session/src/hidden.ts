/** A value that must not get into a log by accident. It prints as `[hidden]`; only `reveal` returns it. */
export class IbkrHidden<T> {
	readonly #value: T;

	constructor(value: T) {
		this.#value = value;
	}

	/** The value. Keep it out of logs, errors and status records. */
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
