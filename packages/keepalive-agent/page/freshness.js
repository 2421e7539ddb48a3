/** What the page knows is shown as true for this long after the agent was asked. Then the page turns grey. */
export const staleAfterMs = 4_000;

/**
 * What is known of the connection to the agent. All instants are milliseconds of one monotonic clock.
 *
 * @typedef {object} Contact
 * @property {boolean} isHidden - nobody looks at the page, and it asks for nothing.
 * @property {boolean} needsToken - the agent refused to answer without the token.
 * @property {number | undefined} askedAt - when the latest good answer was asked for.
 * @property {number | undefined} streamDownSince - undefined while the event stream is open.
 */

/**
 * Whether what is shown may be shown as true.
 *
 * @typedef {{ readonly kind: "fresh" }
 *   | { readonly kind: "paused" }
 *   | { readonly kind: "token" }
 *   | { readonly kind: "starting" }
 *   | { readonly kind: "silent", readonly since: number }
 *   | { readonly kind: "no-stream", readonly since: number }} Freshness
 */

/**
 * Decides whether the page may show what it knows. It may only while the agent's answers come *and* the event stream is open.
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
