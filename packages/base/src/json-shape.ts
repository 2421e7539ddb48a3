/**
 * The shape of a JSON message. Tests compare the shapes of two messages to check that the messages have the same members.
 * - The shape of an object is the list of its members in order, each with its name and the shape of its value.
 * - The shape of a string or number is its type. True, false and null stay as they are.
 * - The shape of a message that is not JSON is the message itself.
 *
 * @param texts - names of members whose string value stays in the shape. Each number in such a value is replaced by 0.
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
	// Only the first item of an array counts, because all items of an array are assumed to have the same shape.
	if (Array.isArray(value)) return value.slice(0, 1).map((each) => shapeOf(each, name, texts));
	if (typeof value === "object" && value !== null) {
		return Object.entries(value).map(([inner, each]) => [inner, shapeOf(each, inner, texts)]);
	}
	if (typeof value === "boolean" || value === null) return value;
	return typeof value === "string" && texts.includes(name) ? value.replaceAll(/\d+/g, "0") : typeof value;
}
