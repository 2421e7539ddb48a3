/** A number as the venue sends it: decimal digits, without an exponent or trailing zeros. */
export function decimal(value: number): string {
	const digits = value.toFixed(8).replace(/\.?0+$/, "");
	return digits === "-0" ? "0" : digits;
}
