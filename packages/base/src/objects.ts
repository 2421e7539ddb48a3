/** Whether a value is an object of any kind, including an array. False for null. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}

/** Whether a value is an object with named members. False for null and arrays. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * A copy without the members that are undefined. A JavaScript program may pass an option as undefined, which must mean
 * its default.
 */
export function withoutUndefined<T extends object>(options: T): T {
	// The cast is needed because `fromEntries` loses the type. It is safe for options, because a member that may be
	// undefined may also be missing.
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/**
 * The member of a record with this name; undefined if there is none. Inherited members are left out, because a name
 * from outside may be one that every object has, such as `constructor`.
 */
export function ownMember<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
	return Object.hasOwn(record, name) ? record[name] : undefined;
}
