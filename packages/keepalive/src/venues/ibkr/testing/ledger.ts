import { type Link, memoryFetch } from "@x/venue-sims";
import { expect } from "vitest";

const minuteMs = 60_000;

interface Sent {
	readonly at: number;
	readonly path: string;
	/** Undefined while there is no answer. */
	status: number | undefined;
}

/** Everything a session sends, however long it runs, and the limits that it has to keep. */
export class Ledger {
	readonly sent: Sent[] = [];
	readonly fetch: typeof fetch;

	constructor(link: Link) {
		const inner = memoryFetch(link);
		this.fetch = async (input, init) => {
			const record: Sent = { at: Date.now(), path: new URL(String(input)).pathname, status: undefined };
			this.sent.push(record);
			const response = await inner(input, init);
			record.status = response.status;
			return response;
		};
	}

	/** Inits that were sent. */
	inits(): number[] {
		return this.sent.filter(({ path }) => path.endsWith("/ssodh/init")).map(({ at }) => at);
	}

	/** In any 24 hours no more inits than that, and never two within a minute. */
	keepsInits(most: number): void {
		const times = this.inits();
		for (const [index, at] of times.entries()) {
			const day = times.filter((other) => other <= at && other > at - 24 * 60 * minuteMs);
			expect(day.length).toBeLessThanOrEqual(most);
			if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(minuteMs);
		}
	}

	/** So many requests met a penalty box, and after each of them there was none for 15 minutes. */
	keepsOutOfBoxes(met: number): void {
		const boxed = this.sent.filter(({ status }) => status === 429).map(({ at }) => at);
		expect(boxed).toHaveLength(met);
		for (const begin of boxed) {
			const inside = this.sent.filter(({ at }) => at > begin && at < begin + 15 * minuteMs);
			expect(inside).toEqual([]);
		}
	}

	/** No five minutes without a tickle, but for the stretches in which the venue did not answer. */
	keepsTickling(silences: readonly (readonly [from: number, to: number])[]): void {
		const tickles = this.sent.filter(({ path }) => path.endsWith("/tickle")).map(({ at }) => at);
		const gaps: number[] = [];
		for (const [index, at] of tickles.entries()) {
			const before = tickles[index - 1];
			if (before === undefined) continue;
			const silent = silences.reduce(
				(sum, [from, to]) => sum + Math.max(0, Math.min(at, to) - Math.max(before, from)),
				0,
			);
			gaps.push(at - before - silent);
		}
		expect(Math.max(...gaps)).toBeLessThan(5 * minuteMs);
	}
}
