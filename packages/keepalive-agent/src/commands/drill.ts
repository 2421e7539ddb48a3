import {
	type Command,
	configFileOf,
	configHelp,
	configOption,
	type Surroundings,
	UsageError,
} from "../command-definition.ts";
import { loadConfig } from "../config/load-config.ts";
import { DrillRefused } from "../drill/drill-error.ts";
import type { DrillRecord } from "../drill/drill-record.ts";
import { drillTable } from "../drill/format-drill-table.ts";
import { isKill, type Kill, kills } from "../drill/kill-kinds.ts";
import { runDrill } from "../drill/run-drill.ts";
import { toleranceOf } from "../drill/session-fingerprint.ts";
import { exitCodes } from "../exit-codes.ts";

/** Proves, at a test system, that the venue cancels the orders when a session dies. */
export const drill: Command = {
	summary: "place one order at a test system, kill its session, and see whether the venue cancels it",
	usage: "",
	help: `Runs a session in a process of its own, places one post-only order of minimum size far from the market, waits, kills the session, and
measures by the venue's own clock when the order was cancelled and why. Cancels what is left. At IBKR, which cancels nothing, it
proves that the order survives. Stop the agent of this configuration before.

${configHelp}
      --session NAME      the session (may be left out when there is only one)
      --kill HOW          close, kill, freeze, gate, or all (default). close: closed with a close frame; kill: SIGKILL;
                          freeze: SIGSTOP, so that the connection goes silent; gate: its strategy stops to pulse
      --instrument NAME   in place of the venue's most traded one
      --product P         at Bybit, in place of the first product of the session
      --takeover NAME     at IBKR, with one --kill: another session of the same user takes over by compete, and keeps the
                          brokerage session
      --price P           in place of one near the lower end of the venue's price band
      --amount A          in place of the minimum
      --control S         seconds for which the order has to stay open before the kill (default: twice the stated exposure, 10 at least)
      --other-orders N    go on although the account has exactly N open orders, which may be cancelled
      --production        go on although the host is not a test system. Needs --account
      --account NAME      the account's name, as the venue shows it
      --json              print the records as JSON

Exit codes: 0 everything was proved, 1 something was inconclusive, 2 refused before an order was placed, 3 a person has to act: the
venue did not cancel as stated, the order was filled, or may still be open.`,
	options: {
		...configOption,
		session: { type: "string" },
		kill: { type: "string", default: "all" },
		instrument: { type: "string" },
		product: { type: "string" },
		takeover: { type: "string" },
		price: { type: "string" },
		amount: { type: "string" },
		control: { type: "string" },
		"other-orders": { type: "string" },
		production: { type: "boolean", default: false },
		account: { type: "string" },
		json: { type: "boolean", default: false },
	},
	positionals: 0,
	async run({ values, ...args }, { print, report, environment, interrupted }: Surroundings) {
		const text = (name: string): string | undefined => {
			const value = values[name];
			return typeof value === "string" ? value : undefined;
		};
		const number = (name: string, isAllowed: (value: number) => boolean, what: string): number | undefined => {
			const given = text(name);
			if (given === undefined) return undefined;
			if (given.trim() === "" || !isAllowed(Number(given)))
				throw new UsageError(`--${name} must be ${what}, got ${JSON.stringify(given)}`);
			return Number(given);
		};
		const controlS = number("control", (value) => value > 0 && value <= 86_400, "a number of seconds above 0");
		const otherOrders = number("other-orders", (value) => Number.isInteger(value) && value >= 0, "a whole number");
		for (const name of ["price", "amount"]) number(name, (value) => value > 0 && value < 1e15, "a number above 0");
		const [instrument, price, amount] = [text("instrument"), text("price"), text("amount")];
		const config = loadConfig(configFileOf({ values, ...args }), environment);
		const session = sessionOf(text("session"), Object.keys(config.sessions));
		const deaths = killsOf(text("kill") ?? "all", toleranceOf(config.strategies, session) !== undefined, session);
		const signals = new AbortController();
		const stopListening = onSignals(() => {
			report("interrupted: cleaning up. Wait until it says that no order is left.");
			signals.abort(new Error("interrupted"));
		});
		try {
			const records = await runDrill({
				config,
				session,
				kills: deaths,
				given: {
					...(instrument !== undefined && { instrument }),
					...(price !== undefined && { price }),
					...(amount !== undefined && { amount }),
				},
				product: text("product"),
				takeover: text("takeover"),
				controlMs: controlS === undefined ? undefined : controlS * 1_000,
				allowsProduction: values["production"] === true,
				accountName: text("account"),
				otherOrders,
				signal: AbortSignal.any([interrupted, signals.signal]),
				onStep: report,
				onRecord: () => undefined,
			});
			print(values["json"] === true ? JSON.stringify({ drills: records }, undefined, 2) : drillTable(records));
			return exitCodeOf(records, deaths.length);
		} catch (error) {
			if (!(error instanceof DrillRefused)) throw error;
			report(`the drill was refused, and no order was placed: ${error.message}`);
			return exitCodes.configuration;
		} finally {
			stopListening();
		}
	},
};

function sessionOf(given: string | undefined, names: readonly string[]): string {
	const session = given ?? (names.length === 1 ? names[0] : undefined);
	if (session === undefined) throw new UsageError(`--session is required (one of ${names.join(", ")})`);
	if (!names.includes(session))
		throw new UsageError(`there is no session ${JSON.stringify(session)} (there are ${names.join(", ")})`);
	return session;
}

/**
 * The kinds of failures (kills) that the drill tries. `all` includes `gate` only if the session has a strategy: without a strategy there
 * are no health signals (pulses) that could stop.
 */
function killsOf(given: string, hasStrategy: boolean, session: string): readonly Kill[] {
	if (given === "all") return kills.filter((kill) => kill !== "gate" || hasStrategy);
	if (!isKill(given)) throw new UsageError(`--kill must be ${kills.join(", ")} or all, got ${JSON.stringify(given)}`);
	if (given === "gate" && !hasStrategy)
		throw new UsageError(
			`--kill gate needs a strategy: none in the configuration lists the session ${session}. Add one, or choose another kill`,
		);
	return [given];
}

/** Calls `listener` at each signal that would end the program, so that it can clean up. Returns a function that stops listening. */
function onSignals(listener: () => void): () => void {
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	for (const signal of signals) process.on(signal, listener);
	return () => {
		for (const signal of signals) process.off(signal, listener);
	};
}

/** @param tried - how many kills the drill was to try. After an interrupt, there are fewer records than this. */
function exitCodeOf(records: readonly DrillRecord[], tried: number): number {
	const needsPerson = ({ result, cleanup }: DrillRecord): boolean =>
		cleanup === "failed" ||
		(result.verdict === "inconclusive" ? result.todo !== undefined : result.verdict !== "proved");
	if (records.some(needsPerson)) return exitCodes.human;
	const isProved = records.length === tried && records.every(({ result }) => result.verdict === "proved");
	return isProved ? exitCodes.ready : exitCodes.notReady;
}
