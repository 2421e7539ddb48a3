/** One change of the source, found by its syntax so that renames of variables, members and files do not break it. */
export interface Edit {
	/** File or folder below `packages` that is searched, without tests. */
	readonly within: string;
	/**
	 * An ast-grep pattern that matches exactly once there. `$NAME` matches any expression or name, `$$$NAME` any list of them.
	 *
	 * @see https://ast-grep.github.io/guide/pattern-syntax.html
	 */
	readonly pattern: string;
	/** The name of the function or method that contains the match, where the pattern alone matches more than once. */
	readonly inside?: string;
	/** What replaces the match. `$NAME` and `$$$NAME` stand for what they matched. */
	readonly fix: string;
}

/** A mistake that somebody could make, as a change of the source. */
export interface Mutant extends Edit {
	/** What was forgotten or got wrong. */
	readonly name: string;
	/**
	 * What caught it: a seed, which is played before the others, because another draw may have changed what it does; or a test
	 * file below `packages`, for a mistake that needs what the simulation does not have.
	 */
	readonly caughtBy?: number | string;
	/** Further edits that it needs to have an effect, where a second check would catch it. */
	readonly and?: readonly Edit[];
	/** Why neither the simulation nor a test is expected to catch it. */
	readonly hidden?: string;
}
