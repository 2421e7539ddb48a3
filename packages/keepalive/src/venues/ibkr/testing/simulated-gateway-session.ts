import { neverAborted } from "@x/base/clock";
import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { type IbkrFault, IbkrVenue, type IbkrVenueOptions, Link, memoryFetch, type NetworkFault } from "@x/venue-sims";
import { afterEach, beforeEach, expect, vi } from "vitest";
import type { Lease } from "../../../session.ts";
import { isSessionError, type SessionError } from "../../../session-error.ts";
import { type IbkrSession, type IbkrSessionOptions, ibkr } from "../index.ts";

/** A simulated gateway with a fake clock, and a session that connects to it. */
export class Stage {
	readonly venue: IbkrVenue;
	readonly link: Link<IbkrFault>;
	readonly session: IbkrSession;

	constructor(venueOptions: IbkrVenueOptions = {}, { client, ...options }: IbkrSessionOptions = {}) {
		this.venue = new IbkrVenue({ pacing: true, userName: "planted-user", accounts: ["DU9999999"], ...venueOptions });
		this.link = new Link(this.venue);
		links.push(this.link);
		this.session = ibkr({
			client: { fetch: memoryFetch(this.link), penaltyBox: createIbkrPenaltyBox(), ...client },
			...options,
		});
	}

	/** Triggers a fault of the simulator. */
	trigger(fault: IbkrFault | NetworkFault, args: Record<string, unknown> = {}): unknown {
		return this.link.faults[fault](args);
	}

	/** The paths of the requests that the simulator has received, except the first `since` of them. */
	paths(since = 0): string[] {
		return this.venue.received.slice(since).map(({ path }) => path.replace("/v1/api", ""));
	}

	/** For each init that the simulator has received, the value of `compete`. */
	competes(): boolean[] {
		const inits = this.venue.received.filter(({ path }) => path.endsWith("/ssodh/init"));
		return inits.map(({ body }) => (JSON.parse(body) as { compete: boolean }).compete);
	}

	/** Advances the fake clock by the first minute of the process, in which no validation is allowed. */
	async afterFirstMinute(): Promise<this> {
		await vi.advanceTimersByTimeAsync(62_000);
		return this;
	}

	/** Opens the session, and advances the fake clock so that its waits end. */
	open(ms?: number): Promise<Lease> {
		return settled(this.session.open(neverAborted), ms);
	}

	openError(ms?: number): Promise<SessionError> {
		return sessionErrorOf(this.session.open(neverAborted), ms);
	}

	beatError(ms?: number): Promise<SessionError> {
		return sessionErrorOf(this.session.beat(neverAborted), ms);
	}
}

/** Advances the fake clock by `ms`; then returns what the promise has resolved to, or throws its error. */
export async function settled<T>(work: Promise<T>, ms = 5_000): Promise<T> {
	const result = work.then(
		(value) => ({ value }),
		(error: unknown) => ({ error }),
	);
	await vi.advanceTimersByTimeAsync(ms);
	const outcome = await result;
	if ("error" in outcome) throw outcome.error;
	return outcome.value;
}

/** Returns the SessionError with which `work` rejects. */
export async function sessionErrorOf(work: Promise<Lease>, ms?: number): Promise<SessionError> {
	try {
		await settled(work, ms);
	} catch (error) {
		if (isSessionError(error)) return error;
		throw error;
	}
	throw new Error("expected a rejection, but the promise resolved");
}

/** The number of milliseconds for which an error asks to wait. */
export function waitMsOf({ disposition }: SessionError): number {
	return disposition.action === "wait" ? disposition.forMs : Number.NaN;
}

const links: Link[] = [];

/** Uses a fake clock in each test of a file. After each test, closes the simulated networks, and fails the test if a timer is left. */
export function useFakeClock(now = Date.parse("2026-01-14T12:00:00Z")): void {
	beforeEach(() => {
		vi.useFakeTimers({ now });
	});
	afterEach(() => {
		for (const link of links.splice(0)) link.close();
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});
}
