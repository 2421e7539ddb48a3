import { dirname, resolve } from "node:path";
import type { NamedGateOptions } from "@x/keepalive";
import type { SchemaProblem } from "../config/check-against-schema.ts";

/** How a strategy shows that it is alive. */
type PulseSource =
	/** The strategy calls the HTTP API. */
	| { readonly kind: "http" }
	/** The strategy writes or touches a file. */
	| { readonly kind: "file"; readonly file: string }
	/** The strategy is alive as long as its process exists; the file holds the process id. */
	| { readonly kind: "process"; readonly file: string };

/** A strategy, such as a bot in another process, and the sessions that guard its orders. Plain data. */
export interface StrategyConfig {
	readonly sessions: readonly string[];
	/** How many milliseconds the strategy may go without a pulse (a health signal). */
	readonly toleranceMs: number;
	readonly pulse: PulseSource;
	/** If true, pulses (health signals) that another machine sees count too. */
	readonly isShared: boolean;
}

/**
 * Which pulses (health signals) keep a session open: none are needed (`none`), or those that this machine sees (`local`), or those that any
 * machine sees (`shared`).
 */
export type NeededPulses = "none" | "local" | "shared";

/** Returns which pulses (health signals) keep a session open. @param session - the name of the session. */
export function neededPulses(strategies: Readonly<Record<string, StrategyConfig>>, session: string): NeededPulses {
	const strategy = Object.values(strategies).find(({ sessions }) => sessions.includes(session));
	if (!strategy) return "none";
	return strategy.isShared ? "shared" : "local";
}

/** The section `strategies` of a configuration, which follows the schema. */
export interface GivenStrategy {
	readonly sessions: readonly string[];
	readonly toleranceMs: number;
	readonly pulseFile?: string;
	readonly processIdFile?: string;
	readonly shared?: boolean;
}

/** The strategies of a configuration, with paths made absolute. */
export function strategyConfigs(
	given: Readonly<Record<string, GivenStrategy>>,
	configFile: string,
): Readonly<Record<string, StrategyConfig>> {
	const path = (file: string): string => resolve(dirname(configFile), file);
	const pulseOf = ({ pulseFile, processIdFile }: GivenStrategy): PulseSource => {
		if (pulseFile !== undefined) return { kind: "file", file: path(pulseFile) };
		if (processIdFile !== undefined) return { kind: "process", file: path(processIdFile) };
		return { kind: "http" };
	};
	return Object.fromEntries(
		Object.entries(given).map(([name, strategy]) => {
			const { sessions, toleranceMs, shared: isShared = false } = strategy;
			return [name, { sessions, toleranceMs, pulse: pulseOf(strategy), isShared }];
		}),
	);
}

/** Finds the problems of the section `strategies` that the JSON Schema of the configuration cannot find. */
export function strategyProblems(
	strategies: Readonly<Record<string, GivenStrategy>>,
	sessions: Readonly<Record<string, { readonly venue: string }>>,
	{ hasToken, hasDatabase }: { readonly hasToken: boolean; readonly hasDatabase: boolean },
): readonly SchemaProblem[] {
	const problems: SchemaProblem[] = [];
	const guardedBy = new Map<string, string>();
	for (const [name, { sessions: guarded, pulseFile, processIdFile, shared }] of Object.entries(strategies)) {
		if (shared === true && !hasDatabase) {
			const message = "needs leader.postgresUrl: the agents share the pulses (health signals) through that database";
			problems.push({ path: ["strategies", name, "shared"], message });
		}
		if (shared === true && guarded.some((session) => sessions[session]?.venue !== "bybit")) {
			const message =
				"is for sessions at Bybit alone: a session that takes part in leader is open on one machine, beside its own bot";
			problems.push({ path: ["strategies", name, "shared"], message });
		}
		for (const session of guarded) {
			const add = (message: string): void => void problems.push({ path: ["strategies", name, "sessions"], message });
			const other = guardedBy.get(session);
			if (!Object.hasOwn(sessions, session)) add(`names ${session}, which is not in sessions`);
			else if (other !== undefined) add(`names ${session}, which belongs to strategy ${other} already`);
			guardedBy.set(session, name);
		}
		if (pulseFile === undefined && processIdFile === undefined && !hasToken) {
			const message = "takes its pulses (health signals) over HTTP, so http.token is required";
			problems.push({ path: ["strategies", name], message });
		}
	}
	return problems;
}

/**
 * The health checks (gates) of the strategies. A session is opened only at the first pulse: a bot that does not run needs no
 * protection. And at Bybit, an open session without its bot would keep the venue from cancelling the bot's orders.
 */
export function gatesOf(strategies: Readonly<Record<string, StrategyConfig>>): readonly NamedGateOptions[] {
	return Object.entries(strategies).map(([name, { sessions, toleranceMs }]) => {
		return { name, sessions, toleranceMs, startsHealthy: false };
	});
}
