/**
 * The module of the thread in which the sessions run. Only `keepalive run` starts it.
 *
 * @module
 */
import { serveKeeper, workerInput } from "@x/keepalive/worker";
import { LoopWatch } from "./agent/event-loop-watch.ts";
import { findTracing } from "./agent/load-opentelemetry.ts";
import type { Config } from "./config/config.ts";
import { createSessions } from "./config/create-session.ts";
import { forTakeover, leadSessions } from "./leader/lead-sessions.ts";
import type { LeaderInput } from "./leader/leader-config.ts";
import { type RelayReport, startRelay } from "./relay/start-relay.ts";
import { gatesOf } from "./strategies/strategy-config.ts";

// The main thread has read and checked these settings. A worker that is restarted gets the same settings.
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
	/**
	 * Returns the warnings, exposure and (at IBKR) connection layers of each session, by name; and how long this event loop was blocked in
	 * total.
	 */
	details: () => ({
		stalledMs: loop.stalledMs,
		sessions: new Map(
			sessions.map(({ name, warnings, exposure, layers }) => [
				name,
				{ warnings, ...(exposure && { exposure }), ...(layers && { layers }) },
			]),
		),
	}),
	/** Returns the counters of the relay, and the relay's events with an id above `after`. */
	relay: (after: number): RelayReport | undefined => relay?.report(after),
	/** Records that a strategy was alive `ageMs` ago. */
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

// A stopped session may still have open connections. They are closed here, and opened again if the session is started again.
served.keeper.onStatus(({ session, status }) => {
	if (status.state === "stopped") sessions.find(({ name }) => name === session)?.release?.();
});

export default served;
