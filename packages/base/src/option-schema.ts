import { isNear } from "./edit-distance.ts";
import { OptionError } from "./errors.ts";
import { isObject } from "./objects.ts";

/** The rule for the value of one option. */
export interface Rule<T = unknown> {
	/** The text that completes "must be …" in an error, such as `an integer from 1 to 10`. */
	readonly allowed: string;
	accepts(value: unknown): boolean;
	/** Whether an error must not show the given value, because it may be a secret. */
	hides?(value: unknown): boolean;
	/** The rules of the object's members. Set only if the option is an object. */
	readonly members?: Readonly<Record<string, Rule>>;
	/** The rule for each item of the array. Set only if the option is an array. */
	readonly item?: Rule;
	/** The type of an accepted value. Exists only for the compiler: the member is never set. */
	readonly type?: T;
}

/** The rule of an option that may be left out. */
export interface OptionalRule<T = unknown> extends Rule<T> {
	readonly isOptional: true;
}

/** The rule of each option. An option without a rule is a compile error. */
export type OptionSchema<Options> = {
	readonly [Name in keyof Options]-?: object extends Pick<Options, Name>
		? OptionalRule<Exclude<Options[Name], undefined>>
		: Rule<Options[Name]>;
};

/**
 * Checks options against a schema. An option that is set to undefined counts as left out, even if its name is unknown.
 *
 * @param path - the path of these options within the caller's options, such as `client`; an error then names `client.url`.
 * @throws OptionError for the first name that is not known; if all names are known, for the first value that is not allowed.
 */
export function checkOptions<Options>(
	packageName: string,
	schema: OptionSchema<Options>,
	options: unknown,
	path = "",
): asserts options is Options {
	// The rule is `secret`, because a string that was passed in place of the options object may be a secret.
	check(packageName, path, secret(object(schema)), options);
}

function check(packageName: string, path: string, rule: Rule & { isOptional?: true }, value: unknown): void {
	if (value === undefined && rule.isOptional) return;
	if (!rule.accepts(value)) {
		throw new OptionError(packageName, path, `must be ${rule.allowed}, got ${shown(value, rule.hides?.(value))}`);
	}
	const { members, item } = rule;
	if (members) {
		// The cast is safe: a rule that sets `members` accepts objects only.
		const given = value as Readonly<Record<string, unknown>>;
		const at = path && `${path}.`;
		for (const name of Object.keys(given)) {
			if (!Object.hasOwn(members, name) && given[name] !== undefined) {
				const option = at + (mayShowName(name, Object.keys(members)) ? name : "(name not shown)");
				throw new OptionError(packageName, option, `is not known${suggestion(name, Object.keys(members))}`);
			}
		}
		for (const [name, each] of Object.entries(members)) check(packageName, at + name, each, given[name]);
	}
	// The cast is safe: a rule that sets `item` accepts arrays only.
	if (item)
		for (const [index, each] of (value as unknown[]).entries()) check(packageName, `${path}[${index}]`, item, each);
}

/**
 * Whether an error may show an option name that is not known. The caller may have passed a secret as the name by mistake.
 * A name is shown in two cases only:
 * - It is similar to a known name.
 * - It has at most 24 characters, all of them letters. Most secrets are longer or contain other characters.
 */
function mayShowName(name: string, known: readonly string[]): boolean {
	return /^[A-Za-z]{1,24}$/.test(name) || nearest(name, known) !== undefined;
}

function nearest(name: string, known: readonly string[]): string | undefined {
	return known.find((each) => isNear(each.toLowerCase(), name.toLowerCase(), 2));
}

function suggestion(name: string, known: readonly string[]): string {
	const near = nearest(name, known);
	return near ? `. Did you mean ${near}?` : ` (known: ${known.join(", ")})`;
}

/**
 * How an error shows a value. Shows the value itself, shortened if it is a long string; shows only the type if the value may be
 * secret or is an object.
 */
function shown(value: unknown, isHidden = false): string {
	if (value === null) return "null";
	if (Array.isArray(value)) return "an array";
	if (!isHidden && typeof value === "string") {
		return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
	}
	if (!isHidden && /number|boolean/.test(typeof value)) return String(value);
	return `a value of type ${typeof value}`;
}

/** Creates a rule from the text for errors and the check of the value. */
export const rule = <T>(allowed: string, accepts: (value: unknown) => boolean): Rule<T> => ({ allowed, accepts });

/** Any string. */
export const string = (): Rule<string> => rule("a string", (value) => typeof value === "string");

/** A string with at least one character. */
export const nonEmptyString = (): Rule<string> =>
	rule("a non-empty string", (value) => typeof value === "string" && value !== "");

/** True or false. */
export const boolean = (): Rule<boolean> => rule("true or false", (value) => typeof value === "boolean");

/**
 * A function or a class. The signature of a function cannot be checked at run time, so this rule can be used for every
 * function type.
 */
export const func = <T = never>(): Rule<T> => rule("a function", (value) => typeof value === "function");

/** A range of numbers, including both limits. */
export interface Range {
	readonly min?: number;
	readonly max?: number;
}

const ranged = (what: string, { min, max }: Range, accepts: (value: unknown) => boolean): Rule<number> =>
	rule(
		what + (min === undefined ? "" : ` from ${min}`) + (max === undefined ? "" : ` to ${max}`),
		// The casts are safe: `accepts` returns false for anything but a number.
		(value) =>
			accepts(value) &&
			(min === undefined || (value as number) >= min) &&
			(max === undefined || (value as number) <= max),
	);

/** A whole number within a range. */
export const integer = (range: Range = {}): Rule<number> => ranged("an integer", range, Number.isInteger);

/** A finite number within a range. */
export const number = (range: Range = {}): Rule<number> => ranged("a number", range, Number.isFinite);

/** A finite number of milliseconds within a range. If the range has no `min`, the number must be above 0. */
export const milliseconds = (range: Range = {}): Rule<number> =>
	range.min === undefined
		? // The cast is safe: `isFinite` returns false for anything but a number.
			ranged("a number of milliseconds above 0", range, (value) => Number.isFinite(value) && (value as number) > 0)
		: ranged("a number of milliseconds", range, Number.isFinite);

/** A value that is equal to one of the given values. */
export const oneOf = <const T extends string | number | boolean>(...values: readonly T[]): Rule<T> =>
	// The cast is needed to call `includes` with a value of any type.
	rule(values.map((value) => JSON.stringify(value)).join(" or "), (value) =>
		(values as readonly unknown[]).includes(value),
	);

/** An object that has only these members. */
export const object = <T>(members: OptionSchema<T>): Rule<T> => ({
	...rule("an object", isObject),
	// The cast is safe: each member of a schema is a rule. The compiler cannot infer this while T is unknown.
	members: members as Readonly<Record<string, Rule>>,
});

/**
 * An object that has this method. The class of the object is not checked, because two copies of the class may be
 * loaded.
 */
export const objectWith = <T>(method: keyof T & string): Rule<T> =>
	// The cast is safe: reading a missing member of an object returns undefined.
	rule(
		`an object with a function ${method}`,
		(value) => isObject(value) && typeof (value as Readonly<Record<string, unknown>>)[method] === "function",
	);

/** An array in which each item is accepted by the rule. */
export const array = <T>(item: Rule<T>): Rule<readonly T[]> => ({ ...rule("an array", Array.isArray), item });

/** A value that at least one of the rules accepts. Only for rules that set neither `members` nor `item`. */
export const anyOf = <T>(...rules: readonly Rule<T>[]): Rule<T> => ({
	...rule<T>(rules.map(({ allowed }) => allowed).join(" or "), (value) => rules.some((each) => each.accepts(value))),
	hides: (value) => rules.some((each) => each.hides?.(value) === true),
});

/** A copy of a rule that also accepts an option that is left out or undefined. */
export const optional = <T>(inner: Rule<T>): OptionalRule<T> => ({ ...inner, isOptional: true });

/** A copy of a rule whose errors do not show the value. */
export const secret = <T>(inner: Rule<T>): Rule<T> => ({ ...inner, hides: () => true });

/**
 * An absolute URL without user name and password. The host of a URL without TLS (`ws:`, `http:`) must be this machine,
 * unless `isPlainAllowed` is true. An error does not show a URL that contains `@`, `?` or `#`, because its user, query
 * or fragment may be a secret.
 */
export const url = (scheme: "wss" | "https", isPlainAllowed = false): Rule<string | URL> => ({
	...rule(`a ${scheme}:// URL`, (value) => {
		const parsed = typeof value === "string" || value instanceof URL ? URL.parse(String(value)) : null;
		if (!parsed || parsed.username || parsed.password) return false;
		const isLocal = /^(127\.0\.0\.1|localhost|\[::1\])$/.test(parsed.hostname);
		return (
			parsed.protocol === `${scheme}:` || (parsed.protocol === `${scheme.slice(0, -1)}:` && (isPlainAllowed || isLocal))
		);
	}),
	hides: (value) => /[@?#]/.test(String(value)),
});
