import type { Mutant } from "./mutant.ts";

const leader = "keepalive/src/leader";
/** Plays fixed seeds of two machines. */
const caughtBy = "simulation/src/leaders/leaders.test.ts";
/** What the keeper's own detection of stalls, or a line that is quick enough, hides there. */
const rules = "keepalive/src/leader/leader-session.test.ts";

/** Mistakes in the session that one of two machines runs. */
export const leaderMutants: readonly Mutant[] = [
	{
		name: "leader: the time counts from the reply of the store",
		caughtBy,
		within: `${leader}/leadership.ts`,
		pattern: "term.renewed = sent",
		fix: "term.renewed = this.#now()",
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
		within: `${leader}/leadership.ts`,
		pattern: "Math.max(monotonicMs() - renewed.monotonicMs, $WALL)",
		fix: "monotonicMs() - renewed.monotonicMs",
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
		name: "leader: takeovers are counted for each machine",
		caughtBy: "keepalive/src/venues/ibkr/leader.test.ts",
		within: `${leader}/leader-session.ts`,
		pattern: "() => noteOf(session)",
		fix: "() => undefined",
	},
	{
		name: "deribit: the orders that an earlier leader has labelled are not cancelled",
		caughtBy: "keepalive/src/venues/deribit/epoch-orders.test.ts",
		within: "keepalive/src/venues/deribit/epoch-orders.ts",
		pattern: "earlier.length === 0",
		fix: "earlier.length >= 0",
	},
];
