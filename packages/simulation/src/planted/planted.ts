/** One change of the source. */
export interface Edit {
	/** The file below `packages`. */
	readonly file: string;
	/** The text that is replaced. It stands in the file exactly once. */
	readonly from: string;
	readonly to: string;
}

/** A mistake that somebody could make, as a change of the source. */
export interface Planted extends Edit {
	/** What was forgotten or got wrong. */
	readonly name: string;
	/** A seed that caught it: it is played first. What it draws may have changed since; then the others are. */
	readonly caughtBy?: number;
	/** What else has to be wrong for it to show, where two guards stand behind each other. */
	readonly and?: readonly Edit[];
	/** Where the simulation is not expected to see it: why, for the one who reads the list. */
	readonly hidden?: string;
}
