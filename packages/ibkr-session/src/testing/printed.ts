import { inspect } from "node:util";

/** Everything that can be printed of a value. */
export function printed(value: unknown): string {
	const error = value instanceof Error ? `${value.stack} ${value.message} ${value}` : "";
	return `${inspect(value, { depth: 12, showHidden: true, getters: true })} ${error} ${JSON.stringify(value)}`;
}
