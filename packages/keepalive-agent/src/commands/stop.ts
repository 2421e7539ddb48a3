import { UsageError } from "../command-definition.ts";
import { exitCodes } from "../exit-codes.ts";
import type { components } from "../generated/schema.ts";
import { agentCommand } from "./running-agent-command.ts";

/** Asks a running agent to close one session, or to close all of them and end. */
export const stop = agentCommand({
	summary: "close one session of a running agent, or all of them and end it",
	usage: "--orders keep|cancel",
	help: `Asks a running agent to close one session, or all of them and to end. Says what becomes of the working orders.

{shared}
      --orders keep|cancel  what should become of the working orders (required)
      --session NAME        only this session

Exit codes: 0 closed, 1 the agent is away or refused, 2 wrong configuration or arguments, 3 check the orders: what
becomes of them is unknown, or the venue cannot do what was asked.`,
	options: { orders: { type: "string" }, session: { type: "string" } },
	positionals: 0,
	needsToken: true,
	async ask(client, { values: { orders, session } }, { print }) {
		if (orders === undefined) throw new UsageError("--orders is required (keep or cancel)");
		if (orders !== "keep" && orders !== "cancel") {
			throw new UsageError(`--orders must be keep or cancel, got ${JSON.stringify(orders)}`);
		}
		const { closed } = await client.stop({ orders, ...(typeof session === "string" && { session }) });
		for (const [name, result] of Object.entries(closed)) print(`${name}: ${closedText(result)}`);
		const isClear = Object.values(closed).every(({ orders: what }) => what === "kept" || what === "cancelled");
		return isClear ? exitCodes.ready : exitCodes.human;
	},
});

function closedText(closed: components["schemas"]["Closed"]): string {
	switch (closed.orders) {
		case "kept":
			return `its orders stay in the book: ${closed.detail}`;
		case "cancelled":
			return `the venue cancels its orders within ${Math.ceil(closed.withinMs / 100) / 10} s: ${closed.detail}`;
		case "refused":
			return `the venue cannot do with its orders what --orders asks: ${closed.detail}`;
		case "unknown":
			return `CHECK ITS ORDERS, what becomes of them is unknown: ${closed.detail}`;
	}
}
