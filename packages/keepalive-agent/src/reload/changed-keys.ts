import { isDeepStrictEqual } from "node:util";

/** The paths of all keys whose values differ, such as `sessions.hedge.intervalSeconds`, in alphabetical order. Values are not told. */
export function changedKeys(before: unknown, after: unknown, path = ""): readonly string[] {
	if (isDeepStrictEqual(before, after)) return [];
	if (!isObject(before) || !isObject(after)) return [path];
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
	return names.flatMap((name) => changedKeys(before[name], after[name], path === "" ? name : `${path}.${name}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
