import fc from "fast-check";

/** Stands for everything that must not be shown. */
export const planted = "planted-7f3a";

const text = fc.oneof(fc.constant(planted), fc.string({ maxLength: 20 }), fc.constant("no session"), fc.constant(""));

/** Any JSON value, with the planted text here and there. */
export const wildJson: fc.Arbitrary<unknown> = fc.oneof(
	text,
	fc.constant(null),
	fc.boolean(),
	fc.integer(),
	fc.double(),
	fc.array(text, { maxLength: 3 }),
	fc.dictionary(text, text, { maxKeys: 3 }),
	fc.jsonValue({ maxDepth: 3 }),
);

/** A reply or frame as it should be, of which some members have become something else or gone. */
export function broken(model: Readonly<Record<string, unknown>>, shown: readonly string[]): fc.Arbitrary<unknown> {
	const members = Object.entries(model).map(([name, value]) => {
		const inner =
			typeof value === "object" && value !== null && !Array.isArray(value)
				? broken(value as Readonly<Record<string, unknown>>, shown)
				: fc.constant(value);
		// What is shown on purpose, such as the region, is no place for a secret.
		const other = shown.includes(name) ? fc.oneof(fc.constant(null), fc.integer(), fc.constant("X")) : wildJson;
		return [name, fc.oneof({ weight: 3, arbitrary: inner }, { weight: 1, arbitrary: other })] as const;
	});
	return fc.record(Object.fromEntries(members), { requiredKeys: [] });
}

/** The text of a value, whole, cut off or followed by something. */
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
