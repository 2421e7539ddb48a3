import type { Tally } from "@x/keepalive";

const beats = 24;
const waits = 24;
/** Of so many drawn by chance, at least this many differ; without chance there are half a dozen steps at most. */
const fewest = 9;

/** Whether beats and attempts are spread, so that many sessions that fell together do not come back together. */
export class JitterInvariant {
	readonly #onInStep: (detail: string) => void;
	readonly #gaps: number[] = [];
	readonly #waits: number[] = [];
	#lastBeatAt: number | undefined;

	constructor(onInStep: (detail: string) => void) {
		this.#onInStep = onInStep;
	}

	/** The tally of a session that nothing disturbs. */
	beat({ lastBeatAt }: Tally): void {
		if (lastBeatAt === undefined || lastBeatAt === this.#lastBeatAt) return;
		if (this.#lastBeatAt !== undefined) this.#note(this.#gaps, lastBeatAt - this.#lastBeatAt, beats, "beats");
		this.#lastBeatAt = lastBeatAt;
	}

	/** An attempt that had failed is followed by another one so much later. */
	waited(ms: number): void {
		this.#note(this.#waits, ms, waits, "attempts");
	}

	#note(list: number[], ms: number, count: number, what: string): void {
		list.push(ms);
		if (list.length < count) return;
		const different = new Set(list.map(Math.round)).size;
		if (different < fewest) this.#onInStep(`${count} ${what}, of whose distances only ${different} differ`);
		list.length = 0;
	}
}
