import type { Mutant } from "./mutant.ts";

const leader = "keepalive/src/leader";
/** The test file that plays fixed seeds of two machines with one session. */
const caughtBy = "simulation/src/leaders/leaders.test.ts";
/** The test file that plays fixed seeds of two machines that share the pulses (signs of life) of a bot. */
const pulses = "simulation/src/leaders/pulses.test.ts";
const strategies = "keepalive-agent/src/strategies";
/**
 * The test file for mistakes that have no effect in the simulation, because the keeper detects stalls itself or because the simulated
 * network is fast enough.
 */
const rules = "keepalive/src/leader/leader-session.test.ts";

/**
 * Mutants with mistakes in what two machines share: the session that only one of them runs at a time, and the pulses of a bot that runs on
 * either machine.
 */
export const leaderMutants: readonly Mutant[] = [
	{
		name: "leader: the lead counts from the reply of the store instead of from the request",
		caughtBy,
		within: `${leader}/leadership.ts`,
		pattern: "term.renewedAt = sentAt",
		fix: "term.renewedAt = this.#clock.now()",
	},
	{
		name: "leader: the lead ends without a margin before another process can lead",
		caughtBy: rules,
		within: `${leader}/leadership.ts`,
		pattern: "this.#options.ttlMs - this.#options.marginMs",
		fix: "this.#options.ttlMs",
	},
	{
		name: "leader: time in which the machine was suspended does not count",
		caughtBy,
		within: "base/src/steady-clock.ts",
		pattern: "this.#suspendedMs += Math.max(0, byMs)",
		fix: "this.#suspendedMs += 0 * Math.max(0, byMs)",
	},
	{
		name: "leader: requireArmed() does not check whether this process leads",
		caughtBy: rules,
		within: `${leader}/leader-session.ts`,
		pattern: "this.#leadership.notLeaderReason() ?? this.#session.notArmedReason?.()",
		fix: "this.#session.notArmedReason?.()",
	},
	{
		name: "leader: the lease does not end when the lead is lost",
		caughtBy: rules,
		within: `${leader}/leader-session.ts`,
		pattern: "lease.ended ? this.#firstOf(lost, lease.ended) : lost",
		fix: "lease.ended ?? new AbortController().signal",
	},
	{
		name: "leader: a refused renewal counts as acknowledged",
		caughtBy,
		within: `${leader}/leadership.ts`,
		pattern: "isLeader !== true",
		fix: "isLeader === undefined",
	},
	{
		name: "leader: a lead that is not renewed lasts three times its TTL",
		caughtBy,
		within: `${leader}/leadership.ts`,
		pattern: "this.#options.ttlMs - this.#options.marginMs",
		fix: "this.#options.ttlMs * 3",
	},
	{
		name: "leader: the session is not closed at the venue when the lead is lost",
		caughtBy,
		within: `${leader}/leader-session.ts`,
		pattern: "this.#leaving = this.#closeNow()",
		fix: "this.#leaving = Promise.resolve()",
	},
	{
		name: "leader: the lead is released before the session is closed",
		caughtBy: rules,
		within: `${leader}/leader-session.ts`,
		pattern: "const closed = await this.#session.close(orders, signal)",
		fix: "await release(); const closed = await this.#session.close(orders, signal)",
	},
	{
		name: "leader: a standby asks the store only once",
		caughtBy,
		within: `${leader}/leadership.ts`,
		inside: "take",
		pattern: "pollMs * (1 - random() / 4)",
		fix: "2_000_000_000",
	},
	{
		name: "leader: the wait between attempts at a failing store does not grow",
		caughtBy: rules,
		within: `${leader}/leadership.ts`,
		inside: "take",
		pattern: "failures += 1",
		fix: "failures = 1",
	},
	{
		name: "leader: after a failure of the store, a standby asks again only after ten minutes",
		caughtBy: rules,
		within: `${leader}/leadership.ts`,
		pattern: "Math.max(pollMs, renewMs)",
		fix: "600_000",
	},
	{
		name: "leader: a suspension does not count after the wall clock was set back",
		caughtBy: "keepalive/src/leader/leader-session.test.ts",
		within: "base/src/steady-clock.ts",
		pattern: "this.#aheadMs += byMs",
		fix: "this.#aheadMs += Math.max(0, byMs)",
	},
	{
		name: "leader: the number of takeovers is not passed on to the next leader",
		caughtBy: "keepalive/src/venues/ibkr/leader.test.ts",
		within: `${leader}/leader-session.ts`,
		pattern: "() => noteOf(session)",
		fix: "() => undefined",
	},
	{
		name: "deribit: the labelled orders of earlier leaders are not cancelled",
		caughtBy,
		within: "keepalive/src/venues/deribit/cancel-earlier-leaders-orders.ts",
		pattern: "earlier.length === 0",
		fix: "earlier.length >= 0",
	},
	{
		name: "deribit: orders of the previous leader count as orders of this leader",
		caughtBy,
		within: "keepalive/src/venues/deribit/cancel-earlier-leaders-orders.ts",
		pattern: "other === undefined || other === epoch",
		fix: "other === undefined || epoch - other <= 1",
	},
	{
		name: "pulses: a session opens before the first pulse",
		caughtBy: pulses,
		within: "keepalive/src/loop/health-gate.ts",
		pattern: "this.#options.startsHealthy === false",
		fix: "this.#options.startsHealthy === undefined",
	},
	{
		name: "pulses: a pulse of another machine is written again as a pulse of this machine",
		caughtBy: pulses,
		within: `${strategies}/strategies.ts`,
		pattern: "shared.follow(name, (ageMs) => void this.#receive(name, ageMs))",
		fix: "shared.follow(name, (ageMs) => (shared.record(name), void this.#receive(name, ageMs)))",
	},
	{
		name: "pulses: a pulse that is written late counts from the time of writing",
		caughtBy: pulses,
		within: `${strategies}/shared-pulses.ts`,
		pattern: "reading.now - Math.max(0, longestElapsedMs(pulse, received))",
		fix: "reading.now",
	},
	{
		name: "pulses: pulses of another machine do not count",
		caughtBy: pulses,
		within: `${strategies}/shared-pulses.ts`,
		pattern: "if (ageMs < toleranceMs) onPulse(ageMs);",
		fix: "if (ageMs < 0) onPulse(ageMs);",
	},
	{
		name: "pulses: a pulse of another machine counts from when it is read",
		caughtBy: pulses,
		within: `${strategies}/shared-pulses.ts`,
		pattern: "if (ageMs < toleranceMs) onPulse(ageMs);",
		fix: "if (ageMs < toleranceMs) onPulse(0);",
	},
];
