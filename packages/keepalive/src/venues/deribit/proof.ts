import type { DeribitConnection } from "@x/deribit-session";
import { SessionError } from "../../session-error.ts";

type Scope = "connection" | "account";

/** What the venue said when it was asked whether cancel-on-disconnect is on. */
export type ReadBack =
	| { readonly on: true; readonly askedAt: number }
	| { readonly on: false; readonly reason: string };

interface Limits {
	signal: AbortSignal;
	timeoutMs?: number;
	/** Its questions must not wait behind the program's own calls. */
	fromReserve: true;
}

/**
 * Asks the venue whether the switch is on.
 *
 * With scope `connection` the connection is asked about. With scope `account` both are: the account's answer is only
 * about connections yet to come, and what saves the orders placed over *this* connection is its own switch.
 *
 * @throws SessionError when the answer does not say it in so many words: nothing is concluded from silence.
 */
export async function readBack(connection: DeribitConnection, scope: Scope, limits: Limits): Promise<ReadBack> {
	const askedAt = Date.now();
	const scopes: Scope[] = scope === "account" ? ["connection", "account"] : ["connection"];
	for (const asked of scopes) {
		const said = await connection.request("private/get_cancel_on_disconnect", { scope: asked }, limits);
		if (said.scope !== asked || typeof said.enabled !== "boolean") {
			throw new SessionError(
				`@x/keepalive/deribit: the venue did not say whether cancel-on-disconnect is on for the ${asked}`,
				{ disposition: { action: "retry" } },
			);
		}
		if (!said.enabled) return { on: false, reason: offReason[asked] };
	}
	return { on: true, askedAt };
}

/** Switches it on and asks whether it is: an "ok" alone proves nothing. */
export async function arm(connection: DeribitConnection, scope: Scope, limits: Limits): Promise<ReadBack> {
	await connection.request("private/enable_cancel_on_disconnect", { scope }, limits);
	return readBack(connection, scope, limits);
}

const offReason: Readonly<Record<Scope, string>> = {
	connection: "the venue says that cancel-on-disconnect is off for this connection: its orders would keep working",
	account: "the venue says that cancel-on-disconnect is off for the account: later connections start unarmed",
};
