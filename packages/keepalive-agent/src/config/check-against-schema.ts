import { isNear } from "@x/base/edit-distance";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { readConfigSchema } from "../read-own-package-files.ts";
import type { KeyPath } from "./yaml-file.ts";

/** One thing that is wrong in the data. */
export interface SchemaProblem {
	readonly path: KeyPath;
	/** What to show in place of the path, if the last key of the path may be a secret. */
	readonly shown?: string;
	readonly message: string;
}

/** `venue` says the kind of a session, and `type` the kind of a channel: the allowed values of both keys. */
const tags: Readonly<Record<string, readonly string[]>> = {
	venue: ["deribit", "bybit", "ibkr"],
	type: ["webhook", "slack", "discord", "telegram", "pagerduty"],
};

let compiled: ValidateFunction | undefined;

/** Compiles the schema only at the first call: one compilation takes longer than one check. */
function validator(): ValidateFunction {
	const options = { allErrors: true, verbose: true, discriminator: true, allowUnionTypes: true, strictRequired: false };
	compiled ??= new Ajv({ strict: true, ...options }).compile(readConfigSchema());
	return compiled;
}

/** Returns all places where a configuration does not follow the schema. */
export function checkSchema(data: unknown): readonly SchemaProblem[] {
	const validate = validator();
	if (validate(data)) return [];
	return (validate.errors ?? []).flatMap((error) => explain(error));
}

/** Turns an error of ajv into problems: none if the error only repeats another error. */
function explain(error: ErrorObject): readonly SchemaProblem[] {
	const path = pathOf(error.instancePath);
	const problem = (message: string, ...key: string[]): readonly SchemaProblem[] => [
		{ path: [...path, ...key], message },
	];
	const wrongValue = (message: string, value: unknown, ...key: string[]): readonly SchemaProblem[] =>
		problem(value === null && path.length + key.length > 0 ? `has no value: it ${message}` : message, ...key);
	switch (error.keyword) {
		case "required":
			// If a secret is missing, ajv reports one error for each of its alternative keys, such as `token` and `tokenFile`, and one error
			// for `oneOf`. Only the last one is kept, because it names all keys.
			if (/\/oneOf\/\d+\/required$/.test(error.schemaPath)) return [];
			return missing(path, String(error.params["missingProperty"]), error.data);
		case "additionalProperties": {
			const key = String(error.params["additionalProperty"]);
			const known = Object.keys(error.parentSchema?.["properties"] ?? {});
			const near = nearest(key, known);
			const advice = near === undefined ? ` (known: ${known.join(", ")})` : `. Did you mean ${near}?`;
			return unknown(path, key, near !== undefined, `is not known${advice}`);
		}
		case "oneOf": {
			const names = requiredNames(error.schema);
			const isBoth = error.params["passingSchemas"] !== null;
			return problem(isBoth ? `needs only one of ${names.join(" and ")}` : `needs ${names.join(" or ")}`);
		}
		case "not":
			return problem(`needs only one of ${notTogether(error.schema).join(" and ")}`);
		case "discriminator":
			// The key `venue` or `type` is missing. This error is left out, because the error of `required` reports the same.
			if (error.params["tagValue"] === undefined) return [];
			return wrongValue(
				`must be ${oneOf(tags[String(error.params["tag"])] ?? [])}`,
				error.params["tagValue"],
				String(error.params["tag"]),
			);
		case "enum":
			return wrongValue(`must be ${oneOf(error.params["allowedValues"])}`, error.data);
		case "pattern":
			if (path.at(-1) === "sessions") return [];
			// The value is a secret that was written in the file: it is not shown.
			return problem(
				"is a secret, and must not be in this file. Write env:NAME or credential:NAME, or add File to the key and write a path",
			);
		case "propertyNames":
			return unknown(
				path,
				String(error.params["propertyName"]),
				false,
				"is not allowed as a name (letters, digits, dot, dash and underscore; at most 64)",
			);
		case "type":
			return wrongValue(`must be ${article(error.params["type"])}`, error.data);
		default:
			return problem(error.message ?? "is not allowed");
	}
}

/**
 * Reports a missing member. If a tag (`venue` or `type`) is missing, ajv does not check the other keys, so a misspelt tag is looked for
 * here.
 */
function missing(path: KeyPath, name: string, data: unknown): readonly SchemaProblem[] {
	const misspelt = Object.hasOwn(tags, name) ? nearest(name, Object.keys(data ?? {})) : undefined;
	if (misspelt === undefined) return [{ path: [...path, name], message: "is required" }];
	return [{ path: [...path, misspelt], message: `is not known. Did you mean ${name}?` }];
}

/**
 * Reports a key that is not known. A key that resembles no known key may be a secret in the wrong place: it is shown only if it is a short
 * word.
 */
function unknown(path: KeyPath, key: string, isNear: boolean, message: string): readonly SchemaProblem[] {
	const isShown = isNear || /^[A-Za-z]{1,24}$/.test(key);
	return [{ path: [...path, key], message, ...(!isShown && { shown: [...path, "(key not shown)"].join(".") }) }];
}

const oneOf = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(" or ");

function article(type: unknown): string {
	return [type]
		.flat()
		.map((each) => `${/^[aeiou]/.test(String(each)) ? "an" : "a"} ${String(each)}`)
		.join(" or ");
}

function pathOf(pointer: string): string[] {
	const steps = pointer.split("/").slice(1);
	return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** Returns the names in `[{ required: [a] }, { required: [b] }]`. */
function requiredNames(schema: unknown): readonly string[] {
	return Array.isArray(schema) ? schema.flatMap((each) => notTogether(each)) : [];
}

function notTogether(schema: unknown): readonly string[] {
	if (typeof schema !== "object" || schema === null || !("required" in schema)) return [];
	return Array.isArray(schema.required) ? schema.required.map(String) : [];
}

/**
 * Returns the known name that is closest to a misspelt name. Up to two letters may be wrong; if the known name has twelve letters or more,
 * up to a quarter of them.
 *
 * @returns undefined if no known name is close enough.
 */
function nearest(name: string, known: readonly string[]): string | undefined {
	const allowed = (each: string): number => Math.max(2, Math.floor(each.length / 4));
	for (let edits = 0; edits <= Math.max(...known.map(allowed)); edits++) {
		const closest = known.find((each) => isNear(each.toLowerCase(), name.toLowerCase(), edits));
		if (closest !== undefined) return edits <= allowed(closest) ? closest : undefined;
	}
	return undefined;
}
