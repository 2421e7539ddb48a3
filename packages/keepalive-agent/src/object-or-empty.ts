import { isRecord } from "@x/base/objects";

/** Returns an object as it is, and an empty object for any other value. The caller has to check each member before using it. */
export function members(value: unknown): Readonly<Record<string, unknown>> {
	return isRecord(value) ? value : {};
}
