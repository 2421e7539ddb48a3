import { asObject, type Json, type Spec } from "./spec.ts";

/**
 * The `x-session` facts of every operation as a constant, so that code and types read them from the spec; and the paces
 * again on their own, for code that needs nothing else and should not weigh more.
 */
export function factsSource(spec: Spec): string {
	const facts = spec.operations.map(({ path, method, value }): [string, { [name: string]: Json | undefined }] => [
		`${method.toUpperCase()} ${path}`,
		{ operationId: value["operationId"], ...asObject(value["x-session"]) },
	]);
	const paces = facts.flatMap(([call, { pace }]) => (pace === undefined ? [] : [[call, pace]]));
	return [
		constant(
			"facts",
			"What the spec says of each operation beyond its shape: where it works, its pace, its source.",
			facts,
		),
		constant("paces", "The paces of those operations that have one: so many calls in so many seconds.", paces),
	].join("\n");
}

function constant(name: string, description: string, entries: readonly (readonly unknown[])[]): string {
	const text = JSON.stringify(Object.fromEntries(entries as [string, unknown][]), null, "\t");
	return `/** ${description} */\nexport const ${name} = ${text} as const;\n`;
}
