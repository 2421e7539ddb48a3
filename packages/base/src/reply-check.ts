import { isRecord } from "./record.ts";

/** Where and how a value differs from the spec: `instancePath` is a JSON pointer into the value, `message` never quotes it. */
export interface Mismatch {
	instancePath: string;
	message?: string;
}

/** True when the value matches the spec; otherwise `errors` has the first difference. */
export interface Check {
	(value: unknown): boolean;
	errors?: Mismatch[] | null;
}

/** One keyword of a schema: the first difference, or nothing. `at` is the JSON pointer of the value. */
type Rule = (value: unknown, at: string) => Mismatch | undefined;

const differs = (instancePath: string, message: string): Mismatch => ({ instancePath, message: `must ${message}` });

/** The check of a reply or a received frame by the rule of its schema. `src/generated` of each client is made of these. */
export const check = (rule: Rule): Check => {
	const checked: Check = (value) => {
		const difference = rule(value, "");
		checked.errors = difference ? [difference] : null;
		return !difference;
	};
	return checked;
};

/** Each of them, in order. */
export const all =
	(...rules: Rule[]): Rule =>
	(value, at) => {
		for (const rule of rules) {
			const difference = rule(value, at);
			if (difference) return difference;
		}
		return undefined;
	};

/** One of them at least. The first one's difference is reported. */
export const any =
	(...rules: Rule[]): Rule =>
	(value, at) => {
		const differences = rules.map((rule) => rule(value, at));
		return differences.every(Boolean) ? differences[0] : undefined;
	};

const typeOf = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

/** One of these types. Infinity, as 1e999 is parsed, is not a number. */
export const type =
	(...types: string[]): Rule =>
	(value, at) => {
		const found = typeof value === "number" && !Number.isFinite(value) ? "none" : typeOf(value);
		const fits = types.includes(found) || (Number.isInteger(value) && types.includes("integer"));
		return fits ? undefined : differs(at, `be ${types}`);
	};

/** One of these values. */
export const among =
	(...values: unknown[]): Rule =>
	(value, at) =>
		values.includes(value) ? undefined : differs(at, "be equal to one of the allowed values");

/** Every item, where the value is a list. */
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

/** The members, where the value is an object: those that must be there, then the form of those that are. */
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
