import { KeeperError } from "./keeper-error.ts";
import type { Session } from "./session.ts";

/**
 * The key of the mark that a session gets while a keeper runs it. The symbol is registered by name, so that two copies of this
 * package see the same mark.
 */
const claimed = Symbol.for("@x/keepalive/claimed");

/**
 * Claims a session for one keeper. Two keepers with the same session would end each other's connections forever, and each time
 * the venue would cancel the orders.
 *
 * @returns a function that gives the claim up.
 * @throws KeeperError (claimed) while another keeper has the session.
 */
export function claimSession(session: Session): () => void {
	const { name } = session;
	if (claimed in session) {
		throw new KeeperError(
			"claimed",
			`session ${name} is run by another keeper. Stop that keeper first, or make a session for each.`,
			{ session: name },
		);
	}
	// A frozen session cannot be marked, so it can be claimed more than once. The mark is not enumerable, so that a copy of the
	// session, which counts as another session, has no mark.
	if (!Object.isExtensible(session)) return () => undefined;
	Object.defineProperty(session, claimed, { value: true, configurable: true });
	return () => {
		Reflect.deleteProperty(session, claimed);
	};
}
