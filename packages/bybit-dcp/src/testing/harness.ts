import { BybitVenue, type BybitVenueOptions, Link, memoryFetch, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { type BybitError, isBybitError } from "../errors.ts";
import { type BybitHttp, createBybitHttp } from "../http/http.ts";
import type { BybitHttpSettings, BybitSocketSettings, BybitUnexpectedMessage } from "../options.ts";
import { connectBybit } from "../socket/connect.ts";
import type { BybitConnection } from "../socket/private-socket.ts";

export const apiKey = "test_api_key";
export const apiSecret = "test_secret";
/** Run after each test. */
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
	settings: BybitHttpSettings = {},
): Started & { readonly fetch: typeof globalThis.fetch; readonly http: BybitHttp } {
	const { venue, link } = startVenue(venueOptions);
	const fetch = memoryFetch(link);
	return { venue, link, fetch, http: createBybitHttp({ apiKey, apiSecret, fetch, ...settings }) };
}

export function startSocket(
	venueOptions: BybitVenueOptions = {},
	settings: BybitSocketSettings = {},
): Started & { readonly strange: BybitUnexpectedMessage[]; connect(signal?: AbortSignal): Promise<BybitConnection> } {
	const { venue, link } = startVenue(venueOptions);
	const strange: BybitUnexpectedMessage[] = [];
	const options = {
		apiKey,
		apiSecret,
		WebSocket: memoryWebSocket(link),
		onUnexpected: (frame: BybitUnexpectedMessage) => void strange.push(frame),
		...settings,
	};
	return { venue, link, strange, connect: (signal) => connectBybit(options, signal) };
}

/** A client whose every call is answered with this. */
export function answered(body: string, status = 200, headers: Record<string, string> = {}): BybitHttp {
	return createBybitHttp({ apiKey, apiSecret, fetch: async () => new Response(body, { status, headers }) });
}

export async function failure(call: Promise<unknown>): Promise<BybitError> {
	const error = await call.then(
		() => undefined,
		(reason: unknown) => reason,
	);
	if (!isBybitError(error)) throw new Error(`expected a BybitError, got ${String(error)}`);
	return error;
}

/** Fails at `ms` exactly: nothing a millisecond earlier. */
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

/** A fake clock for each test of the file, and nothing left behind. */
export function useFakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers({ now: 1_700_000_000_000 });
	});
	afterEach(async () => {
		for (const close of closers.splice(0)) await close();
		vi.useRealTimers();
	});
}
