import { describe, expect, it } from "vitest";
import { type RelayedSessions, relayConfig, relayProblems } from "./relay-config.ts";

const sessions: RelayedSessions = new Map([
	["hedge", "deribit"],
	["broker", "ibkr"],
]);
const token = "local-token-of-maker";

describe("relayProblems", () => {
	it("relayProblems allows a bot only sessions at Deribit and IBKR", () => {
		const named = (names: readonly string[]) =>
			relayProblems({ bots: { maker: { token, sessions: names } } }, sessions).map(({ message }) => message);
		expect(named(["hedge", "broker"])).toEqual([]);
		expect(named(["broker"])).toEqual([]);
		expect(named(["perp"])).toEqual(["names perp, which is no session at Deribit or IBKR"]);
		expect(named([])).toEqual(["has no session at Deribit or IBKR to use"]);
	});

	it("relayProblems refuses the options for Deribit if a bot has only sessions at IBKR", () => {
		const options = {
			ordersOnDisconnect: "keep",
			cancelWithinMs: 500,
			keepsOrdersOnClose: true,
			staysConnected: true,
		} as const;
		const message = "is for sessions at Deribit, and this bot has none: IBKR cancels no orders";
		expect(relayProblems({ bots: { maker: { token, sessions: ["broker"], ...options } } }, sessions)).toEqual(
			Object.keys(options).map((option) => ({ path: ["relay", "bots", "maker", option], message })),
		);
		expect(relayProblems({ bots: { maker: { token, ...options } } }, new Map([["broker", "ibkr"]]))).toHaveLength(4);
		expect(relayProblems({ bots: { maker: { token, ...options } } }, sessions)).toEqual([]);
	});
});

it("relayConfig lets a bot use all sessions that can be relayed if the bot has no option `sessions`", () => {
	expect(relayConfig({ bots: { maker: { token } } }, sessions).bots["maker"]?.sessions).toEqual(["hedge", "broker"]);
});
