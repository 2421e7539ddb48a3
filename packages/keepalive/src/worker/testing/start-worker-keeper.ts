import { DeribitVenue, type DeribitVenueOptions, Link, serve } from "@x/venue-sims";
import { onTestFinished } from "vitest";
import type { StatusRecord } from "../../status/status.ts";
import { keepaliveInWorker, type WorkerKeeper, type WorkerKeeperOptions } from "../index.ts";
import { type PlainInput, places } from "./sessions-without-venue-input.ts";

export const { clientId, clientSecret } = DeribitVenue.defaults;
export const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };

/** The type of the worker's module. */
export type Sessions = typeof import("./one-deribit-session.ts");

/**
 * A simulated venue behind a real socket, and the environment of a worker that connects to it.
 *
 * @param onFinished - `onTestFinished` of the test's own context: while tests run concurrently, the global `onTestFinished` may
 * belong to another test.
 */
export async function serveVenue(
	options: DeribitVenueOptions = {},
	onFinished: (close: () => Promise<void>) => void = onTestFinished,
) {
	const venue = new DeribitVenue(options);
	const link = new Link(venue);
	const served = await serve(link);
	onFinished(() => served.close());
	const env = {
		DERIBIT_WS_URL: `${served.ws}/ws/api/v2`,
		DERIBIT_CLIENT_ID: clientId,
		DERIBIT_CLIENT_SECRET: clientSecret,
	};
	return { venue, link, env };
}

/** Starts a keeper in a worker, with one session at a simulated venue. */
export async function stage(
	options: WorkerKeeperOptions = {},
	{
		gateMs,
		openings,
		verifyMs,
		...venueOptions
	}: DeribitVenueOptions & { gateMs?: number; openings?: number; verifyMs?: number } = {},
) {
	const { venue, link, env } = await serveVenue(venueOptions);
	const keeper: WorkerKeeper<Sessions> = await keepaliveInWorker<Sessions>(
		new URL("./one-deribit-session.ts", import.meta.url),
		{
			startTimeoutMs: 30_000,
			...options,
			thread: {
				...options.thread,
				env: {
					...env,
					...textOf("GATE_MS", gateMs),
					...textOf("OPENINGS", openings),
					...textOf("VERIFY_MS", verifyMs),
				},
			},
		},
	);
	onTestFinished(async () => void (await keeper.stop({ orders: "cancel" })));
	return { venue, link, keeper };
}

/** Like {@link stage}, but resolves once the session is alive and armed. */
export async function armedStage(...parameters: Parameters<typeof stage>) {
	const staged = await stage(...parameters);
	await staged.keeper.ready();
	await until(() => staged.keeper.isArmed("deribit"), 2_000);
	return staged;
}

export function wait(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until the condition holds, and returns how many milliseconds that took. */
export async function until(condition: () => boolean, withinMs: number): Promise<number> {
	const start = performance.now();
	while (!condition()) {
		if (performance.now() - start > withinMs) throw new Error(`not within ${withinMs} ms: ${condition}`);
		await wait(5);
	}
	return performance.now() - start;
}

function textOf(variable: string, value: number | undefined): Record<string, string> {
	return value === undefined ? {} : { [variable]: String(value) };
}

/** A replacer for `JSON.stringify` that keeps the members of errors, which JSON leaves out. */
export function allMembers(_key: string, value: unknown): unknown {
	if (!(value instanceof Error)) return value;
	return Object.fromEntries(Object.getOwnPropertyNames(value).map((name) => [name, Reflect.get(value, name)]));
}

/** Starts a keeper in a worker, with sessions that have no venue. Also returns the memory that the test shares with the worker. */
export async function plainStage(
	names: readonly string[],
	options: WorkerKeeperOptions = {},
	input: Partial<PlainInput> = {},
) {
	const words = new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
	const data: PlainInput = { names, words, ...input };
	const module = new URL("./sessions-without-venue.ts", import.meta.url);
	const keeper = await keepaliveInWorker<typeof import("./sessions-without-venue.ts")>(module, {
		startTimeoutMs: 30_000,
		...options,
		data,
	});
	onTestFinished(async () => void (await keeper.stop({ orders: "cancel" })));
	/** Lets a worker that waits at one of the {@link places} go on. Returns how many threads have waited there. */
	const release = (place: number): number => {
		Atomics.store(words, place, 0);
		return Atomics.notify(words, place);
	};
	/** Ends the worker, and makes the next worker wait at one of the {@link places}. */
	const restartUntil = async (place: number): Promise<void> => {
		Atomics.store(words, place, 1);
		await keeper.call("exit", 1).catch(() => undefined);
		await until(() => Atomics.load(words, places.waiting) === 1, 20_000);
	};
	return { keeper, release, restartUntil };
}

/** The status records of a keeper from now on, in their order. */
export function recordsOf(keeper: Awaited<ReturnType<typeof stage>>["keeper"]): StatusRecord[] {
	const records: StatusRecord[] = [];
	keeper.onStatus((record) => records.push(record));
	return records;
}
