import { createHmac } from "node:crypto";
import { DeribitVenue, type DeribitVenueOptions, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { isSessionError, type SessionError } from "../../../session-error.ts";
import { type DeribitClientOptions, type DeribitSession, type DeribitSessionOptions, deribit } from "../index.ts";

export const { clientId, clientSecret } = DeribitVenue.defaults;
export const credentials = { clientId, clientSecret };
export const neverAborted: AbortSignal = new AbortController().signal;
export const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };
const links: Link[] = [];

/** Signs synchronously, so that no fake timer fires before the signature is made. */
export const signingCrypto = {
	getRandomValues: (array: Uint8Array) => globalThis.crypto.getRandomValues(array),
	subtle: {
		importKey: async (_format: string, secret: Uint8Array) => secret,
		sign: async (_name: string, secret: Uint8Array, data: Uint8Array) =>
			new Uint8Array(createHmac("sha256", secret).update(data).digest()).buffer,
	},
	// The cast is safe: the client calls only these functions of `crypto`.
} as unknown as typeof globalThis.crypto;

/** The options of a session; `client` has only the options in which a test differs from the defaults of this file. */
export type TestOptions = Partial<Omit<DeribitSessionOptions, "client">> & { client?: Partial<DeribitClientOptions> };

/** Makes an unopened session over the given WebSocket class. Its lease is 40 s long. */
export function createSession(WebSocket: typeof globalThis.WebSocket, { client, ...options }: TestOptions = {}) {
	return deribit({ intervalSeconds: 30, ...options, client: { credentials, WebSocket, ...client } });
}

/** Makes an unopened session, its simulated venue, and the network between them. */
export function stage(options: TestOptions = {}, venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	links.push(link);
	return {
		venue,
		link,
		session: createSession(memoryWebSocket(link), options),
		/** Triggers a fault of the venue or the network. */
		trigger: (fault: keyof typeof link.faults, args = {}): unknown => link.faults[fault](args),
		/** The methods of all calls that the venue has received. */
		methods: (): string[] => venue.received.map(({ method }) => method),
		count: (method: string): number => venue.received.filter((request) => request.method === method).length,
		/** For each connection of the venue, whether cancel-on-disconnect is on. */
		isArmed: (): boolean[] => venue.truth().connections.map(({ armed }) => armed),
	};
}

/** Makes a session whose next `count` calls of one method are answered with an error. */
export function refusing(code: number, count: number, method = "private/enable_cancel_on_disconnect") {
	const { link, ...staged } = stage();
	let left = count;
	class Refused extends memoryWebSocket(link) {
		override send(data: string): void {
			const { id, method: sent } = JSON.parse(data);
			if (sent !== method || left === 0) {
				super.send(data);
				return;
			}
			left -= 1;
			const error = { code, message: "refused" };
			const frame = new MessageEvent("message", { data: JSON.stringify({ jsonrpc: "2.0", id, error }) });
			queueMicrotask(() => this.dispatchEvent(frame));
		}
	}
	const refuse = (more: number): void => {
		left = more;
	};
	return { ...staged, link, refuse, session: createSession(Refused) };
}

/** The reason with which `requireArmed` throws; undefined if it does not throw. */
export function notArmedReason(session: DeribitSession): string | undefined {
	try {
		expect(session.requireArmed()).toBe(session.handle);
		return undefined;
	} catch (error) {
		if (!isSessionError(error)) throw error;
		expect(error.message).toMatch(/^@x\/keepalive\/deribit: the connection is not proved to be armed right now: /);
		return error.message;
	}
}

/** Advances the fake clock by `ms`, and returns what the promise then resolves to. */
export async function after<T>(promise: Promise<T>, ms: number): Promise<T> {
	await vi.advanceTimersByTimeAsync(ms);
	return promise;
}

/** Advances the fake clock by `ms`, and returns the error with which the promise rejects. */
export async function failure(promise: Promise<unknown>, ms = 0): Promise<SessionError> {
	const outcome = promise.then(
		() => expect.fail("it succeeded"),
		(error: SessionError) => error,
	);
	return after(outcome, ms);
}

/** Uses fake timers in every test of the file. A timer that is left after a test makes the test fail. */
export function useFakeClock(): void {
	beforeEach(() => void vi.useFakeTimers());
	afterEach(async () => {
		for (const link of links.splice(0)) link.close();
		await vi.advanceTimersByTimeAsync(0);
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});
}
