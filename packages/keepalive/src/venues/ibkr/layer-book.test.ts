import { type IbkrBrokerageStatus, IbkrError, type IbkrErrorKind } from "@x/ibkr-session";
import { describe, expect, it } from "vitest";
import type { CallOutcome } from "./disposition.ts";
import { LayerTracker } from "./layers.ts";

const book = () =>
	new LayerTracker({
		needed: { gateway: true, login: true, brokerage: true, socket: false },
		ttlMs: 300_000,
		expectation: () => ({ expected: false, text: "" }),
	});
const flags = { connected: true, established: true, competing: false, forceOnly: false };
const ready: IbkrBrokerageStatus = { state: "ready", authenticated: true, ...flags };
const states = (of: LayerTracker) => {
	const { gateway, login, brokerage } = of.report();
	return [gateway.state, login.state, brokerage.state];
};

describe("what the answers show", () => {
	it("is a brokerage session that is opening until accounts were answered, however ready it calls itself", () => {
		const seen = book();
		for (const outcome of [
			{ kind: "status", brokerage: ready },
			{ kind: "live", brokerage: ready },
		] as const) {
			seen.recordOutcome(outcome);
			expect(states(seen)).toEqual(["up", "up", "opening"]);
		}
		seen.recordOutcome({ kind: "no-brokerage", because: "empty", status: 200 });
		expect(states(seen)).toEqual(["up", "up", "opening"]);
		seen.recordOutcome({ kind: "live", brokerage: ready });
		expect(seen.report().alive).toBe(false);
	});

	it.each<[CallOutcome, string[]]>([
		[{ kind: "no-session", because: "error-body", status: 200 }, ["up", "down", "down"]],
		[{ kind: "logged-out" }, ["up", "down", "down"]],
		[{ kind: "unconfirmed" }, ["up", "unknown", "unknown"]],
		[{ kind: "valid" }, ["up", "up", "unknown"]],
		[{ kind: "unstated" }, ["up", "up", "unknown"]],
		[{ kind: "accepted" }, ["up", "unknown", "opening"]],
		[{ kind: "refused" }, ["up", "unknown", "down"]],
		[{ kind: "triggered" }, ["up", "unknown", "unknown"]],
		[{ kind: "no-brokerage", because: "no-bridge", status: 400 }, ["up", "unknown", "down"]],
		[{ kind: "status", brokerage: { ...ready, state: "loading", established: false } }, ["up", "up", "opening"]],
		// All flags false is what a logged-out user gets too: it says nothing for the login.
		[
			{ kind: "status", brokerage: { ...ready, state: "disconnected", authenticated: false } },
			["up", "unknown", "down"],
		],
		[
			{ kind: "not-ready", brokerage: { ...ready, state: "unauthenticated", authenticated: false } },
			["up", "up", "down"],
		],
	])("%j is %j", (outcome, expected) => {
		const seen = book();
		seen.recordOutcome(outcome);
		expect(states(seen)).toEqual(expected);
	});

	it.each<[IbkrErrorKind, number | undefined, string]>([
		["network", undefined, "down"],
		["timeout", undefined, "unknown"],
		["unavailable", 503, "up"],
		["http", 403, "up"],
		["banned", 429, "up"],
		["banned", undefined, "up"],
		["pacing", undefined, "up"],
		["authorize", undefined, "up"],
		["aborted", undefined, "up"],
		["reply", 200, "up"],
	])("a failure of kind %s with status %s leaves the process %s, and the login as it was", (kind, status, expected) => {
		const seen = book();
		seen.recordOutcome({ kind: "valid" });
		seen.recordFailure(new IbkrError(kind, "x", { call: "POST /tickle", status }));
		expect(seen.report().gateway.state).toBe(expected);
		expect(seen.report().login.lastLoss).toBeUndefined();
	});
});
