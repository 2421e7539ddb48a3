import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
	BaseResolver,
	createConfig,
	getLineColLocation,
	lintDocument,
	makeDocumentFromString,
	type NormalizedProblem,
	YamlParseError,
} from "@redocly/openapi-core";
import { fromRoot } from "./generated-files.ts";
import { sessionFacts } from "./x-session-schema.ts";

/** A schema or another part of an OpenAPI document, which has not been validated. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

interface Operation {
	path: string;
	method: string;
	value: JsonObject;
}

/** An OpenAPI document that has been validated. */
export interface Spec {
	file: string;
	document: JsonObject;
	operations: Operation[];
}

/** The errors in a spec. The message has one line per error, with the file, line, column, place and problem. */
export class SpecError extends Error {
	override readonly name = "SpecError";
}

const methods = ["get", "put", "post", "delete", "patch", "head", "options"];

const typeKeywords = ["type", "$ref", "oneOf", "anyOf", "allOf", "enum", "const"];

const rules = {
	struct: "error",
	"no-unresolved-refs": "error",
	"operation-operationId": "error",
	"operation-operationId-unique": "error",
	"operation-summary": "error",
	"operation-description": "error",
	"operation-singular-tag": "error",
	"operation-tag-defined": "error",
	"parameter-description": "error",
	"path-parameters-defined": "error",
	"no-invalid-media-type-examples": { severity: "error", allowAdditionalProperties: true },
	"no-invalid-schema-examples": { severity: "error", allowAdditionalProperties: true },
	"no-invalid-parameter-examples": { severity: "error", allowAdditionalProperties: true },
	"no-enum-type-mismatch": "error",
	"security-defined": "error",
	"spec-components-invalid-map-name": "error",
	"rule/schema-has-type": {
		severity: "error",
		subject: { type: "Schema" },
		// A schema must have one of these keywords. Otherwise its type would be `unknown`, and the reply check would check nothing.
		message: `has no type (one of ${typeKeywords.join(", ")})`,
		assertions: { requireAny: typeKeywords },
	},
	"rule/reply-has-example": {
		severity: "error",
		subject: { type: "MediaType" },
		where: [{ subject: { type: "Response" }, assertions: { defined: true } }],
		message: "has no example",
		assertions: { requireAny: ["example", "examples"] },
	},
	"project/session-facts": "error",
} as const;

/**
 * Reads and checks one spec.
 *
 * @throws {SpecError} that lists every violation of `rules`, with file, line, column and place.
 */
export async function readSpec(file: string): Promise<Spec> {
	const source = parsedSource(file);
	const config = await createConfig({
		plugins: [{ id: "project", rules: { oas3: { "session-facts": sessionFacts } } }],
		rules: { ...rules },
	});
	const externalRefResolver = new BaseResolver(config.resolve);
	const problems = await lintDocument({ document: source, config: config.styleguide, externalRefResolver });
	if (problems.length > 0) throw new SpecError(problems.map((problem) => lineOf(file, problem)).join("\n"));
	// The cast is safe: redocly has checked that this is an OpenAPI document, although the type of its result does not say so.
	const document = source.parsed as JsonObject;
	return { file, document, operations: operationsOf(document) };
}

function parsedSource(file: string) {
	try {
		return makeDocumentFromString(readFileSync(file, "utf8"), resolve(file));
	} catch (error) {
		if (!(error instanceof YamlParseError)) throw error;
		throw new SpecError(`${fromRoot(file)}: ${error.message}`);
	}
}

function lineOf(file: string, { location: [first], message, ruleId }: NormalizedProblem): string {
	if (first === undefined) return `${fromRoot(file)}: ${message} (${ruleId})`;
	const { line, col } = getLineColLocation(first).start;
	return `${fromRoot(file)}:${line}:${col} at ${first.pointer ?? "#/"}: ${message} (${ruleId})`;
}

function operationsOf(document: JsonObject): Operation[] {
	const paths = asObject(document["paths"]);
	return Object.entries(paths).flatMap(([path, item]) =>
		methods
			.filter((method) => method in asObject(item))
			.map((method) => ({ path, method, value: asObject(asObject(item)[method]) })),
	);
}

/** Returns the value if it is an object, and otherwise an empty object. */
export function asObject(value: Json | undefined): JsonObject {
	return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
