const brand = Symbol.for("@x/base/OptionError");

/** An option has a value that is not allowed, or a name that is not known. Thrown before anything connects. */
export class OptionError extends TypeError {
	override readonly name = "OptionError";
	/** The package that refused it, such as `@x/deribit-session`. */
	readonly package: string;
	/** Path of the option, such as `url` or `backoff.factor`; empty when the options as a whole are wrong. */
	readonly option: string;

	/** @param problem - what is wrong, such as `must be a number, got ""`. */
	constructor(packageName: string, option: string, problem: string) {
		super(sentence(`${packageName}: ${option ? `option ${option}` : "options"} ${problem}`));
		this.package = packageName;
		this.option = option;
		Object.defineProperty(this, brand, { value: true });
	}
}

/** Whether it is an {@link OptionError}, also one of another copy of the code. Never throws. */
export function isOptionError(error: unknown): error is OptionError {
	try {
		return error instanceof Error && brand in error;
	} catch {
		return false;
	}
}

/** The name of an error's class, or the type of anything else that was thrown. Never throws, and shows no message. */
export function errorName(error: unknown): string {
	try {
		if (error instanceof Error && /^\w{1,40}$/.test(error.name)) return error.name;
	} catch {
		// A proxy may throw at any access.
	}
	return error === null ? "null" : typeof error;
}

/**
 * A text that ends as a sentence: with a full stop, unless it has a mark there. The constructor of each error applies it to the message,
 * so that a message can stand alone and be followed by another sentence.
 */
export function sentence(text: string): string {
	return /[.?!…]$/.test(text) ? text : `${text}.`;
}

/** A text without the full stop at its end, to be followed by more of the same sentence. */
export function clause(text: string): string {
	return text.replace(/\.$/, "");
}

/** Describes a failure that the code does not expect. It leaves out the message, which may hold a secret. */
export function unexpectedFailure(what: string, error: unknown): string {
	return `${what} failed with an unexpected ${errorName(error)}`;
}
