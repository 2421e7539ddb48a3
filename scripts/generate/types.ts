import openapiTS, { astToString, type OpenAPI3 } from "openapi-typescript";
import type { Spec } from "./read-spec.ts";

/** The TypeScript types of a spec, made by openapi-typescript. They distinguish `null`, `undefined` and extra members. */
export async function typesSource(spec: Spec): Promise<string> {
	// The document is copied, because openapi-typescript changes the object that it is given. The cast is safe: redocly has checked that the
	// document has the structure of this type.
	const ast = await openapiTS(structuredClone(spec.document) as unknown as OpenAPI3, {
		alphabetize: false,
		emptyObjectsUnknown: true,
		defaultNonNullable: false,
	});
	return astToString(ast);
}
