/** Whether a value is an object of any kind, including an array. False for null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}

/** Whether a value is an object with named members. False for null and arrays. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A copy of an object without the members whose value is undefined. A JavaScript program may pass undefined for an option.
 * If the caller spreads the copy over the defaults, such an option keeps its default.
 */
export function withoutUndefined<T extends object>(options: T): T {
	// The cast is needed because `fromEntries` loses the type. The cast is safe for options: an option that may be undefined may
	// also be missing.
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/**
 * The member of a record with this name; undefined if there is none. An inherited member is not returned: a name that
 * another program sent may be `constructor`, which every object inherits.
 */
export function ownMember<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
	return Object.hasOwn(record, name) ? record[name] : undefined;
}
