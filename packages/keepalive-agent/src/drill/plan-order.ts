import type { ClockLook } from "./drill-venue-interface.ts";

/** How many times the clocks of this machine and the venue are compared. */
const samples = 5;
/**
 * Where the order's price lies between the lower end of the venue's price band (0) and the market (1): far from the market, but not at the
 * edge of the band.
 */
const shareOfBand = 0.2;

/** Compares the clocks several times and returns the sample with the shortest round trip, which is the most exact. */
export async function bestClock(sample: () => Promise<ClockLook>): Promise<ClockLook> {
	let best = await sample();
	for (let count = 1; count < samples; count += 1) {
		const next = await sample();
		if (next.roundTripMs < best.roundTripMs) best = next;
	}
	return best;
}

/** A buy price that is inside the venue's price band and that the market hardly ever reaches. */
export function inBand(lowest: number, market: number): number {
	return lowest + shareOfBand * (market - lowest);
}

/** Returns a price or size in whole steps, rounded down, without the digits that binary fractions add. */
export function roundTo(value: number, step: number): string {
	// A rounding error may put the quotient just below a whole number. Without the added 1e-9, the result would be one step too low.
	return (Math.floor(value / step + 1e-9) * step).toFixed(decimalsOf(step));
}

function decimalsOf(step: number): number {
	const [digits = "", exponent = "0"] = String(step).split("e");
	return Math.max(0, (digits.split(".")[1]?.length ?? 0) - Number(exponent));
}
/** Returns a price or size in whole steps, rounded up, without the digits that binary fractions add. */
export function roundUpTo(value: number, step: number): string {
	return (Math.ceil(value / step - 1e-9) * step).toFixed(decimalsOf(step));
}
