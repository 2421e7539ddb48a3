import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { createConfig, lint, type NormalizedProblem } from "@redocly/openapi-core";
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { sessionFactsProblem } from "./session-facts.ts";

/** A schema or another object of an OpenAPI document, not validated. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

interface Operation {
	path: string;
	method: string;
	value: JsonObject;
}

/** A validated OpenAPI document. */
export interface Spec {
	file: string;
	document: JsonObject;
	operations: Operation[];
}

/** The faults of a spec. The message has one line per fault: file, line, column, place, problem. */
export class SpecError extends Error {
	override readonly name = "SpecError";
}

const methods = ["get", "put", "post", "delete", "patch", "head", "options"];

const rules = {
	struct: "error",
	"no-unresolved-refs": "error",
	"operation-operationId": "error",
	"operation-operationId-unique": "error",
	"operation-summary": "error",
	"operation-description": "error",
	"operation-4xx-response": "off",
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
} as const;

/**
 * Reads and checks one spec.
 *
 * @throws {SpecError} with every fault: redocly's rules, a schema without a type, and a reply,
 * parameter or `x-session` member that breaks this project's rules.
 */
export async function readSpec(file: string): Promise<Spec> {
	const text = readFileSync(file, "utf8");
	const lines = new LineCounter();
	const parsed = parseDocument(text, { lineCounter: lines });
	const shown = relative(resolve(import.meta.dirname, "../.."), resolve(file));
	const faults = parsed.errors.map((error) => `${shown}: ${error.message}`);
	if (faults.length > 0) throw new SpecError(faults.join("\n"));

	const config = await createConfig({ rules: { ...rules } });
	const problems = await lint({ ref: resolve(file), config });
	const document = parsed.toJS() as JsonObject;
	const report = (path: (string | number)[], message: string): void => {
		const node = nearestNode(parsed.contents, path);
		const { line, col } = lines.linePos(node?.range?.[0] ?? 0);
		faults.push(`${shown}:${line}:${col} at #/${path.map(String).map(escapePointer).join("/")}: ${message}`);
	};
	for (const problem of problems) report(pathOf(problem), `${problem.message} (${problem.ruleId})`);
	checkSchemas(document, [], report);
	const pools = document["x-session"];
	const poolsProblem = pools === undefined ? undefined : sessionFactsProblem(pools, "document");
	if (poolsProblem) report(["x-session"], poolsProblem);
	const operations = operationsOf(document);
	for (const operation of operations) checkOperation(operation, isOwn(document), report);

	if (faults.length > 0) throw new SpecError(faults.join("\n"));
	return { file, document, operations };
}

type Report = (path: (string | number)[], message: string) => void;

function pathOf(problem: NormalizedProblem): string[] {
	const pointer = problem.location[0]?.pointer ?? "#/";
	const keys = pointer.replace(/^#\/?/, "").split("/");
	return keys.filter((key) => key !== "").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function operationsOf(document: JsonObject): Operation[] {
	const paths = asObject(document["paths"]);
	return Object.entries(paths).flatMap(([path, item]) =>
		methods
			.filter((method) => method in asObject(item))
			.map((method) => ({ path, method, value: asObject(asObject(item)[method]) })),
	);
}

/** Whether a document describes an API of this product, not a venue's. */
export function isOwn(document: JsonObject): boolean {
	return document["x-own"] === true;
}

function checkOperation({ path, method, value }: Operation, isOurs: boolean, report: Report): void {
	const at = ["paths", path, method];
	const problem = isOurs ? undefined : sessionFactsProblem(value["x-session"], "operation");
	if (problem) report([...at, "x-session"], problem);
	if (!("security" in value)) report(at, "says nothing of security: write `security: []` when none is needed");
	for (const [status, response] of Object.entries(asObject(value["responses"]))) {
		const content = asObject(asObject(response)["content"]);
		for (const [type, media] of Object.entries(content)) {
			if (!("example" in asObject(media)) && !("examples" in asObject(media))) {
				report([...at, "responses", status, "content", type], "has no example");
			}
		}
	}
}

/** Requires a type in every schema: otherwise types are `unknown` and reply checks check nothing. */
function checkSchemas(value: Json, path: (string | number)[], report: Report): void {
	if (value === null || typeof value !== "object") return;
	if (Array.isArray(value)) {
		for (const [index, item] of value.entries()) checkSchemas(item, [...path, index], report);
		return;
	}
	for (const [key, item] of Object.entries(value)) {
		if (key === "example" || key === "examples" || key === "enum" || key === "default" || key === "x-session") continue;
		if (key === "schema" || key === "items") checkSchema(item, [...path, key], report);
		if (key === "properties" || (key === "schemas" && path.at(-1) === "components")) {
			for (const [name, schema] of Object.entries(asObject(item))) checkSchema(schema, [...path, key, name], report);
		}
		checkSchemas(item, [...path, key], report);
	}
}

const says = ["type", "$ref", "oneOf", "anyOf", "allOf", "enum", "const"];

function checkSchema(schema: Json, path: (string | number)[], report: Report): void {
	if (typeof schema === "boolean") return;
	const object = asObject(schema);
	if (!says.some((key) => key in object)) report(path, `has no type (one of ${says.join(", ")})`);
	const frame = object["x-session"];
	const problem = frame === undefined ? undefined : sessionFactsProblem(frame, "schema");
	if (problem) report([...path, "x-session"], problem);
}

function nearestNode(root: Node | null, path: (string | number)[]): Node | undefined {
	let node: Node | undefined = root ?? undefined;
	for (const key of path) {
		let next: Node | undefined;
		if (isMap(node)) {
			const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
			next = (pair?.value ?? pair?.key) as Node | undefined;
		} else if (isSeq(node)) {
			next = node.items[Number(key)] as Node | undefined;
		}
		if (!next) return node;
		node = next;
	}
	return node;
}

function escapePointer(key: string): string {
	return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The value if it is an object, or an empty object. */
export function asObject(value: Json | undefined): JsonObject {
	return value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
}
