import { asObject, type Json, type Spec } from "./read-spec.ts";

const descriptions = {
	facts: "What the spec says of each operation beyond its shape: where it works, its pace, its source.",
	paces: "The paces of those operations that have one: so many calls in so many seconds.",
	pools: "The pools of credits that the venue counts calls in, and the methods that each is for.",
} as const;

/** The name of a constant that `facts.ts` can contain. */
export type FactsConstant = keyof typeof descriptions;

export function isFactsConstant(name: string): name is FactsConstant {
	return Object.hasOwn(descriptions, name);
}

/**
 * Generates constants from the `x-session` members of the operations, so that code and types come from the spec. The rate limits (`paces`)
 * are a separate constant, so that a bundle that needs only the rate limits contains no other facts.
 */
export function factsSource(spec: Spec, wanted: readonly FactsConstant[]): string {
	const facts = spec.operations.map(({ path, method, value }): [string, { [name: string]: Json | undefined }] => [
		`${method.toUpperCase()} ${path}`,
		{ operationId: value["operationId"], ...asObject(value["x-session"]) },
	]);
	const paces = facts.flatMap(([call, { pace }]) => (pace === undefined ? [] : [[call, pace]]));
	const pools = Object.entries(asObject(asObject(spec.document["x-session"])["pools"]));
	const entries = { facts, paces, pools };
	return wanted.map((name) => constant(name, descriptions[name], entries[name])).join("\n");
}

function constant(name: string, description: string, entries: readonly (readonly unknown[])[]): string {
	// The cast is safe: the caller passes pairs of a name and a value.
	const text = JSON.stringify(Object.fromEntries(entries as [string, unknown][]), null, "\t");
	return `/** ${description} */\nexport const ${name} = ${text} as const;\n`;
}
