import { asObject, type Json, type JsonObject, type Spec } from "./read-spec.ts";
import { pure, rulesOf } from "./rules-from-schemas.ts";

interface Target {
	/** The key of a check, such as `GET /public/test 200` or `HeartbeatFrame`. */
	key: string;
	schema: Json;
}

/**
 * Generates code that checks replies and received frames by the rule functions of `@x/base/reply-check`.
 *
 * Generates a check for each successful JSON reply of an operation, and for each component schema whose `x-session` says `frame: received`.
 * Error replies have no checks, because venues do not document them completely. Clients therefore accept them even
 * if they differ from the spec.
 */
export function checksSource(spec: Spec): string {
	const targets = [...replies(spec), ...frames(spec)];
	const rules = rulesOf(spec);
	const made = targets.map(
		({ key, schema }) => `export const ${nameOf(key)} = ${pure("check")}(${rules.expression(schema)});\n`,
	);
	const lines = targets.map(({ key }) => `\t${JSON.stringify(key)}: ${nameOf(key)},`);
	const table = `/** All checks by "METHOD path status" or by the name of a received frame. Tree-shakeable: import only the checks you use. */
export const checks = {
${lines.join("\n")}
} as const;
`;
	return [imports, ...rules.shared(), ...made, table].join("\n");
}

const imports = `import { all, among, any, check, list, members, type } from "@x/base/reply-check";
`;

/**
 * Returns the name of a check's constant: `postIserverAuthStatus200` for `POST /iserver/auth/status 200`, `heartbeatFrame` for
 * `HeartbeatFrame`.
 */
function nameOf(key: string): string {
	const words = key.replace(/^[A-Z]+(?= )/, (method) => method.toLowerCase()).split(/[^A-Za-z0-9]+/);
	const [first = "", ...rest] = words;
	const start = `${first[0]?.toLowerCase() ?? ""}${first.slice(1)}`;
	return start + rest.map((word) => `${word[0]?.toUpperCase() ?? ""}${word.slice(1)}`).join("");
}

function replies(spec: Spec): Target[] {
	return spec.operations.flatMap(({ path, method, value }) =>
		Object.entries(asObject(value["responses"])).flatMap(([status, response]) => {
			if (!status.startsWith("2")) return [];
			const content = asObject(followed(spec, asObject(response))["content"]);
			const type = Object.keys(content).find((name) => /\bjson\b/.test(name));
			if (!type) return [];
			const schema = asObject(content[type])["schema"];
			return schema === undefined ? [] : [{ key: `${method.toUpperCase()} ${path} ${status}`, schema }];
		}),
	);
}

function frames(spec: Spec): Target[] {
	const schemas = asObject(asObject(spec.document["components"])["schemas"]);
	return Object.entries(schemas)
		.filter(([, schema]) => asObject(asObject(schema)["x-session"])["frame"] === "received")
		.map(([name]) => ({ key: name, schema: { $ref: `#/components/schemas/${name}` } }));
}

/** Returns the reply itself, or, if it is a `$ref` to `components/responses`, the reply that the `$ref` names. */
function followed(spec: Spec, object: JsonObject): JsonObject {
	const reference = object["$ref"];
	if (typeof reference !== "string") return object;
	const keys = reference.replace(/^#\//, "").split("/");
	return keys.reduce((at, key) => asObject(at[key]), spec.document);
}
