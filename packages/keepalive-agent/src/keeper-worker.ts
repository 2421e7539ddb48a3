/**
 * The module of the thread in which the sessions run. `keepalive run` starts it; it is of no use otherwise.
 *
 * @module
 */
import { serveKeeper, workerInput } from "@x/keepalive/worker";
import { findTracing } from "./agent/find-tracing.ts";
import { LoopWatch } from "./agent/loop-watch.ts";
import type { Config } from "./config/config.ts";
import { createSessions } from "./config/create-session.ts";
import { forTakeover, leadSessions } from "./leader/lead-sessions.ts";
import type { LeaderInput } from "./leader/leader-config.ts";
import { type RelayReport, startRelay } from "./relay/start-relay.ts";
import { gatesOf } from "./strategies/strategy-config.ts";

// The program has read and checked them: a worker that is started again runs what the first one ran.
const {
	sessions: configs,
	keeper,
	strategies,
	relay: relayConfig,
	leader,
} = workerInput<Pick<Config, "sessions" | "keeper" | "strategies" | "relay"> & { readonly leader?: LeaderInput }>();
const relay = relayConfig && (await startRelay(relayConfig, configs));
const sessions = createSessions(forTakeover(configs, leader), relay, (name) => epochOf(name));
relay?.use(sessions);
const loop = new LoopWatch();
const tracing = await findTracing();

const calls = {
	/** What the sessions say of themselves besides their status, by name, and for how long this loop was blocked. */
	details: () => ({
		stalledMs: loop.stalledMs,
		sessions: new Map(
			sessions.map(({ name, warnings, exposure, layers }) => [
				name,
				{ warnings, ...(exposure && { exposure }), ...(layers && { layers }) },
			]),
		),
	}),
	/** What the relay has counted, and its events after one that is known. */
	relay: (after: number): RelayReport | undefined => relay?.report(after),
	/** A strategy lives, or did so long ago. */
	pulse: ({ strategy, ageMs }: { readonly strategy: string; readonly ageMs: number }): void =>
		served.keeper.pulse(strategy, ageMs),
};

const led = leadSessions(sessions, configs, leader);
const epochOf = (session: string): number | undefined => led.find(({ name }) => name === session)?.epoch;

const served = serveKeeper(led, {
	...keeper,
	...(tracing && { tracing }),
	gates: gatesOf(strategies),
	calls,
});

relay?.watch(served.keeper);

// What they made can be used again, should the session be started again.
served.keeper.onStatus(({ session, status }) => {
	if (status.state === "stopped") sessions.find(({ name }) => name === session)?.release?.();
});

export default served;
