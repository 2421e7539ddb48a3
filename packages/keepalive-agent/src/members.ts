import { isRecord } from "@x/base/record";

/** The members of an object; none of anything else. Each has to be checked before it is used. */
export function members(value: unknown): Readonly<Record<string, unknown>> {
	return isRecord(value) ? value : {};
}
