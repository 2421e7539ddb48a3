import { isDeepStrictEqual } from "node:util";
import { isRecord } from "@x/base/objects";

/**
 * Returns the paths of all keys whose values in `before` and `after` differ, such as `sessions.hedge.intervalSeconds`, in alphabetical
 * order. The result contains no values.
 */
export function changedKeys(before: unknown, after: unknown, path = ""): readonly string[] {
	if (isDeepStrictEqual(before, after)) return [];
	if (!isRecord(before) || !isRecord(after)) return [path];
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
	return names.flatMap((name) => changedKeys(before[name], after[name], path === "" ? name : `${path}.${name}`));
}
