import type { Cluster, SimMachine } from "./cluster.ts";

/** A line from one machine to a server. */
export class Line {
	readonly #cluster: Cluster;
	readonly #machine: SimMachine;
	readonly #random: () => number;
	/** Nothing passes, in either direction. */
	isCut = false;
	/** Added to each direction, in milliseconds. */
	delayMs = 0;

	constructor(cluster: Cluster, machine: SimMachine, random: () => number) {
		this.#cluster = cluster;
		this.#machine = machine;
		this.#random = random;
	}

	/**
	 * One call: the server acts when it arrives. Never settles when the line is cut on the way, or when the server does not answer.
	 *
	 * @param act - what the server does; `undefined` when it does not answer. What it throws is the refusal that it answers.
	 */
	call<T>(signal: AbortSignal, act: () => T | undefined): Promise<T> {
		return new Promise((resolve, reject) => {
			if (signal.aborted) return reject(signal.reason);
			signal.addEventListener("abort", () => reject(signal.reason), { once: true });
			this.#pass(() => {
				const answer = (settle: () => void): void => this.#pass(() => this.#machine.deliver(settle));
				try {
					const result = act();
					if (result !== undefined) answer(() => resolve(result));
				} catch (error) {
					answer(() => reject(error));
				}
			});
		});
	}

	/** One message that nobody answers. */
	send(act: () => void): void {
		this.#pass(act);
	}

	#pass(arrive: () => void): void {
		if (this.isCut) return;
		this.#cluster.after(1 + this.#random() * 20 + this.delayMs, () => {
			if (!this.isCut) arrive();
		});
	}
}
