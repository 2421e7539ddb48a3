/**
 * What the relay does with a call.
 *
 * - `local`: answered by the relay itself, because it is about the bot's own connection;
 * - `unknown`: not written as the venue writes its methods. Answered as one that there is not: whatever the venue made of it, it must
 *   not be another call than the one that was judged here;
 * - `refused`: it would disarm the guarded connection, end it, or show a secret of the account;
 * - `read`: passed on;
 * - `cancel`: passed on, armed or not: it only makes the exposure smaller;
 * - `order`: passed on only while the connection is proved to be armed. So is every private call that is not listed here.
 */
export type MethodKind = "local" | "unknown" | "refused" | "read" | "cancel" | "order";

const local: ReadonlySet<string> = new Set([
	"public/auth",
	"public/set_heartbeat",
	"public/disable_heartbeat",
	"public/subscribe",
	"private/subscribe",
	"public/unsubscribe",
	"private/unsubscribe",
	"public/unsubscribe_all",
	"private/unsubscribe_all",
	"private/logout",
	"private/enable_cancel_on_disconnect",
	"private/get_cancel_on_disconnect",
]);

const refused: ReadonlySet<string> = new Set([
	"private/disable_cancel_on_disconnect",
	// Their replies hold tokens of the account.
	"public/exchange_token",
	"public/fork_token",
]);

const writtenAsTheVenue = /^(?:public|private)(?:\/[a-z0-9_]+)+$/;

/** They list the secrets of keys, and can take the rights from the key that guards. */
const ofKeys = /^private\/\w*api_key/;

const reading = /^private\/(?:get_\w+|list_\w+|verify_block_trade|simulate_portfolio|pme\/simulate)$/;

/** The kind of a method, by its name. */
export function methodKind(method: string): MethodKind {
	if (!writtenAsTheVenue.test(method)) return "unknown";
	if (local.has(method)) return "local";
	if (refused.has(method) || ofKeys.test(method)) return "refused";
	if (method.startsWith("public/") || reading.test(method)) return "read";
	if (method.startsWith("private/cancel")) return "cancel";
	return "order";
}

/** The methods that work over a WebSocket only: those that are about a connection. */
export const webSocketOnly: ReadonlySet<string> = new Set(
	["public/hello", ...local].filter((name) => name !== "public/auth"),
);
