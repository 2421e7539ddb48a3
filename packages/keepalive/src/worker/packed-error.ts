import { causeOf } from "../status/status.ts";

/** The form in which an error is passed from one thread to another. */
export interface PackedError {
	readonly name: string;
	readonly message: string;
	/** The data of an error that this project defines, such as `brand`, `kind` and `disposition`. */
	readonly fields: Readonly<Record<string, unknown>>;
	readonly cause?: PackedError;
}

/** The maximum number of causes that are kept. There is a maximum because a chain of causes may be a circle. */
const maxCauses = 4;

/**
 * Packs an error for another thread. An error of this project contains no secrets and keeps its data. Of any other error, only
 * the name, the message and a `code` are passed on, because nothing is known about its other members. Never throws.
 */
export function packError(error: unknown, depth = 0): PackedError {
	const { name, message } = causeOf(error);
	try {
		if (!(error instanceof Error)) return { name, message, fields: {} };
		const hasCause = error.cause !== undefined && depth < maxCauses;
		return { name, message, fields: fieldsOf(error), ...(hasCause && { cause: packError(error.cause, depth + 1) }) };
	} catch {
		return { name, message, fields: {} };
	}
}

function fieldsOf(error: Error): Readonly<Record<string, unknown>> {
	const isOwn = "brand" in error && typeof error.brand === "string" && error.brand.startsWith("@x/");
	const entries = Object.entries(error).filter(([key, value]) => {
		if (key === "cause" || key === "message" || key === "stack" || key === "name") return false;
		if (!isOwn) return key === "code" && (typeof value === "string" || typeof value === "number");
		return isPlainData(value);
	});
	return Object.fromEntries(entries);
}

function isPlainData(value: unknown, depth = 0): boolean {
	if (value === null || ["string", "number", "boolean", "undefined"].includes(typeof value)) return true;
	if (typeof value !== "object" || depth > maxCauses) return false;
	const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
	return isPlain && Object.values(value).every((each) => isPlainData(each, depth + 1));
}

/**
 * Makes an error from its packed form. The result is a plain `Error`: other code recognizes errors of this project by their
 * brand, not by their class.
 */
export function unpackError({ name, message, fields, cause }: PackedError): Error {
	const error = new Error(message, cause && { cause: unpackError(cause) });
	Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
	return Object.assign(error, fields);
}
