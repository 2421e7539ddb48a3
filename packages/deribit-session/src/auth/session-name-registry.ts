import { DeribitError } from "../errors.ts";

/**
 * The venue keeps at most this many sessions for an API key. Opening another session ends the session that was
 * refreshed longest ago.
 */
const maxSessions = 16;

/**
 * The session names in use, so that no two connections use the same name. A second login under the same name would
 * invalidate the refresh token of the first login, whose next renewal would then fail, possibly hours later.
 *
 * A connection claims its names when it authenticates and releases them when it ends or is being closed.
 */
export class DeribitSessionNames {
	/** For each host and client id, a map from session name to the connection that uses the name. */
	readonly #owners = new Map<string, Map<string, object>>();

	/**
	 * Claims a session name for an owner. Claiming a name again for the same owner has no effect.
	 *
	 * @param key - the scope within which names are unique: host and client id, separated by a space.
	 * @throws {DeribitError} of kind `request` when another owner has the name, or 16 names of the key are in use.
	 */
	claim(key: string, name: string, owner: object): void {
		const names = this.#owners.get(key) ?? new Map<string, object>();
		const current = names.get(name);
		if (current === owner) return;
		if (current)
			throw claimError("is in use by another connection, whose tokens this login would replace. Use another name");
		if (names.size >= maxSessions) {
			throw claimError(
				`would be session ${maxSessions + 1} of this API key (${maxSessions} are allowed). End another connection first`,
			);
		}
		this.#owners.set(key, names.set(name, owner));
	}

	/** Releases all session names of an owner. */
	release(owner: object): void {
		for (const [key, names] of this.#owners) {
			for (const [name, current] of names) if (current === owner) names.delete(name);
			if (names.size === 0) this.#owners.delete(key);
		}
	}
}

/**
 * The default registry. Each loaded copy of this package has its own default registry, and so has each worker thread.
 */
export const deribitSessionNames = /* @__PURE__ */ new DeribitSessionNames();

/** The session names that a scope requests, as in `session:name`. */
export function sessionNamesIn(scope: string): string[] {
	const parts = scope.split(" ").filter((part) => part.startsWith("session:"));
	return parts.map((part) => part.slice("session:".length));
}

// The error does not contain the session name, because the name may identify a person or a strategy.
function claimError(problem: string): DeribitError {
	return new DeribitError(`not sent: the session name ${problem}`, {
		kind: "request",
		call: "public/auth",
	});
}
