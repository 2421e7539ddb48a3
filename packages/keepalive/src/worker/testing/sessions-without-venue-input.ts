/** The type of the `data` that the module `sessions-without-venue.ts` gets. */
export interface PlainInput {
	readonly names: readonly string[];
	/** Shared memory whose values are described at {@link places}. */
	readonly words: Int32Array<SharedArrayBuffer>;
	/** How often each session may be opened before it has to wait. Default: the default of the keeper. */
	readonly openings?: number;
	/** Whether the objects that the sessions return (protections, used limits, and what `close()` returns) have members that are not in their types. */
	readonly hasExtraMembers?: boolean;
}

/**
 * Indexes in the shared memory. A 1 at `load` or `open` makes the worker wait at that point until the value is 0; meanwhile
 * `waiting` is 1.
 */
export const places = { load: 0, open: 1, waiting: 2 } as const;
