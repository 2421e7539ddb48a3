/** What the module `plain-sessions.ts` is given as `data`. */
export interface PlainInput {
	readonly names: readonly string[];
	/** Shared memory; see {@link places}. */
	readonly words: Int32Array<SharedArrayBuffer>;
	/** How often each session may be opened. Default: the default of the keeper. */
	readonly openings?: number;
	/** Whether the protections, the used limits and the results of closes have members besides those of their types. */
	readonly hasExtraMembers?: boolean;
}

/**
 * Indexes in the shared memory. A 1 at `load` or `open` makes the worker wait at that point until the value is 0; meanwhile
 * `waiting` is 1.
 */
export const places = { load: 0, open: 1, waiting: 2 } as const;
