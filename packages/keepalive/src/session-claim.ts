import { KeeperError } from "./keeper-error.ts";
import type { Session } from "./session.ts";

/** Marks a session that a keeper runs. Registered by name, so that two copies of this package see the same mark. */
const claimed = Symbol.for("@x/keepalive/claimed");

/**
 * Claims a session for one keeper: two keepers would end each other's connections forever, and with each connection the
 * venue would cancel the orders.
 *
 * @returns a function that gives the claim up.
 * @throws KeeperError (claimed) while another keeper has the session.
 */
export function claimSession(session: Session): () => void {
	const { name } = session;
	if (claimed in session) {
		throw new KeeperError(
			"claimed",
			`session ${name} is run by another keeper. Stop that one first, or make a session for each keeper.`,
			{ session: name },
		);
	}
	// The mark is not enumerable, because a copy of the session is another session. A frozen object cannot be marked.
	if (!Object.isExtensible(session)) return () => undefined;
	Object.defineProperty(session, claimed, { value: true, configurable: true });
	return () => {
		Reflect.deleteProperty(session, claimed);
	};
}
