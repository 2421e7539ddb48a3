/** A value, and the span of time in which it was current. */
export interface Segment<T> {
	readonly from: number;
	readonly to: number;
	readonly value: T;
}

/** Builds the segments of a value over a window of time, from its changes in the order in which they happened. */
export class Segments<T> {
	readonly #to: number;
	readonly #isSame: (a: T, b: T) => boolean;
	readonly #done: Segment<T>[] = [];
	#since: number;
	#value: T;

	/** @param value - the value before the first change. */
	constructor(from: number, to: number, value: T, isSame: (a: T, b: T) => boolean) {
		this.#to = to;
		this.#value = value;
		this.#isSame = isSame;
		this.#since = from;
	}

	/**
	 * Sets a new value. If its time is before the last change, as after the clock was set back, the new value counts from the time of the last
	 * change.
	 */
	begin(at: number, value: T): void {
		if (this.#isSame(this.#value, value)) return;
		this.#close(Math.min(at, this.#to));
		this.#value = value;
	}

	/** The segments from the beginning of the window to its end, without gaps. Neighbouring segments have different values. */
	end(): readonly Segment<T>[] {
		this.#close(this.#to);
		return this.#done;
	}

	#close(at: number): void {
		if (at <= this.#since) return;
		const last = this.#done.at(-1);
		if (last && this.#isSame(last.value, this.#value)) this.#done[this.#done.length - 1] = { ...last, to: at };
		else this.#done.push({ from: this.#since, to: at, value: this.#value });
		this.#since = at;
	}
}

/**
 * Reduces segments to at most `limit`. The longest segments stay as they are; the shorter segments between two of them are merged into one
 * segment with the worst of their values.
 */
export function fewerSegments<T>(
	segments: readonly Segment<T>[],
	limit: number,
	worse: (a: T, b: T) => T,
	isSame: (a: T, b: T) => boolean,
): readonly Segment<T>[] {
	if (segments.length <= limit) return segments;
	const length = ({ from, to }: Segment<T>): number => to - from;
	// If n segments stay as they are, there are at most n + 1 merged segments: between these n, before the first, and after the last.
	const longest = new Set([...segments].sort((a, b) => length(b) - length(a)).slice(0, Math.floor((limit - 1) / 2)));
	const fewer: Segment<T>[] = [];
	let isMerging = false;
	for (const segment of segments) {
		const last = fewer.at(-1);
		const isShort = !longest.has(segment);
		if (isShort && isMerging && last) {
			fewer[fewer.length - 1] = { from: last.from, to: segment.to, value: worse(last.value, segment.value) };
		} else fewer.push(segment);
		isMerging = isShort;
	}
	return fewer.reduce<Segment<T>[]>((joined, segment) => {
		const last = joined.at(-1);
		if (last && isSame(last.value, segment.value)) joined[joined.length - 1] = { ...last, to: segment.to };
		else joined.push(segment);
		return joined;
	}, []);
}
