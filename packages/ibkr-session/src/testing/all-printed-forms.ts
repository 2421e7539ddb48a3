import { inspect } from "node:util";

/** A text with a value in every form in which the value can be printed, so that a test can look for secrets in it. */
export function allPrintedForms(value: unknown): string {
	const error = value instanceof Error ? `${value.stack} ${value.message} ${value}` : "";
	return `${inspect(value, { depth: 12, showHidden: true, getters: true })} ${error} ${JSON.stringify(value)}`;
}
