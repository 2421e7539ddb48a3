import { SessionError } from "../../session-error.ts";

/** There is nothing to beat. */
export function gone(): SessionError {
	return new SessionError("@x/keepalive/deribit: there is no session to beat; open it first", {
		disposition: { action: "retry" },
		session: "ended",
	});
}

/** Somebody opened or closed meanwhile. */
export function unwanted(): SessionError {
	return new SessionError("@x/keepalive/deribit: the session came too late and was given up", {
		disposition: { action: "retry" },
	});
}

/** No order may rest on it. */
export function notArmed(why: string): SessionError {
	return new SessionError(`@x/keepalive/deribit: the connection is not proved armed right now: ${why}`, {
		disposition: { action: "retry" },
	});
}

/** The venue said "ok" and then that it is off. */
export function lied(reason: string): SessionError {
	return new SessionError(`@x/keepalive/deribit: arming was acknowledged and did not work: ${reason}`, {
		disposition: { action: "retry" },
	});
}

/** The key cannot do what the session is for. */
export function lacksRight(right: string, granted: readonly string[]): SessionError {
	// Only rights are shown: a scope can also hold the names of keys and sessions.
	const rights = granted.filter((token) =>
		/^(account|trade|wallet|custody|block_\w+):(read|read_write|none)$/.test(token),
	);
	return new SessionError(
		`@x/keepalive/deribit: the key cannot arm cancel-on-disconnect: it was granted ${rights.join(" ") || "no right"} and needs ${right}`,
		{ disposition: { action: "fatal" } },
	);
}

/** The same error with what it means for the orders. */
export function withOrders(error: SessionError, words: string): SessionError {
	if (words === "") return error;
	const { message, disposition, session, cause } = error;
	return new SessionError(`${message}.${words}`, { disposition, session, cause });
}
