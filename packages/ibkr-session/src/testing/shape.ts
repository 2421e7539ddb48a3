/**
 * What two bodies of the same kind have in common: the names of all members in their order with the types of their values, and any
 * text that is not JSON. Texts of errors count as they are, without numbers.
 */
export function shapeOf(body: string): unknown {
	try {
		return shape(JSON.parse(body));
	} catch {
		return body;
	}
}

function shape(value: unknown, name = ""): unknown {
	if (Array.isArray(value)) return value.slice(0, 1).map((each) => shape(each));
	if (typeof value === "object" && value !== null) {
		return Object.entries(value).map(([inner, each]) => [inner, shape(each, inner)]);
	}
	if (typeof value === "boolean" || value === null) return value;
	return typeof value === "string" && texts.has(name) ? value.replaceAll(/\d+/g, "0") : typeof value;
}

/** Members whose text is the same wherever it is sent. */
const texts: ReadonlySet<string> = new Set(["error", "fail", "message", "topic"]);
