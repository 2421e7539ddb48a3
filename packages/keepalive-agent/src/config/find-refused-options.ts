import { clause } from "@x/base/errors";
import { isObject } from "@x/base/objects";
import { isOptionError } from "@x/keepalive";
import type { SchemaProblem } from "./check-against-schema.ts";
import type { KeyPath } from "./yaml-file.ts";

/**
 * Finds every option that `attempt` refuses. After each refusal, the refused option is left out, and `attempt` is called again with the
 * rest.
 */
export function refusedOptions(options: object, path: KeyPath, attempt: (options: object) => unknown): SchemaProblem[] {
	const problems: SchemaProblem[] = [];
	for (let given: object | undefined = options; given; ) {
		try {
			attempt(given);
			return problems;
		} catch (error) {
			if (!isOptionError(error)) throw error;
			const keys = placeOf(error.option, given);
			const rest = without(given, keys);
			// If a required option is refused and left out, the next error only says that this option is missing. That error is not reported.
			if (rest || problems.length === 0) {
				// The full stop is removed, because no line of the list of problems ends with one.
				const message = clause(error.message.replace(/^.*?\boptions?\b( \S+)? /, ""));
				problems.push({ path: [...path, ...keys], message });
			}
			given = rest;
		}
	}
	return problems;
}

/**
 * The path of an option in the configuration. An error of a client leaves out the beginning of this path: it says `restUrl` for
 * `client.restUrl`.
 */
function placeOf(option: string, options: object): readonly string[] {
	const keys = option.split(/[.[\]]+/).filter((key) => key !== "");
	const [first = ""] = keys;
	if (Object.hasOwn(options, first)) return keys;
	const parent = Object.entries(options).find(([, value]) => isObject(value) && Object.hasOwn(value, first));
	return parent ? [parent[0], ...keys] : keys;
}

/** A copy without one member; undefined when there is no such member. */
function without(value: object, [key, ...rest]: readonly string[]): object | undefined {
	if (key === undefined || !isObject(value) || !Object.hasOwn(value, key)) return undefined;
	const { [key]: member, ...others } = value;
	if (rest.length === 0) return others;
	const inner = isObject(member) ? without(member, rest) : undefined;
	return inner && { ...others, [key]: inner };
}
