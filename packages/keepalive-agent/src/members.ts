/** Whether it is an object with members. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of an object; none of anything else. Each has to be checked before it is used. */
export function members(value: unknown): Readonly<Record<string, unknown>> {
	return isRecord(value) ? value : {};
}
