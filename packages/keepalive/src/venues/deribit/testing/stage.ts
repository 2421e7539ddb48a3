import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { isSessionError } from "../../../session-error.ts";
import { type DeribitSession, type DeribitSessionOptions, deribit } from "../index.ts";

export const { clientId, clientSecret } = DeribitVenue.defaults;
export const never: AbortSignal = new AbortController().signal;
export const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };
const links: Link[] = [];

/** A session that is not open yet, its venue in memory, and the levers of both venue and network. */
export function stage(options: Partial<DeribitSessionOptions> = {}, venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	const session = deribit({ clientId, clientSecret, WebSocket: memoryWebSocket(link), ...options });
	const pull = (lever: string, args = {}): unknown => link.levers[lever]?.(args);
	const count = (method: string): number => venue.received.filter((request) => request.method === method).length;
	return { venue, link, session, pull, count };
}

/** Why it is not proved armed right now, or undefined when it is. */
export function objection(session: DeribitSession): string | undefined {
	try {
		expect(session.requireArmed()).toBe(session.handle);
		return undefined;
	} catch (error) {
		expect(isSessionError(error)).toBe(true);
		const { message } = error as Error;
		expect(message).toMatch(/^@x\/keepalive\/deribit: the connection is not proved armed right now: /);
		return message;
	}
}

/** A fake clock for each test of the file; a timer that is left afterwards fails it. */
export function useFakeClock(): void {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(() => {
		for (const link of links.splice(0)) link.close();
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});
}
