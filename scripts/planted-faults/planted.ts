/** A mistake that somebody could make, as a change of the source. */
export interface Planted {
	/** What was forgotten or got wrong. */
	readonly name: string;
	/** The file below `packages`. */
	readonly file: string;
	/** The text that is replaced. It stands in the file exactly once. */
	readonly from: string;
	readonly to: string;
	/** Where the simulation is not expected to see it: why, for the one who reads the list. */
	readonly hidden?: string;
}
