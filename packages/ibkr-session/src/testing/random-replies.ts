import fc from "fast-check";

/** The text that tests plant in place of every secret. */
export const planted = "planted-7f3a";

const text = fc.oneof(fc.constant(planted), fc.string({ maxLength: 20 }), fc.constant("no session"), fc.constant(""));

/** Any JSON value; some values hold the planted secret. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
	text,
	fc.constant(null),
	fc.boolean(),
	fc.integer(),
	fc.double(),
	fc.array(text, { maxLength: 3 }),
	fc.dictionary(text, text, { maxKeys: 3 }),
	fc.jsonValue({ maxDepth: 3 }),
);

/** Makes variants of a valid reply or message: some members are left out, and some get another value. */
export function broken(model: Readonly<Record<string, unknown>>, shown: readonly string[]): fc.Arbitrary<unknown> {
	const members = Object.entries(model).map(([name, value]) => {
		const inner =
			typeof value === "object" && value !== null && !Array.isArray(value)
				? broken(value as Readonly<Record<string, unknown>>, shown)
				: fc.constant(value);
		// A member that the client shows on purpose, such as the region, never gets the planted secret.
		const other = shown.includes(name) ? fc.oneof(fc.constant(null), fc.integer(), fc.constant("X")) : anyJson;
		return [name, fc.oneof({ weight: 3, arbitrary: inner }, { weight: 1, arbitrary: other })] as const;
	});
	return fc.record(Object.fromEntries(members), { requiredKeys: [] });
}

/**
 * A text as a reply might contain it: mostly the JSON of a value, sometimes cut off or with text appended, sometimes
 * any other text.
 */
export function asText(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
	const whole = value.map((it) => JSON.stringify(it) ?? "");
	return fc.oneof(
		{ weight: 4, arbitrary: whole },
		{ weight: 1, arbitrary: fc.tuple(whole, fc.nat(60)).map(([it, length]) => it.slice(0, length)) },
		{ weight: 1, arbitrary: whole.map((it) => `  ${it}${planted}`) },
		{
			weight: 1,
			arbitrary: fc.constantFrom(`<html>${planted}</html>`, planted, "", "{", "[", "null", "7", "\u0000", "[["),
		},
		{ weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 40 }) },
		{ weight: 1, arbitrary: fc.nat(2_000).map((depth) => "[".repeat(depth) + "]".repeat(depth)) },
	);
}
