import { asObject, type Spec } from "./spec.ts";

/** The `x-session` facts of every operation as a constant, so that code and types read them from the spec. */
export function factsSource(spec: Spec): string {
	const facts = spec.operations.map(({ path, method, value }) => [
		`${method.toUpperCase()} ${path}`,
		{ operationId: value["operationId"], ...asObject(value["x-session"]) },
	]);
	const text = JSON.stringify(Object.fromEntries(facts), null, "\t");
	return `/** What the spec says of each operation beyond its shape: where it works, its pace, its source. */\nexport const facts = ${text} as const;\n`;
}
