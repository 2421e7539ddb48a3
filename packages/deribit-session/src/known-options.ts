import { DeribitError } from "./errors.ts";

/**
 * What `resolve` makes of options, which has a member for each that there is. A misspelt one must not fall back to a
 * default in silence: the default address is production.
 *
 * @throws {DeribitError} of kind `options` for what is no object or has a member that is no option.
 */
export function knowing<T extends object>(options: object, resolve: () => T, path = "", method?: string): T {
	if (typeof options !== "object" || options === null) {
		throw new DeribitError(`the ${path}options must be an object, not a value of type ${typeof options}`, {
			kind: "options",
			method,
		});
	}
	const resolved = resolve();
	for (const name of Object.keys(options)) {
		if (Object.hasOwn(resolved, name)) continue;
		throw new DeribitError(`option ${path}${name} is not known; there are ${Object.keys(resolved).join(", ")}`, {
			kind: "options",
			method,
		});
	}
	return resolved;
}
