import type { Tally } from "@x/keepalive";

const beats = 24;
const waits = 24;
/** With jitter, 24 intervals have at least this many different lengths, in whole milliseconds. Without jitter, they have at most six. */
const fewest = 9;

/**
 * Checks that the intervals between beats and between attempts to open vary at random (jitter). Without jitter, sessions that were
 * lost together would reconnect together.
 */
export class JitterInvariant {
	readonly #onInStep: (detail: string) => void;
	readonly #gaps: number[] = [];
	readonly #waits: number[] = [];
	#lastBeatAt: number | undefined;

	constructor(onInStep: (detail: string) => void) {
		this.#onInStep = onInStep;
	}

	/** Records when a beat was sent. To be called only while no fault disturbs the session. */
	beat({ lastBeatAt }: Tally): void {
		if (lastBeatAt === undefined || lastBeatAt === this.#lastBeatAt) return;
		if (this.#lastBeatAt !== undefined) this.#note(this.#gaps, lastBeatAt - this.#lastBeatAt, beats, "beats");
		this.#lastBeatAt = lastBeatAt;
	}

	/** Records how long the session waits after a failed attempt. */
	waited(ms: number): void {
		this.#note(this.#waits, ms, waits, "attempts");
	}

	#note(list: number[], ms: number, count: number, what: string): void {
		list.push(ms);
		if (list.length < count) return;
		const different = new Set(list.map(Math.round)).size;
		if (different < fewest) this.#onInStep(`only ${different} different intervals between ${count} ${what}`);
		list.length = 0;
	}
}
