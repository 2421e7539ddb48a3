import { inspect } from "node:util";

/** A value in every form in which it can be printed, to look for secrets in it. */
export function allPrintedForms(value: unknown): string {
	const error = value instanceof Error ? `${value.stack} ${value.message} ${value}` : "";
	return `${inspect(value, { depth: 12, showHidden: true, getters: true })} ${error} ${JSON.stringify(value)}`;
}
