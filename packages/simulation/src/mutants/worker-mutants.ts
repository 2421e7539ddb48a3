import type { Mutant } from "./mutant.ts";

const worker = "keepalive/src/worker";

/** Mutants with mistakes in the keeper that runs in a worker. Their seeds are of runs in which the keeper runs in a worker. */
export const workerMutants: readonly Mutant[] = [
	{
		name: "worker: the armed state in shared memory is valid for 100 times too long",
		caughtBy: 53,
		within: `${worker}/shared-armed-state.ts`,
		inside: "write",
		pattern: "Math.max($PAST, Math.min(maxSilenceMs, $LEFT))",
		fix: "Math.max($PAST, Math.min(maxSilenceMs * 100, $LEFT))",
	},
	{
		name: "worker: a worker that ends does not mark its sessions in shared memory as not armed",
		caughtBy: 53,
		within: `${worker}/serve-keeper.ts`,
		inside: "#serve",
		pattern: "this.#write(index, Number.NEGATIVE_INFINITY);",
		fix: "this.#write(index);",
	},
	{
		name: "worker: the death of the worker is not noticed",
		caughtBy: 53,
		within: `${worker}/worker-keeper.ts`,
		pattern: "if (this.#thread) this.#onDeath($ERROR);",
		fix: "if (!this.#thread) this.#onDeath($ERROR);",
	},
	{
		name: "worker: a new worker does not get the used limits of the previous worker",
		caughtBy: 25,
		within: `${worker}/worker-keeper.ts`,
		inside: "#inherited",
		pattern: "const { sessions, wasKilled = false } = current;",
		fix: "const { wasKilled = false } = current;\n\t\tconst sessions: KeeperLimits = {};",
	},
	{
		name: "worker: the worker sends the program's pulses itself",
		caughtBy: 53,
		within: `${worker}/serve-keeper.ts`,
		inside: "#readPulse",
		pattern: "const { pulse, latePulses } = this.#words;",
		fix: "this.#words.recordPulse(this.#clock.now(), false);\n\t\tconst { pulse, latePulses } = this.#words;",
	},
	{
		name: "worker: a wait that the venue asked for is forgotten when the worker dies",
		caughtBy: 405,
		within: `${worker}/worker-keeper.ts`,
		inside: "#onDeath",
		pattern: "this.#limits.addVenueWait($NAME, words.venueWaitMs($INDEX))",
		fix: "words.venueWaitMs($INDEX)",
	},
];
