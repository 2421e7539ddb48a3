/** Whether it is an object of any kind, an array included. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null;
}

/** Whether it is an object with named members, so no array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A copy without the members that are undefined: in JavaScript an option may be given as undefined, which means its default. */
export function withoutUndefined<T extends object>(options: T): T {
	// The cast: `fromEntries` loses the type, which allows these members to be missing anyway.
	return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/** A member of the object itself. A name from outside may be that of a member of every object, such as `constructor`. */
export function ownMember<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
	return Object.hasOwn(record, name) ? record[name] : undefined;
}
