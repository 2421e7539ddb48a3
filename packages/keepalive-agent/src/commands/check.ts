import { after } from "@x/base/clock";
import type { Inspection, InspectionOptions } from "@x/keepalive";
import { inspectBybit } from "@x/keepalive/bybit";
import { inspectDeribit } from "@x/keepalive/deribit";
import { inspectIbkr } from "@x/keepalive/ibkr";
import { type Command, configFileOf, configHelp, configOption, UsageError } from "../command-definition.ts";
import { botConnectionWarnings } from "../config/bot-connection-warnings.ts";
import type { SessionConfig } from "../config/config.ts";
import { bybitOptions, deribitOptions, ibkrOptions } from "../config/create-session.ts";
import { ibkrLoginOf } from "../config/ibkr-login.ts";
import { loadConfig } from "../config/load-config.ts";
import { exitCodes } from "../exit-codes.ts";
import { withLabelPermission, withLeader } from "../leader/inspect-leader.ts";
import { forTakeover } from "../leader/lead-sessions.ts";
import { hasLeader } from "../leader/leader-config.ts";
import { openLeaderStore } from "../leader/leader-store.ts";
import { neededPulses } from "../strategies/strategy-config.ts";
import { checkTable } from "./format-check-table.ts";

/** The result of `keepalive check` for one session, as `--json` prints it. */
export interface CheckedSession extends Inspection {
	readonly session: string;
	readonly venue: SessionConfig["venue"];
	/**
	 * `ready`: no problem is known that keeps the session from being armed. `not-ready`: the problem may pass by itself. `human`: a person
	 * has to act.
	 */
	readonly verdict: "ready" | "not-ready" | "human";
}

/** A venue that does not answer for this many seconds is not ready. */
const defaultTimeoutSeconds = 30;

/** Checks every venue without changing or subscribing to anything. */
export const check: Command = {
	summary: "look at every venue, without changing anything, and say whether `run` would be armed",
	usage: "",
	help: `Checks the configuration, connects and logs in, and reads what is armed, the clock, and what the key may do.
It changes nothing and subscribes to nothing: it can be used beside an agent that runs.
With a section leader it also says which machine leads each session, and whether this one could take over.

${configHelp}
      --json         print the result as JSON
      --timeout S    seconds that one venue may take (default ${defaultTimeoutSeconds})

Exit codes: 0 ready, 1 not ready, 2 wrong configuration, 3 a person has to act.`,
	options: {
		...configOption,
		json: { type: "boolean", default: false },
		timeout: { type: "string", default: String(defaultTimeoutSeconds) },
	},
	positionals: 0,
	async run(args, { print, report, environment, interrupted }) {
		const { sessions, strategies, leader } = loadConfig(configFileOf(args), environment);
		const timeoutMs = Number(args.values["timeout"]) * 1_000;
		if (!(timeoutMs > 0)) {
			throw new UsageError(
				`--timeout must be a number of seconds above 0, got ${JSON.stringify(args.values["timeout"])}`,
			);
		}
		const store = leader && openLeaderStore(leader);
		const checked = await Promise.all(
			Object.entries(forTakeover(sessions, leader)).map(async ([name, config]) => {
				const deadline = new AbortController();
				const cancel = after(timeoutMs, () => deadline.abort(new Error(`no answer within ${timeoutMs / 1_000} s`)));
				const signal = AbortSignal.any([deadline.signal, interrupted]);
				const onStep = (step: string): void => report(`${name}: ${step}`);
				const atVenue = await inspect(name, config, { signal, onStep });
				const isLed = store !== undefined && hasLeader(leader, config);
				const found = isLed ? await withLeader(atVenue, store, name, signal) : atVenue;
				cancel();
				const warnings = [
					...botConnectionWarnings(config, neededPulses(strategies, name), false, leader !== undefined),
					...found.warnings,
				];
				return {
					session: name,
					venue: config.venue,
					verdict: verdictOf(found),
					...found,
					warnings,
				} satisfies CheckedSession;
			}),
		);
		await store?.close();
		print(args.values["json"] === true ? JSON.stringify({ sessions: checked }, undefined, 2) : checkTable(checked));
		if (checked.some(({ verdict }) => verdict === "human")) return exitCodes.human;
		return checked.every(({ verdict }) => verdict === "ready") ? exitCodes.ready : exitCodes.notReady;
	},
};

async function inspect(name: string, config: SessionConfig, options: InspectionOptions): Promise<Inspection> {
	switch (config.venue) {
		case "deribit":
			return inspectDeribit(deribitOptions(name, config), options).then((found) =>
				config.orderLabel === undefined ? found : withLabelPermission(found),
			);
		case "bybit":
			return inspectBybit(bybitOptions(name, config), options);
		case "ibkr": {
			const login = ibkrLoginOf(config);
			try {
				return await inspectIbkr(ibkrOptions(name, config, login), options);
			} finally {
				login.close?.();
			}
		}
	}
}

/** The verdict on a session. A problem with the action `fatal` needs a person too: the key, its permissions or the address are wrong. */
function verdictOf({ problems }: Inspection): CheckedSession["verdict"] {
	if (problems.some(({ action }) => action === "human" || action === "fatal")) return "human";
	return problems.length === 0 ? "ready" : "not-ready";
}
