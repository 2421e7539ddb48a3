/** One change of the source code. The code is found by its syntax, so that renamed variables, members and files do not break the edit. */
export interface Edit {
	/** The file or folder below `packages` in which the code is searched. Test files are not searched. */
	readonly within: string;
	/**
	 * An ast-grep pattern that matches exactly once in `within`. `$NAME` matches any expression or name, `$$$NAME` any list of them.
	 *
	 * @see https://ast-grep.github.io/guide/pattern-syntax.html
	 */
	readonly pattern: string;
	/** The name of the function or method that contains the match. Only needed if the pattern matches more than once. */
	readonly inside?: string;
	/** The code that replaces the match. `$NAME` and `$$$NAME` in it stand for the code that they matched. */
	readonly fix: string;
}

/** A mistake that a developer could make, as a change of the source code. The simulation or a test should detect it. */
export interface Mutant extends Edit {
	/** The mistake: what was forgotten or done wrong. */
	readonly name: string;
	/**
	 * What catches the mistake. A number is a seed that violates an invariant. It is played first, and then other seeds, because this seed may
	 * become harmless when the random draws change. A text is a test file below `packages`, for a mistake that the simulation cannot show.
	 */
	readonly caughtBy?: number | string;
	/** Further edits without which the mistake would have no effect, for example because a second check would correct it. */
	readonly and?: readonly Edit[];
	/** Why neither the simulation nor a test can catch the mistake. Undefined if it is expected to be caught. */
	readonly hidden?: string;
}
