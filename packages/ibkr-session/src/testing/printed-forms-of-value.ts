import { inspect } from "node:util";

/** Returns one text with all printed forms of a value. A test can search this text for secrets. */
export function allPrintedForms(value: unknown): string {
	const error = value instanceof Error ? `${value.stack} ${value.message} ${value}` : "";
	return `${inspect(value, { depth: 12, showHidden: true, getters: true })} ${error} ${JSON.stringify(value)}`;
}
