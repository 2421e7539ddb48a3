/**
 * The key for a name, which may hold any character: letters, digits, `_` and `-` stay, each other UTF-16 code unit becomes `=` and four
 * hexadecimal digits. Two names never have the same key.
 */
export function keyOf(name: string): string {
	return name.replace(/[^\w-]/g, (unit) => `=${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
