/**
 * What the relay does with a method.
 *
 * - `local`: the relay answers it, because it concerns the bot's own connection;
 * - `unknown`: its name is not spelled like Deribit's methods. It is refused as an unknown method, because Deribit could read such a
 *   spelling as a method that the relay would refuse;
 * - `refused`: it would disarm or end the agent's connection to Deribit, or show a secret of the account;
 * - `read`: it is passed on;
 * - `cancel`: it is passed on whether the connection is armed or not, because it only makes the exposure smaller;
 * - `order`: it is passed on only while the connection is proved to be armed. Every private method that is not listed here is an `order`.
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
	// The replies to these methods contain tokens of the account.
	"public/exchange_token",
	"public/fork_token",
]);

const writtenAsTheVenue = /^(?:public|private)(?:\/[a-z0-9_]+)+$/;

/** These methods list the secrets of API keys, or can take permissions from the agent's own key. */
const ofKeys = /^private\/\w*api_key/;

const reading = /^private\/(?:get_\w+|list_\w+|verify_block_trade|simulate_portfolio|pme\/simulate)$/;

/** What the relay does with a method, by its name. */
export function methodKind(method: string): MethodKind {
	if (!writtenAsTheVenue.test(method)) return "unknown";
	if (local.has(method)) return "local";
	if (refused.has(method) || ofKeys.test(method)) return "refused";
	if (method.startsWith("public/") || reading.test(method)) return "read";
	if (method.startsWith("private/cancel")) return "cancel";
	return "order";
}

/** The methods that work only over a WebSocket, because they concern one connection. */
export const webSocketOnly: ReadonlySet<string> = new Set(
	["public/hello", ...local].filter((name) => name !== "public/auth"),
);
