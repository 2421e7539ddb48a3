import { createHmac } from "node:crypto";
import { BybitVenue, type BybitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, vi } from "vitest";
import { isSessionError, type SessionError } from "../../../session-error.ts";
import { type BybitGuarded, type BybitSettings, bybit } from "../index.ts";

export const apiKey = "planted-key-value";
export const apiSecret = "planted-secret-value";
/** Signs in the same tick: real cryptography would not wait for the fake clock. */
export const signer = (text: string): string => createHmac("sha256", apiSecret).update(text).digest("hex");
export const epoch = 1_794_182_400_000;
const closers: (() => void)[] = [];

export interface Started {
	readonly venue: BybitVenue;
	readonly link: Link;
	readonly session: BybitGuarded;
	lever(name: string, args?: Record<string, unknown>): unknown;
	/** Never aborts. */
	readonly signal: AbortSignal;
	/** How many set calls, and how many queries, the venue has received. */
	sets(): number;
	queries(): number;
	/** What the venue would really do about DERIVATIVES. */
	state(): string;
}

/** A session and its venue, in memory. It pings every 10 s unless told otherwise, so that seconds are easily reckoned with. */
export function start(venueOptions: BybitVenueOptions = {}, settings: Partial<BybitSettings> = {}): Started {
	const venue = new BybitVenue({ apiKey, apiSecret, ...venueOptions });
	const link = new Link(venue);
	closers.push(() => link.close());
	const faces = { fetch: memoryFetch(link), WebSocket: memoryWebSocket(link) };
	const session = bybit({ apiKey, signer, products: ["DERIVATIVES"], pingMs: 10_000, ...faces, ...settings });
	const lever = (name: string, args: Record<string, unknown> = {}): unknown => venue.levers[name]?.(args);
	const calls = (path: string): number =>
		venue.received.filter((received) => received.kind === "http" && received.path.endsWith(path)).length;
	return {
		venue,
		link,
		session,
		lever,
		signal: new AbortController().signal,
		sets: () => calls("/disconnected-cancel-all"),
		queries: () => calls("/query-dcp-info"),
		state: () => venue.truth().DERIVATIVES.state,
	};
}

export async function failure(work: Promise<unknown>): Promise<SessionError> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isSessionError(error)) throw new Error(`expected a SessionError, got ${String(error)}`);
	return error;
}

/** Lets the fake clock run until the work is done, and tells how long it took. */
export async function timed<T>(work: Promise<T>): Promise<{ value: T; tookMs: number }> {
	const from = Date.now();
	let done = false;
	const watched = work.finally(() => {
		done = true;
	});
	watched.catch(() => undefined);
	for (let step = 0; step < 100_000 && !done; step += 1) await vi.advanceTimersByTimeAsync(1);
	return { value: await watched, tookMs: Date.now() - from };
}

/** Lets time pass with pings over the session's own connection, so that the venue's idle rule leaves it alone. */
export async function pass(session: BybitGuarded, ms: number): Promise<void> {
	for (let left = ms; left > 0; left -= 10_000) {
		await vi.advanceTimersByTimeAsync(Math.min(left, 10_000));
		await session.handle?.ping();
	}
}

/** A fake clock for each test of the file, and nothing left behind. */
export function useFakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers({ now: epoch });
	});
	afterEach(() => {
		for (const close of closers.splice(0)) close();
		vi.useRealTimers();
	});
}
