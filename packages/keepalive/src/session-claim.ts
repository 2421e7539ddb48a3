import { KeeperError } from "./keeper-error.ts";
import type { Session } from "./session.ts";

/** Marks a session that a keeper runs. Registered by name, so that two copies of this package see the same mark. */
const claimed = Symbol.for("@x/keepalive/claimed");

/**
 * Claims a session for one keeper: two keepers would end each other's connections for ever, and with each the orders.
 *
 * @returns a function that gives the claim up.
 * @throws KeeperError (claimed) while another keeper has it.
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
	// Not enumerable: a copy of the session is another session. A frozen object cannot be marked.
	if (!Object.isExtensible(session)) return () => undefined;
	Object.defineProperty(session, claimed, { value: true, configurable: true });
	return () => {
		Reflect.deleteProperty(session, claimed);
	};
}
