/**
 * The key under which a bucket stores the entry of a name. The name may contain any character. Letters, digits, `_` and
 * `-` stay; every other UTF-16 code unit becomes `=` and four hexadecimal digits. Two different names never have the
 * same key.
 */
export function keyOf(name: string): string {
	return name.replace(/[^\w-]/g, (unit) => `=${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
