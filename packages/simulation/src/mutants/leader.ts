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
 * either.
 */
export const leaderMutants: readonly Mutant[] = [
	{
		name: "leader: the time counts from the reply of the store",
		caughtBy,
		within: `${leader}/leadership.ts`,
		pattern: "term.renewedAt = sentAt",
		fix: "term.renewedAt = this.#clock.now()",
	},
	{
		name: "leader: no margin before another process can lead",
		caughtBy: rules,
		within: `${leader}/leadership.ts`,
		pattern: "this.#options.ttlMs - this.#options.marginMs",
		fix: "this.#options.ttlMs",
	},
	{
		name: "leader: a suspended machine goes on where it was",
		caughtBy,
		within: "base/src/steady-clock.ts",
		pattern: "this.#suspendedMs += Math.max(0, byMs)",
		fix: "this.#suspendedMs += 0 * Math.max(0, byMs)",
	},
	{
		name: "leader: the guard does not ask whether this process leads",
		caughtBy: rules,
		within: `${leader}/leader-session.ts`,
		pattern: "this.#leadership.notLeaderReason() ?? this.#session.notArmedReason?.()",
		fix: "this.#session.notArmedReason?.()",
	},
	{
		name: "leader: the session goes on after the lead is lost",
		caughtBy: rules,
		within: `${leader}/leader-session.ts`,
		pattern: "lease.ended ? this.#firstOf(lost, lease.ended) : lost",
		fix: "lease.ended ?? new AbortController().signal",
	},
	{
		name: "leader: a refused renewal is taken for an acknowledged one",
		caughtBy,
		within: `${leader}/leadership.ts`,
		pattern: "isLeader !== true",
		fix: "isLeader === undefined",
	},
	{
		name: "leader: a lead that is not renewed lasts three times as long",
		caughtBy,
		within: `${leader}/leadership.ts`,
		pattern: "this.#options.ttlMs - this.#options.marginMs",
		fix: "this.#options.ttlMs * 3",
	},
	{
		name: "leader: the session stays open after the lead is lost",
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
		name: "leader: a standby asks once and gives up",
		caughtBy,
		within: `${leader}/leadership.ts`,
		inside: "take",
		pattern: "pollMs * (1 - random() / 4)",
		fix: "2_000_000_000",
	},
	{
		name: "leader: a store that fails is asked again and again without a back-off",
		caughtBy: rules,
		within: `${leader}/leadership.ts`,
		inside: "take",
		pattern: "failures += 1",
		fix: "failures = 1",
	},
	{
		name: "leader: a standby whose store has failed asks again after minutes",
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
		name: "leader: takeovers are counted for each machine",
		caughtBy: "keepalive/src/venues/ibkr/leader.test.ts",
		within: `${leader}/leader-session.ts`,
		pattern: "() => noteOf(session)",
		fix: "() => undefined",
	},
	{
		name: "deribit: the orders that an earlier leader has labelled are not cancelled",
		caughtBy,
		within: "keepalive/src/venues/deribit/earlier-epochs.ts",
		pattern: "earlier.length === 0",
		fix: "earlier.length >= 0",
	},
	{
		name: "deribit: the orders of the leader just before are taken for one's own",
		caughtBy,
		within: "keepalive/src/venues/deribit/earlier-epochs.ts",
		pattern: "other === undefined || other === epoch",
		fix: "other === undefined || epoch - other <= 1",
	},
	{
		name: "pulses: a session is open before the first pulse",
		caughtBy: pulses,
		within: "keepalive/src/loop/health-gate.ts",
		pattern: "this.#options.startsHealthy === false",
		fix: "this.#options.startsHealthy === undefined",
	},
	{
		name: "pulses: those of another machine are written again",
		caughtBy: pulses,
		within: `${strategies}/strategies.ts`,
		pattern: "shared.follow(name, (ageMs) => void this.#receive(name, ageMs))",
		fix: "shared.follow(name, (ageMs) => (shared.record(name), void this.#receive(name, ageMs)))",
	},
	{
		name: "pulses: one that is written late counts from then",
		caughtBy: pulses,
		within: `${strategies}/shared-pulses.ts`,
		pattern: "reading.now - Math.max(0, longestElapsedMs(pulse, received))",
		fix: "reading.now",
	},
	{
		name: "pulses: those of another machine do not count",
		caughtBy: pulses,
		within: `${strategies}/shared-pulses.ts`,
		pattern: "if (ageMs < toleranceMs) onPulse(ageMs);",
		fix: "if (ageMs < 0) onPulse(ageMs);",
	},
	{
		name: "pulses: one of another machine counts from when it is read",
		caughtBy: pulses,
		within: `${strategies}/shared-pulses.ts`,
		pattern: "if (ageMs < toleranceMs) onPulse(ageMs);",
		fix: "if (ageMs < toleranceMs) onPulse(0);",
	},
];
