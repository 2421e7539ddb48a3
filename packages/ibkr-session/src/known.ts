import { IbkrError } from "./errors.ts";

/** The members that options may have. Written out so that the compiler finds one that is missing. */
export type Names<T> = Readonly<Record<keyof T & string, 1>>;

/**
 * Refuses a member that is none of the known: a misspelt option would else be one that was not given.
 *
 * @throws IbkrError of kind `options` that names it.
 */
export function onlyKnown(options: unknown, known: Readonly<Record<string, 1>>): void {
	if (typeof options !== "object" || options === null) {
		const type = options === null ? "null" : typeof options;
		const message = `the options must be an object, and a value of type ${type} was given`;
		throw new IbkrError(message, { kind: "options" });
	}
	const strange = Object.keys(options).find((name) => !Object.hasOwn(known, name));
	if (strange === undefined) return;
	const shown = /^\w{1,40}$/.test(strange) ? strange : "with an odd name";
	const message = `the option ${shown} is not known; there are ${Object.keys(known).join(", ")}`;
	throw new IbkrError(message, { kind: "options" });
}
