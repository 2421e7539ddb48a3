import { createHmac } from "node:crypto";
import { type BybitFault, BybitVenue, type BybitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, vi } from "vitest";
import { isSessionError, type SessionError } from "../../../session-error.ts";
import { type BybitLoss, type BybitSession, type BybitSessionOptions, bybit } from "../index.ts";

export const apiKey = "planted-key-value";
export const apiSecret = "planted-secret-value";
/** Signs synchronously, because the fake clock does not wait for asynchronous cryptography. */
export const signer = (text: string): string => createHmac("sha256", apiSecret).update(text).digest("hex");
export const epoch = 1_794_182_400_000;
const closers: (() => void)[] = [];

export interface Started {
	readonly venue: BybitVenue;
	readonly link: Link;
	readonly session: BybitSession;
	/** Triggers a fault of the venue. */
	inject(name: string, args?: Record<string, unknown>): unknown;
	/** A signal that never aborts. */
	readonly signal: AbortSignal;
	/** How many calls that set the cancel window the venue has received. */
	sets(): number;
	/** How many queries of the configuration the venue has received. */
	queries(): number;
	/** The state of Disconnection Protect for DERIVATIVES in the simulated venue, such as `armed`. */
	state(): string;
}

/** The options of a client whose HTTP calls and WebSockets reach a simulated venue in memory. */
export function clientOf(link: Link) {
	return { apiKey, signer, fetch: memoryFetch(link), WebSocket: memoryWebSocket(link) };
}

/** All options of a session except `client`, each optional. */
export type SomeOptions = Partial<Omit<BybitSessionOptions, "client">>;

/**
 * Makes a session and a simulated venue, connected in memory instead of by a network. The session pings every 10 s by default, which
 * keeps the arithmetic of tests simple.
 */
export function start(venueOptions: BybitVenueOptions = {}, options: SomeOptions = {}): Started {
	const venue = new BybitVenue({ apiKey, apiSecret, ...venueOptions });
	const link = new Link(venue);
	closers.push(() => link.close());
	const session = bybit({ client: clientOf(link), products: ["DERIVATIVES"], pingMs: 10_000, ...options });
	const inject = (name: BybitFault, args: Record<string, unknown> = {}): unknown => venue.faults[name](args);
	const calls = (path: string): number =>
		venue.received.filter((received) => received.kind === "http" && received.path.endsWith(path)).length;
	return {
		venue,
		link,
		session,
		inject,
		signal: new AbortController().signal,
		sets: () => calls("/disconnected-cancel-all"),
		queries: () => calls("/query-dcp-info"),
		state: () => venue.truth().DERIVATIVES.state,
	};
}

/** The latest connection loss of a session. */
export function lastLoss({ recovery }: Pick<BybitSession, "recovery">): BybitLoss | undefined {
	return recovery.losses.at(-1);
}

export async function failure(work: Promise<unknown>): Promise<SessionError> {
	const error = await work.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isSessionError(error)) throw new Error(`expected a SessionError, got ${String(error)}`);
	return error;
}

/** Advances the fake clock until the work is done, and measures how long the work took. */
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

/** Advances the fake clock while the session's connection is pinged, so that the venue does not end it as idle. */
export async function advanceWithPings(session: BybitSession, ms: number): Promise<void> {
	for (let left = ms; left > 0; left -= 10_000) {
		await vi.advanceTimersByTimeAsync(Math.min(left, 10_000));
		await session.handle?.ping();
	}
}

/** Gives each test of the file a fake clock, and closes the connections that the test opened. */
export function useFakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers({ now: epoch });
	});
	afterEach(() => {
		for (const close of closers.splice(0)) close();
		vi.useRealTimers();
	});
}
