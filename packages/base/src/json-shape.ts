/**
 * What two messages of one kind have in common, for tests: the names of all members in their order, with the types of their
 * values. A message that is not JSON is compared as it is.
 *
 * @param texts - members whose text is the same wherever it is sent, apart from numbers in it.
 */
export function jsonShape(message: string, texts: readonly string[]): unknown {
	let value: unknown;
	try {
		value = JSON.parse(message);
	} catch {
		return message;
	}
	return shapeOf(value, "", texts);
}

function shapeOf(value: unknown, name: string, texts: readonly string[]): unknown {
	// The entries of a list have one shape.
	if (Array.isArray(value)) return value.slice(0, 1).map((each) => shapeOf(each, name, texts));
	if (typeof value === "object" && value !== null) {
		return Object.entries(value).map(([inner, each]) => [inner, shapeOf(each, inner, texts)]);
	}
	if (typeof value === "boolean" || value === null) return value;
	return typeof value === "string" && texts.includes(name) ? value.replaceAll(/\d+/g, "0") : typeof value;
}
