/**
 * The members of an object that are set, all of which have to be known: a misspelt option would otherwise be ignored, and
 * its default taken for what was asked.
 *
 * @throws TypeError that names what is not known.
 */
export function known<T extends object>(what: string, given: T | undefined, names: object): T {
	if (given !== undefined && (typeof given !== "object" || given === null)) {
		throw invalid(what, given, `an object with ${Object.keys(names).join(", ")}`);
	}
	const set = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
	const strange = set.find(([name]) => !Object.hasOwn(names, name));
	if (strange) {
		throw new TypeError(`@x/keepalive: ${what} ${strange[0]} is not known; there is ${Object.keys(names).join(", ")}`);
	}
	// Entries lose the type; members that are not set are missing from it as before.
	return Object.fromEntries(set) as T;
}

/** @throws TypeError unless it is a number of milliseconds above 0. */
export function requireMs(what: string, value: number): void {
	if (!(Number.isFinite(value) && value > 0)) throw invalid(what, value, "a number of milliseconds above 0");
}

export function invalid(what: string, value: unknown, allowed: string): TypeError {
	const shown = typeof value === "number" ? `number ${value}` : typeof value;
	return new TypeError(`@x/keepalive: ${what} is a ${shown}; it must be ${allowed}`);
}
