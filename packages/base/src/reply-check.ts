import { isRecord } from "./objects.ts";

/**
 * Where and how a value differs from the spec. `instancePath` is a JSON pointer to the place within the value. `message` never
 * quotes the value.
 */
export interface Mismatch {
	instancePath: string;
	message?: string;
}

/**
 * A function that checks a value against the spec. It returns true when the value matches; otherwise it returns false and
 * stores the first difference in `errors`.
 */
export interface Check {
	(value: unknown): boolean;
	errors?: Mismatch[] | null;
}

/**
 * A function that checks a value against one keyword of a schema. It returns the first difference, or undefined if there is
 * none. `at` is the JSON pointer to the value.
 */
type Rule = (value: unknown, at: string) => Mismatch | undefined;

const differs = (instancePath: string, message: string): Mismatch => ({ instancePath, message: `must ${message}` });

/**
 * Creates a {@link Check} for a reply or a received frame from the rule of its schema. The files in `src/generated` of each
 * client consist of such checks.
 */
export const check = (rule: Rule): Check => {
	const checked: Check = (value) => {
		const difference = rule(value, "");
		checked.errors = difference ? [difference] : null;
		return !difference;
	};
	return checked;
};

/** Creates a rule that accepts a value if every given rule accepts it. The rules are applied in order. */
export const all =
	(...rules: Rule[]): Rule =>
	(value, at) => {
		for (const rule of rules) {
			const difference = rule(value, at);
			if (difference) return difference;
		}
		return undefined;
	};

/**
 * Creates a rule that accepts a value if at least one of the given rules accepts it. If no rule does, it reports the difference
 * that the first rule found.
 */
export const any =
	(...rules: Rule[]): Rule =>
	(value, at) => {
		const differences = rules.map((rule) => rule(value, at));
		return differences.every(Boolean) ? differences[0] : undefined;
	};

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/**
 * Creates a rule that accepts a value of one of these JSON types. Infinity is not accepted as a number: JSON text such as 1e999
 * is parsed to Infinity.
 */
export const type =
	(...types: string[]): Rule =>
	(value, at) => {
		const found = typeof value === "number" && !Number.isFinite(value) ? "none" : typeOf(value);
		const fits = types.includes(found) || (Number.isInteger(value) && types.includes("integer"));
		return fits ? undefined : differs(at, `be ${types}`);
	};

/** Creates a rule that accepts a value that is equal to one of these values. */
export const among =
	(...values: unknown[]): Rule =>
	(value, at) =>
		values.includes(value) ? undefined : differs(at, "be equal to one of the allowed values");

/** Creates a rule for arrays: every item has to be accepted by the given rule. A value that is not an array is accepted. */
export const list =
	(rule: Rule): Rule =>
	(value, at) => {
		if (!Array.isArray(value)) return undefined;
		for (const [index, item] of value.entries()) {
			const difference = rule(item, `${at}/${index}`);
			if (difference) return difference;
		}
		return undefined;
	};

/**
 * Creates a rule for objects: all required members must be present, and each present member has to be accepted by its rule. A
 * value that is not an object is accepted: whether it is allowed is checked by another rule, {@link type}.
 */
export const members =
	(required: string[], rules: Record<string, Rule>): Rule =>
	(value, at) => {
		if (!isRecord(value)) return undefined;
		for (const name of required) if (value[name] === undefined) return differs(at, `have required property '${name}'`);
		for (const [name, rule] of Object.entries(rules)) {
			const difference = value[name] === undefined ? undefined : rule(value[name], `${at}/${name}`);
			if (difference) return difference;
		}
		return undefined;
	};
