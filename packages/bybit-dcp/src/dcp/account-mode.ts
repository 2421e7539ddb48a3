/**
 * The mode of an account, which decides what Disconnection Protect covers:
 *
 * - `unified-2`: all products;
 * - `unified-1`: no inverse orders;
 * - `classic`: nothing;
 * - `unknown`: a mode that this version does not know.
 */
export type BybitAccountMode = "unified-2" | "unified-1" | "classic" | "unknown";

/** @param unifiedMarginStatus - the number in the venue's reply. */
export function accountModeOf(unifiedMarginStatus: number): BybitAccountMode {
	switch (unifiedMarginStatus) {
		case 1:
			return "classic";
		case 3:
		case 4:
			return "unified-1";
		case 5:
		case 6:
			return "unified-2";
		default:
			return "unknown";
	}
}
