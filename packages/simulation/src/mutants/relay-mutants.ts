import type { Mutant } from "./mutant.ts";

const relay = "keepalive-agent/src/relay/deribit";
const ibkrRelay = "keepalive-agent/src/relay/ibkr";

/** Mutants with mistakes in the relay of the agent. Their seeds are of runs with bots. */
export const relayMutants: readonly Mutant[] = [
	{
		name: "deribit relay: an order is sent although the connection is not proven to be armed",
		caughtBy: 5,
		within: `${relay}/deribit-relay.ts`,
		pattern: 'if (kind === "order") connection = this.session.requireArmed();',
		fix: 'if (kind === "order") connection = this.session.handle ?? this.session.requireArmed();',
	},
	{
		name: "deribit relay: the orders of a dead bot are not cancelled",
		caughtBy: 5,
		within: `${relay}/orders-after-disconnect.ts`,
		pattern: 'void this.#cancel().catch(() => this.#endConnection("cancelling them failed"));',
		fix: "void this.#readOpen(1_000).catch(() => undefined);",
	},
	{
		name: "deribit relay: the orders of a dead bot count as cancelled as soon as they are listed",
		caughtBy: 5,
		within: `${relay}/orders-after-disconnect.ts`,
		pattern: "open?.length === 0 && this.#orders.unanswered === 0",
		fix: "open !== undefined",
	},
	{
		name: "deribit relay: the bot gets no error when the venue does not answer",
		caughtBy: 5,
		within: `${relay}/deribit-relay.ts`,
		pattern: "safely(() => onRefused(noReply(kind, error)))",
		fix: "undefined",
	},
	{
		name: "deribit relay: a call is answered twice",
		caughtBy: 5,
		within: `${relay}/deribit-relay.ts`,
		pattern: '(text, body) => reply(withId(text, request.idText), "error" in body)',
		fix: '(text, body) => {\n\t\t\t\treply(withId(text, request.idText), "error" in body);\n\t\t\t\treply(withId(text, request.idText), "error" in body);\n\t\t\t}',
	},
	{
		name: "deribit relay: the relay's own cancels have no reserved share of the rate limit",
		caughtBy: 7,
		within: `${relay}/deribit-relay.ts`,
		pattern: "return this.#shareOf($METHOD, $CONNECTION).tryTakeOwn();",
		fix: 'return this.#shareOf($METHOD, $CONNECTION).tryTake("anonymous", false);',
	},
	{
		name: "relay: a bot's frame that has to wait in the queue is lost",
		caughtBy: 5,
		within: `${relay}/bot-socket.ts`,
		pattern: "this.#waiting.push(text);",
		fix: "",
	},
	{
		name: "ibkr relay: an order is sent although the session is not alive",
		caughtBy: 5,
		within: `${ibkrRelay}/ibkr-relay.ts`,
		pattern: "isOrder ? this.notAliveReason() : undefined",
		fix: "undefined as string | undefined",
		and: [
			{
				within: `${ibkrRelay}/ibkr-relay.ts`,
				pattern: "return why === undefined ? this.#pass($CALL, $OPTIONS) : notAlive(why);",
				fix: "return this.#pass($CALL, $OPTIONS);",
			},
		],
	},
	{
		name: "ibkr relay: a queued order is sent although the session was lost meanwhile",
		caughtBy: 9,
		within: `${ibkrRelay}/ibkr-relay.ts`,
		pattern: "isOrder ? this.notAliveReason() : undefined",
		fix: "undefined as string | undefined",
	},
	{
		name: "ibkr relay: an order is sent again when the venue says that there is no session",
		caughtBy: "keepalive-agent/src/relay/ibkr/session-calls.test.ts",
		within: `${ibkrRelay}/ibkr-relay.ts`,
		pattern: "if (isDenied) void this.#checkSession();",
		fix: "if (isDenied && (await this.#isAliveSoon(call.signal))) return (await this.#send(call, options)).answer;",
	},
	{
		name: "ibkr relay: a call that waits too long in the queue is dropped without an answer",
		caughtBy: 5,
		within: `${ibkrRelay}/call-queue.ts`,
		pattern: 'each.settle("too-long")',
		fix: "this.#remove(each)",
	},
];
