/** An answer counts as current until this many milliseconds after its request. After that, the page turns grey. */
export const staleAfterMs = 4_000;

/**
 * The state of the connection to the agent. All instants are milliseconds of one monotonic clock.
 *
 * @typedef {object} Contact
 * @property {boolean} isHidden - whether the page is hidden, so that it requests nothing.
 * @property {boolean} needsToken - whether the agent has refused to answer without the right token.
 * @property {number | undefined} askedAt - when the latest valid answer was requested.
 * @property {number | undefined} streamDownSince - since when the event stream is down; undefined while it is open.
 */

/**
 * Whether the page may show its data as current, and if not, why.
 *
 * @typedef {{ readonly kind: "fresh" }
 *   | { readonly kind: "paused" }
 *   | { readonly kind: "token" }
 *   | { readonly kind: "starting" }
 *   | { readonly kind: "silent", readonly since: number }
 *   | { readonly kind: "no-stream", readonly since: number }} Freshness
 */

/**
 * Decides whether the page may show its data as current: only while the agent's answers arrive *and* the event stream is open.
 *
 * @param {Contact} contact
 * @param {number} now
 * @returns {Freshness}
 */
export function freshnessOf({ isHidden, needsToken, askedAt, streamDownSince }, now) {
	if (needsToken) return { kind: "token" };
	if (isHidden) return { kind: "paused" };
	if (askedAt === undefined) return { kind: "starting" };
	if (now - askedAt > staleAfterMs) return { kind: "silent", since: askedAt };
	if (streamDownSince !== undefined && now - streamDownSince > staleAfterMs) {
		return { kind: "no-stream", since: streamDownSince };
	}
	return { kind: "fresh" };
}
