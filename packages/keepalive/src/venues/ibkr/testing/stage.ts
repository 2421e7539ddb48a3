import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, type IbkrVenueOptions, Link, memoryFetch } from "@x/venue-sims";
import { afterEach, beforeEach, expect, vi } from "vitest";
import type { Lease } from "../../../session.ts";
import { isSessionError, type SessionError } from "../../../session-error.ts";
import { type IbkrSession, type IbkrSessionOptions, ibkr } from "../index.ts";

/** Never aborts. */
export const never: AbortSignal = new AbortController().signal;

/** A simulated gateway under the fake clock, and a session at it. */
export class Stage {
	readonly venue: IbkrVenue;
	readonly link: Link;
	readonly session: IbkrSession;

	constructor(venueOptions: IbkrVenueOptions = {}, options: IbkrSessionOptions = {}) {
		this.venue = new IbkrVenue({ userName: "planted-user", accounts: ["DU9999999"], ...venueOptions });
		this.link = new Link(this.venue);
		begun.push(this.link);
		this.session = ibkr({ fetch: memoryFetch(this.link), penaltyBox: createIbkrPenaltyBox(), ...options });
	}

	pull(lever: string, args: Record<string, unknown> = {}): unknown {
		return this.link.levers[lever]?.(args);
	}

	/** What was asked, from the beginning or since so many requests. */
	paths(since = 0): string[] {
		return this.venue.received.slice(since).map(({ path }) => path.replace("/v1/api", ""));
	}

	/** The `compete` of each init. */
	competes(): boolean[] {
		const inits = this.venue.received.filter(({ path }) => path.endsWith("/ssodh/init"));
		return inits.map(({ body }) => (JSON.parse(body) as { compete: boolean }).compete);
	}

	/** As a process that began more than a minute ago: validations are allowed. */
	async older(): Promise<this> {
		await vi.advanceTimersByTimeAsync(62_000);
		return this;
	}

	/** Opens, with the clock moving on so that waits inside it end. */
	open(ms?: number): Promise<Lease> {
		return settled(this.session.open(never), ms);
	}

	openFails(ms?: number): Promise<SessionError> {
		return failure(this.session.open(never), ms);
	}

	beatFails(ms?: number): Promise<SessionError> {
		return failure(this.session.beat(never), ms);
	}
}

/** Runs it with the clock moving on. */
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

export async function failure(work: Promise<Lease>, ms?: number): Promise<SessionError> {
	try {
		await settled(work, ms);
	} catch (error) {
		if (isSessionError(error)) return error;
		throw error;
	}
	throw new Error("it did not fail");
}

/** Milliseconds that a failure asks to wait. */
export function waitOf({ disposition }: SessionError): number {
	return disposition.action === "wait" ? disposition.forMs : Number.NaN;
}

const begun: Link[] = [];

/** Fake clock for each test of a file; every venue is closed after it and no timer is left. */
export function underFakeClock(now = Date.parse("2026-01-14T12:00:00Z")): void {
	beforeEach(() => {
		vi.useFakeTimers({ now });
	});
	afterEach(() => {
		for (const link of begun.splice(0)) link.close();
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});
}
