import { neverAborted } from "@x/base/clock";
import type { Cluster, SimMachine } from "./simulated-clocks.ts";

/** The network connection from one machine to a server, with its delay and its faults. */
export class Line {
	readonly #cluster: Cluster;
	readonly #machine: SimMachine;
	readonly #random: () => number;
	/** Whether the network is cut, so that no message passes in either direction. */
	isCut = false;
	/** Additional delay of each message in each direction, in milliseconds. */
	delayMs = 0;

	constructor(cluster: Cluster, machine: SimMachine, random: () => number) {
		this.#cluster = cluster;
		this.#machine = machine;
		this.#random = random;
	}

	/**
	 * Makes one call to the server, which acts when the call arrives. The promise never settles if the network is cut meanwhile or if the
	 * server does not answer.
	 *
	 * @param act - the action of the server, whose result is the answer; `undefined` if the server does not answer. If the action throws, the
	 *   server answers with this error.
	 */
	call<T>(signal: AbortSignal, act: () => T | undefined): Promise<T> {
		return new Promise((resolve, reject) => {
			if (signal.aborted) return reject(signal.reason);
			// `neverAborted` lives as long as the process. If each call added a listener to it, the listeners would pile up and slow down every
			// later run.
			if (signal !== neverAborted) signal.addEventListener("abort", () => reject(signal.reason), { once: true });
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

	/** Sends one message, which the server does not answer. */
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
