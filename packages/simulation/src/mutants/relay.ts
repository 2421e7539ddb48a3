import type { Mutant } from "./mutant.ts";

const relay = "keepalive-agent/src/relay/deribit";
const ibkrRelay = "keepalive-agent/src/relay/ibkr";

/** Mutants with mistakes in the relay of the agent. Their seeds are of runs with bots. */
export const relayMutants: readonly Mutant[] = [
	{
		name: "relay: an order is sent although the connection is not proved armed",
		caughtBy: 5,
		within: `${relay}/deribit-relay.ts`,
		pattern: 'if (kind === "order") connection = this.session.requireArmed();',
		fix: 'if (kind === "order") connection = this.session.handle ?? this.session.requireArmed();',
	},
	{
		name: "relay: the orders of a dead bot stay open",
		caughtBy: 5,
		within: `${relay}/orders-left.ts`,
		pattern: 'void this.#cancel().catch(() => this.#endConnection("cancelling them failed"));',
		fix: "void this.#readOpen(1_000).catch(() => undefined);",
	},
	{
		name: "relay: the orders of a dead bot count as cancelled once they were listed",
		caughtBy: 5,
		within: `${relay}/orders-left.ts`,
		pattern: "open?.length === 0 && this.#orders.unanswered === 0",
		fix: "open !== undefined",
	},
	{
		name: "relay: nobody is told that the venue did not answer",
		caughtBy: 5,
		within: `${relay}/deribit-relay.ts`,
		pattern: "safely(() => onRefused(noReply(kind, error)))",
		fix: "undefined",
	},
	{
		name: "relay: a call is answered twice",
		caughtBy: 5,
		within: `${relay}/deribit-relay.ts`,
		pattern: '(text, body) => reply(withId(text, request.idText), "error" in body)',
		fix: '(text, body) => {\n\t\t\t\treply(withId(text, request.idText), "error" in body);\n\t\t\t\treply(withId(text, request.idText), "error" in body);\n\t\t\t}',
	},
	{
		name: "relay: cancels have no share of the rate limit for themselves",
		caughtBy: 7,
		within: `${relay}/deribit-relay.ts`,
		pattern: "return this.#shareOf($METHOD, $CONNECTION).tryTakeOwn();",
		fix: 'return this.#shareOf($METHOD, $CONNECTION).tryTake("anonymous", false);',
	},
	{
		name: "relay: a frame that waits for its turn is lost",
		caughtBy: 5,
		within: `${relay}/bot-socket.ts`,
		pattern: "this.#waiting.push(text);",
		fix: "",
	},
	{
		name: "relay at ibkr: an order is sent although the session is not alive",
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
		name: "relay at ibkr: an order waits for its turn, and is sent although the session was lost meanwhile",
		caughtBy: 9,
		within: `${ibkrRelay}/ibkr-relay.ts`,
		pattern: "isOrder ? this.notAliveReason() : undefined",
		fix: "undefined as string | undefined",
	},
	{
		name: "relay at ibkr: an order is repeated when the venue says that there is no session",
		caughtBy: "keepalive-agent/src/relay/ibkr/session-calls.test.ts",
		within: `${ibkrRelay}/ibkr-relay.ts`,
		pattern: "if (isDenied) void this.#checkSession();",
		fix: "if (isDenied && (await this.#isAliveSoon(call.signal))) return (await this.#send(call, options)).answer;",
	},
	{
		name: "relay at ibkr: a call that has waited for too long is forgotten",
		caughtBy: 5,
		within: `${ibkrRelay}/call-queue.ts`,
		pattern: 'each.settle("too-long")',
		fix: "this.#remove(each)",
	},
];
