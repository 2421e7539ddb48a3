const brand = Symbol.for("@x/base/OptionError");

/**
 * The error for an option whose value is not allowed or whose name is not known. Thrown before any connection is
 * opened.
 */
export class OptionError extends TypeError {
	override readonly name = "OptionError";
	/** The package that rejected the option, such as `@x/deribit-session`. */
	readonly package: string;
	/**
	 * Path of the option, such as `url` or `backoff.factor`. Empty when the options as a whole are wrong, for example a
	 * string instead of an object.
	 */
	readonly option: string;

	/** @param problem - what is wrong, such as `must be a number, got ""`. */
	constructor(packageName: string, option: string, problem: string) {
		super(sentence(`${packageName}: ${option ? `option ${option}` : "options"} ${problem}`));
		this.package = packageName;
		this.option = option;
		Object.defineProperty(this, brand, { value: true });
	}
}

/** Whether `error` is an {@link OptionError}, even if another installed copy of this package created it. Never throws. */
export function isOptionError(error: unknown): error is OptionError {
	try {
		return error instanceof Error && brand in error;
	} catch {
		return false;
	}
}

/**
 * The name of an error's class, or the type of a thrown value that is not an error. Never throws. Never shows the message,
 * because the message may hold a secret.
 */
export function errorName(error: unknown): string {
	try {
		if (error instanceof Error && /^\w{1,40}$/.test(error.name)) return error.name;
	} catch {
		// Ignored: reading a property of a Proxy may throw any error.
	}
	return error === null ? "null" : typeof error;
}

/**
 * Adds a full stop to a text that does not end with a punctuation mark. The constructor of each error class calls this
 * function with its message. The message can then stand alone or be followed by another sentence.
 */
export function sentence(text: string): string {
	return /[.?!…]$/.test(text) ? text : `${text}.`;
}

/** Removes the full stop at the end of a text, so that the text can be continued in the same sentence. */
export function clause(text: string): string {
	return text.replace(/\.$/, "");
}

/** The text that describes an unexpected failure, without the error's message, which may hold a secret. */
export function unexpectedFailure(what: string, error: unknown): string {
	return `${what} failed with an unexpected ${errorName(error)}`;
}
