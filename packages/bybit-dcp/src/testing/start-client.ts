import { isOptionError, type OptionError } from "@x/base/errors";
import { BybitVenue, type BybitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { type BybitError, isBybitError } from "../errors.ts";
import { type BybitHttp, createBybitHttp } from "../http/http-client.ts";
import type { BybitCallOptions, BybitHttpOptions, BybitSocketOptions, BybitUnexpectedMessage } from "../options.ts";
import { connectBybit } from "../socket/connect.ts";
import type { BybitConnection } from "../socket/connection.ts";

export const apiKey = "test_api_key";
export const apiSecret = "test_secret";
/** The functions that are called after each test to release what the test opened. */
export const closers: (() => unknown)[] = [];

interface Started {
	readonly venue: BybitVenue;
	readonly link: Link;
}

function startVenue(options: BybitVenueOptions): Started {
	const venue = new BybitVenue({ apiKey, apiSecret, ...options });
	const link = new Link(venue);
	closers.push(() => link.close());
	return { venue, link };
}

export function startHttp(
	venueOptions: BybitVenueOptions = {},
	settings: Partial<Omit<BybitHttpOptions, "apiKey" | "apiSecret" | "signer">> = {},
): Started & { readonly fetch: typeof globalThis.fetch; readonly http: BybitHttp } {
	const { venue, link } = startVenue(venueOptions);
	const fetch = memoryFetch(link);
	return { venue, link, fetch, http: createBybitHttp({ apiKey, apiSecret, fetch, ...settings }) };
}

export function startSocket(
	venueOptions: BybitVenueOptions = {},
	settings: Partial<Omit<BybitSocketOptions, "apiKey" | "apiSecret" | "signer">> = {},
): Started & {
	readonly unexpected: BybitUnexpectedMessage[];
	connect(options?: BybitCallOptions): Promise<BybitConnection>;
} {
	const { venue, link } = startVenue(venueOptions);
	const unexpected: BybitUnexpectedMessage[] = [];
	const options = {
		apiKey,
		apiSecret,
		WebSocket: memoryWebSocket(link),
		onUnexpected: (frame: BybitUnexpectedMessage) => void unexpected.push(frame),
		...settings,
	};
	return { venue, link, unexpected, connect: (callOptions) => connectBybit(options, callOptions) };
}

/** A client whose every call gets the given reply. */
export function answered(body: string, status = 200, headers: Record<string, string> = {}): BybitHttp {
	return createBybitHttp({ apiKey, apiSecret, fetch: async () => new Response(body, { status, headers }) });
}

/** Returns the BybitError with which a call fails; throws if the call does not fail with a BybitError. */
export async function failure(call: Promise<unknown>): Promise<BybitError> {
	const error = await call.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isBybitError(error)) throw new Error(`expected a BybitError, got ${String(error)}`);
	return error;
}

/** Returns the OptionError with which a call fails; throws if the call does not fail with an OptionError. */
export async function optionFailure(call: Promise<unknown>): Promise<OptionError> {
	const error = await call.catch((reason: unknown) => reason);
	if (!isOptionError(error)) throw new Error(`expected an OptionError, got ${String(error)}`);
	return error;
}

/** Checks that a call fails after exactly `ms` milliseconds of the fake clock, and returns its error. */
export async function failsAt(ms: number, call: Promise<unknown>): Promise<BybitError> {
	let settled = false;
	const watched = failure(call).finally(() => {
		settled = true;
	});
	await vi.advanceTimersByTimeAsync(ms - 1);
	expect(settled).toBe(false);
	await vi.advanceTimersByTimeAsync(1);
	return watched;
}

/** Gives each test of the file a fake clock, and calls the functions in `closers` after each test. */
export function useFakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers({ now: 1_700_000_000_000 });
	});
	afterEach(async () => {
		for (const close of closers.splice(0)) await close();
		vi.useRealTimers();
	});
}
