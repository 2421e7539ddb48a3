import { asObject, type Json, type JsonObject, type Spec, SpecError } from "./read-spec.ts";

/** Marks a call as free of side effects, so that a bundler drops the call when its result is not used. */
export const pure = (name: string): string => `/* @__PURE__ */ ${name}`;

/** `checked`: the keywords that the checks implement. `unchecked`: keywords that matter only for documentation and types. */
const checked = new Set(["$ref", "type", "enum", "const", "anyOf", "allOf", "required", "properties", "items"]);
const unchecked = new Set(["title", "description", "example", "examples", "default", "format", "x-session"]);

/**
 * Turns schemas into calls of the rule functions of `@x/base/reply-check`.
 *
 * @throws {SpecError} for an unknown keyword, because no check would enforce it.
 */
export function rulesOf(spec: Spec) {
	const named = new Map<string, string>();
	const open = new Set<string>();
	const call = (name: string, ...args: string[]): string => `${pure(name)}(${args.join(", ")})`;

	function reference(pointer: string): string {
		const name = pointer.replace(/^#\/components\/schemas\//, "");
		if (!/^[A-Z]\w*$/.test(name)) throw new SpecError(`${spec.file}: ${pointer} is not a component schema`);
		const constant = `${name[0]?.toLowerCase()}${name.slice(1)}Rule`;
		if (named.has(name)) return constant;
		if (open.has(name))
			throw new SpecError(`${spec.file}: the schema ${name} is recursive, which checks do not support`);
		open.add(name);
		const schema = asObject(asObject(spec.document["components"])["schemas"])[name] ?? {};
		named.set(name, `const ${constant} = ${expression(schema)};\n`);
		return constant;
	}

	function expression(schema: Json): string {
		const parts = partsOf(asObject(schema));
		return parts.length === 1 ? (parts[0] ?? "") : call("all", ...parts);
	}

	/** The rules of a schema's keywords, in ajv's order, so that the checks report the same error first as ajv does. */
	function partsOf(schema: JsonObject): string[] {
		for (const key of Object.keys(schema)) {
			if (checked.has(key) || unchecked.has(key)) continue;
			throw new SpecError(
				`${spec.file}: the checks of replies and frames do not support the keyword ${key}: see scripts/generate/rules-from-schemas.ts`,
			);
		}
		const parts: string[] = [];
		if (typeof schema["$ref"] === "string") parts.push(reference(schema["$ref"]));
		const { type, anyOf, allOf } = schema;
		if (type !== undefined) parts.push(call("type", ...[type].flat().map((name) => JSON.stringify(name))));
		const allowed = "const" in schema ? [schema["const"]] : schema["enum"];
		if (Array.isArray(allowed)) parts.push(call("among", ...allowed.map((value) => JSON.stringify(value))));
		if (Array.isArray(anyOf)) parts.push(call("any", ...anyOf.map(expression)));
		// `allOf` itself needs no call, because `expression` combines all parts with a logical and.
		if (Array.isArray(allOf)) parts.push(...allOf.map(expression));
		if (schema["items"] !== undefined) parts.push(call("list", expression(schema["items"])));
		if (schema["required"] !== undefined || schema["properties"] !== undefined) {
			const properties = Object.entries(asObject(schema["properties"]));
			const rules = properties.map(([name, property]) => `${JSON.stringify(name)}: ${expression(property)}`);
			parts.push(call("members", JSON.stringify(schema["required"] ?? []), `{ ${rules.join(", ")} }`));
		}
		return parts;
	}

	return {
		/** Returns the code of a schema's rule. The rule of a component schema is written once, and then used by its name. */
		expression,
		/** The code of the named rules so far. Each rule comes after the rules that it uses. */
		shared: () => [...named.values()],
	};
}
