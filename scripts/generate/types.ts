import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import type { Spec } from "./spec.ts";

/** The TypeScript types of a spec, as openapi-typescript makes them, with `null`, `undefined` and extra members kept apart. */
export async function typesSource(spec: Spec): Promise<string> {
	// A copy: openapi-typescript resolves references inside the object it is given. The cast: the document has passed
	// redocly's check of its structure, which is what the type says.
	const ast = await openapiTS(structuredClone(spec.document) as unknown as OpenAPI3, {
		alphabetize: false,
		emptyObjectsUnknown: true,
		defaultNonNullable: false,
	});
	return astToString(ast);
}
