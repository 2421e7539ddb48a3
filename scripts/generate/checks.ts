import { pure, rulesOf } from "./rules.ts";
import { asObject, type Json, type JsonObject, type Spec } from "./spec.ts";

interface Target {
	/** The key of a check, such as `GET /public/test 200` or `HeartbeatFrame`. */
	key: string;
	schema: Json;
}

/**
 * Generates code that checks replies and received frames, without a dependency at run time.
 *
 * There is a check for the JSON reply of each successful operation, and for each component schema with `x-session`
 * `frame: received`. Clients read error replies leniently, because venues do not document them completely.
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
	return [prelude, ...rules.shared(), ...made, table].join("\n");
}

/** The constant of a check: `POST /iserver/auth/status 200` is `postIserverAuthStatus200`, `HeartbeatFrame` `heartbeatFrame`. */
function nameOf(key: string): string {
	const words = key.replace(/^[A-Z]+(?= )/, (method) => method.toLowerCase()).split(/[^A-Za-z0-9]+/);
	const [first = "", ...rest] = words;
	const start = `${first[0]?.toLowerCase() ?? ""}${first.slice(1)}`;
	return start + rest.map((word) => `${word[0]?.toUpperCase() ?? ""}${word.slice(1)}`).join("");
}

/** The types, and one function per keyword. */
const prelude = `/** Where and how a value differs from the spec: \`path\` is a JSON pointer into the value, \`message\` never quotes it. */
export interface Mismatch {
	instancePath: string;
	message?: string;
}

/** True when the value matches the spec; otherwise \`errors\` has the first difference. */
export interface Check {
	(value: unknown): boolean;
	errors?: Mismatch[] | null;
}

/** The first difference, or nothing. \`at\` is the JSON pointer of the value. */
type Rule = (value: unknown, at: string) => Mismatch | undefined;

const differs = (instancePath: string, message: string): Mismatch => ({ instancePath, message: \`must \${message}\` });

const check = (rule: Rule): Check => {
	const checked: Check = (value) => {
		const difference = rule(value, "");
		checked.errors = difference ? [difference] : null;
		return !difference;
	};
	return checked;
};

/** Each of them, in order. */
const all = (...rules: Rule[]): Rule => (value, at) => {
	for (const rule of rules) {
		const difference = rule(value, at);
		if (difference) return difference;
	}
	return undefined;
};

/** One of them at least. The first one's difference is reported. */
const any = (...rules: Rule[]): Rule => (value, at) => {
	const differences = rules.map((rule) => rule(value, at));
	return differences.every(Boolean) ? differences[0] : undefined;
};

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** One of these types. Infinity, as 1e999 is parsed, is not a number. */
const type = (...types: string[]): Rule => (value, at) => {
	const found = typeof value === "number" && !Number.isFinite(value) ? "none" : typeOf(value);
	const fits = types.includes(found) || (Number.isInteger(value) && types.includes("integer"));
	return fits ? undefined : differs(at, \`be \${types}\`);
};

const among = (...values: unknown[]): Rule => (value, at) =>
	values.includes(value) ? undefined : differs(at, "be equal to one of the allowed values");

/** Every item, where the value is a list. */
const list = (rule: Rule): Rule => (value, at) => {
	if (!Array.isArray(value)) return undefined;
	for (const [index, item] of value.entries()) {
		const difference = rule(item, \`\${at}/\${index}\`);
		if (difference) return difference;
	}
	return undefined;
};

/** The members, where the value is an object: those that must be there, then the form of those that are. */
const members = (required: string[], rules: Record<string, Rule>): Rule => (value, at) => {
	if (typeOf(value) !== "object") return undefined;
	// An object, as \`typeOf\` has just checked.
	const object = value as Record<string, unknown>;
	for (const name of required) if (object[name] === undefined) return differs(at, \`have required property '\${name}'\`);
	for (const [name, rule] of Object.entries(rules)) {
		const difference = object[name] === undefined ? undefined : rule(object[name], \`\${at}/\${name}\`);
		if (difference) return difference;
	}
	return undefined;
};
`;

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

/** A reply may be a `$ref` to `components/responses`. */
function followed(spec: Spec, object: JsonObject): JsonObject {
	const reference = object["$ref"];
	if (typeof reference !== "string") return object;
	const keys = reference.replace(/^#\//, "").split("/");
	return keys.reduce((at, key) => asObject(at[key]), spec.document);
}
