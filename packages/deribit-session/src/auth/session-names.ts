import { DeribitError } from "../errors.ts";

/** A session of a key, as many as the venue keeps; one more ends the one that was refreshed longest ago. */
const mostSessions = 16;

/**
 * Which named sessions are in use, so that no name is used twice: a second login under one name spends the refresh
 * token of the first, which then fails much later and far away.
 *
 * A connection takes its names when it authenticates and gives them back when it ends or is being disconnected.
 */
export class DeribitSessionNames {
	/** Owner by key and name. */
	readonly #owners = new Map<string, Map<string, object>>();

	/**
	 * Takes a name for an owner; again for the same owner is nothing new.
	 *
	 * @param key - what the name is unique within: host and client id.
	 * @throws {DeribitError} of kind `request` when somebody else has it or 16 names of the key are in use.
	 */
	claim(key: string, name: string, owner: object): void {
		const names = this.#owners.get(key) ?? new Map<string, object>();
		const holder = names.get(name);
		if (holder === owner) return;
		if (holder) throw refused("is in use by another connection; the venue would end that one's tokens");
		if (names.size >= mostSessions) {
			throw refused(`would be number ${mostSessions + 1} of this key; the venue would end another one`);
		}
		this.#owners.set(key, names.set(name, owner));
	}

	/** Gives back every name of an owner. */
	release(owner: object): void {
		for (const [key, names] of this.#owners) {
			for (const [name, holder] of names) if (holder === owner) names.delete(name);
			if (names.size === 0) this.#owners.delete(key);
		}
	}
}

/**
 * The default: one registry for each load of this package, because a name is used up by any connection of the program.
 * Worker threads have one each.
 */
export const deribitSessionNames = /* @__PURE__ */ new DeribitSessionNames();

/** The names in a scope. */
export function sessionNamesIn(scope: string | undefined): string[] {
	const tokens = scope?.split(" ") ?? [];
	return tokens.filter((token) => token.startsWith("session:")).map((token) => token.slice("session:".length));
}

// The name itself is not shown: it may name a person or a strategy.
function refused(why: string): DeribitError {
	return new DeribitError(
		`the session name in the scope ${why}; nothing was sent, so give this one a name of its own`,
		{
			kind: "request",
			method: "public/auth",
		},
	);
}
