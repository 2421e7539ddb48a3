import { type Link, memoryFetch } from "@x/venue-sims";
import { expect } from "vitest";

const minuteMs = 60_000;

interface RecordedRequest {
	readonly at: number;
	readonly path: string;
	/** The HTTP status of the response; undefined while there is no response. */
	status: number | undefined;
}

/** Records every request of a session, and can check that the requests stay within IBKR's limits. */
export class RequestRecorder {
	readonly requests: RecordedRequest[] = [];
	readonly fetch: typeof fetch;

	constructor(link: Link) {
		const inner = memoryFetch(link);
		this.fetch = async (input, init) => {
			const request: RecordedRequest = { at: Date.now(), path: new URL(String(input)).pathname, status: undefined };
			this.requests.push(request);
			const response = await inner(input, init);
			request.status = response.status;
			return response;
		};
	}

	/** Asserts that there are at most `limit` inits in any 24 hours, and never two within a minute. */
	expectInitLimits(limit: number): void {
		const times = this.#timesOf("/ssodh/init");
		for (const [index, at] of times.entries()) {
			const day = times.filter((other) => other <= at && other > at - 24 * 60 * minuteMs);
			expect(day.length).toBeLessThanOrEqual(limit);
			if (index > 0) expect(at - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(minuteMs);
		}
	}

	/** Asserts that `count` requests were answered with 429, and that no request was sent in the 15 minutes after each 429. */
	expectPenalties(count: number): void {
		const penalties = this.requests.filter(({ status }) => status === 429).map(({ at }) => at);
		expect(penalties).toHaveLength(count);
		for (const begin of penalties) {
			const during = this.requests.filter(({ at }) => at > begin && at < begin + 15 * minuteMs);
			expect(during).toEqual([]);
		}
	}

	/** Asserts that no five minutes pass without a tickle, apart from the given outages of the venue. */
	expectTickles(outages: readonly (readonly [from: number, to: number])[]): void {
		const times = this.#timesOf("/tickle");
		const gaps: number[] = [];
		for (const [index, at] of times.entries()) {
			const before = times[index - 1];
			if (before === undefined) continue;
			const outageMs = outages.reduce(
				(sum, [from, to]) => sum + Math.max(0, Math.min(at, to) - Math.max(before, from)),
				0,
			);
			gaps.push(at - before - outageMs);
		}
		expect(Math.max(...gaps)).toBeLessThan(5 * minuteMs);
	}

	#timesOf(path: string): number[] {
		return this.requests.filter((request) => request.path.endsWith(path)).map(({ at }) => at);
	}
}
