import { Ajv } from "ajv";
import standalone from "ajv/dist/standalone/index.js";
import { asObject, type Json, type JsonObject, type Spec } from "./spec.ts";

interface Target {
	/** The key a caller uses, such as `GET /public/test 200` or `HeartbeatFrame`. */
	key: string;
	pointer: string;
}

/**
 * Code that checks replies and received frames against the spec, with nothing to install at run time.
 *
 * A check is made for the JSON reply of each operation's success and for each component schema whose `x-session` says
 * `frame: received`. Refusals are read tolerantly by the clients: what a venue says in one is not always in its spec.
 */
export function checksSource(spec: Spec): string {
	const targets = [...replies(spec), ...frames(spec)];
	const ajv = new Ajv({
		strict: false,
		validateSchema: false,
		validateFormats: false,
		unicodeRegExp: false,
		// A schema that several replies share is one function.
		inlineRefs: false,
		code: { source: true, esm: true, lines: true },
	});
	ajv.addSchema(withoutProse(spec.document), "spec");
	// A reply that several operations share is one function: emitted twice, the file would not load.
	const pointers = [...new Set(targets.map(({ pointer }) => pointer))];
	const names = new Map(pointers.map((pointer, index) => [pointer, `check${index}`]));
	const exports = Object.fromEntries([...names].map(([pointer, name]) => [name, `spec#${pointer}`]));
	const code = standalone
		.default(ajv, exports)
		.replace(/^export const (check\d+) =/gm, "const $1 =")
		.replace('"use strict";', "")
		// Where in the schema it failed, and by which keyword, is of no use to a caller and would be half of the code.
		.replace(/schemaPath:"(?:[^"\\]|\\.)*",keyword:"\w+",params:\{[^{}]*\},/g, "")
		// The schemas themselves are kept by ajv for those parameters alone.
		.replace(/^const (schema\d+) = .*;\n/gm, (line, name, offset, all) =>
			all.indexOf(`${name}.`, offset + line.length) === -1 ? "" : line,
		);
	const foreign = /\brequire\(|^import /m.exec(code);
	if (foreign) throw new Error(`a check of ${spec.file} would need ajv at run time: avoid that keyword in the spec`);
	const table = targets
		.map(({ key, pointer }) => `\t${JSON.stringify(key)}: ${names.get(pointer)} as Check,`)
		.join("\n");
	return `// @ts-nocheck: the code of ajv, made for JavaScript. What is exported is typed below.
/** Where and how a value differs from the spec: \`path\` is a JSON pointer into the value, \`message\` never quotes it. */
export interface Mismatch {
	instancePath: string;
	message?: string;
}

/** True when the value is as the spec says; otherwise \`errors\` tells the first difference. */
export interface Check {
	(value: unknown): boolean;
	errors?: Mismatch[] | null;
}

${code}

/** The checks by "METHOD path status" or by the name of a received frame. */
export const checks = {
${table}
} as const;
`;
}

const prose = ["description", "title", "example", "examples", "x-session"];

/** Checks carry the schemas they were made from: what only people read would be weight for every user. */
function withoutProse<T extends Json>(value: T, inProperties?: boolean): T;
function withoutProse(value: Json, inProperties = false): Json {
	if (Array.isArray(value)) return value.map((item) => withoutProse(item));
	if (value === null || typeof value !== "object") return value;
	const kept = Object.entries(value).filter(([key]) => inProperties || !prose.includes(key));
	return Object.fromEntries(kept.map(([key, item]) => [key, withoutProse(item, key === "properties")]));
}

function replies(spec: Spec): Target[] {
	return spec.operations.flatMap(({ path, method, value }) =>
		Object.entries(asObject(value["responses"])).flatMap(([status, response]) => {
			if (!status.startsWith("2")) return [];
			const { object, pointer } = follow(
				spec,
				asObject(response),
				pointerTo(["paths", path, method, "responses", status]),
			);
			const type = Object.keys(asObject(object["content"])).find((name) => /\bjson\b/.test(name));
			if (!type) return [];
			return [
				{
					key: `${method.toUpperCase()} ${path} ${status}`,
					pointer: pointer + pointerTo(["content", type, "schema"]),
				},
			];
		}),
	);
}

function frames(spec: Spec): Target[] {
	const schemas = asObject(asObject(spec.document["components"])["schemas"]);
	return Object.entries(schemas)
		.filter(([, schema]) => asObject(asObject(schema)["x-session"])["frame"] === "received")
		.map(([name]) => ({ key: name, pointer: pointerTo(["components", "schemas", name]) }));
}

/** A reply may be a reference to `components/responses`; the check needs the place where its schema stands. */
function follow(spec: Spec, object: JsonObject, pointer: string): { object: JsonObject; pointer: string } {
	const reference = object["$ref"];
	if (typeof reference !== "string") return { object, pointer };
	const keys = reference.replace(/^#\//, "").split("/");
	const target = keys.reduce((at, key) => asObject(at[key]), spec.document);
	return { object: target, pointer: reference.slice(1) };
}

function pointerTo(keys: string[]): string {
	return keys.map((key) => `/${encodeURIComponent(key.replaceAll("~", "~0").replaceAll("/", "~1"))}`).join("");
}
