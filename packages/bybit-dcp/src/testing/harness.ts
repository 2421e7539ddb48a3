import { isOptionError, type OptionError } from "@x/base/errors";
import { BybitVenue, type BybitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { type BybitError, isBybitError } from "../errors.ts";
import { type BybitHttp, createBybitHttp } from "../http/http.ts";
import type { BybitCallOptions, BybitHttpOptions, BybitSocketOptions, BybitUnexpectedMessage } from "../options.ts";
import { connectBybit } from "../socket/connect.ts";
import type { BybitConnection } from "../socket/connection.ts";

export const apiKey = "test_api_key";
export const apiSecret = "test_secret";
/** Functions to run after each test. */
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

/** A client that gets this reply to every call. */
export function answered(body: string, status = 200, headers: Record<string, string> = {}): BybitHttp {
	return createBybitHttp({ apiKey, apiSecret, fetch: async () => new Response(body, { status, headers }) });
}

/** The BybitError with which a call fails; throws if it does not fail with one. */
export async function failure(call: Promise<unknown>): Promise<BybitError> {
	const error = await call.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isBybitError(error)) throw new Error(`expected a BybitError, got ${String(error)}`);
	return error;
}

/** The OptionError with which a call fails; throws if it does not fail with one. */
export async function optionFailure(call: Promise<unknown>): Promise<OptionError> {
	const error = await call.catch((reason: unknown) => reason);
	if (!isOptionError(error)) throw new Error(`expected an OptionError, got ${String(error)}`);
	return error;
}

/** Checks that a call fails after exactly `ms`. */
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

/** Gives each test of the file a fake clock, and runs the closers after each test. */
export function useFakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers({ now: 1_700_000_000_000 });
	});
	afterEach(async () => {
		for (const close of closers.splice(0)) await close();
		vi.useRealTimers();
	});
}
