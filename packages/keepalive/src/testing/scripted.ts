import { afterEach, beforeEach, expect, vi } from "vitest";
import { Gate } from "../loop/health-gate.ts";
import { SessionLoop } from "../loop/session-loop.ts";
import { type KeeperOptions, resolveOptions } from "../options.ts";
import type { Closed, Lease, OrdersOnClose, Session } from "../session.ts";
import type { StatusRecord } from "../status/status.ts";

const armed = { state: "armed", scope: "connection", exposureMs: 60_000, verifiedAt: 0 } as const;
export const lease: Lease = { ttlMs: 60_000, protection: armed };
export const retry = { disposition: { action: "retry" } } as const;

type Script = {
	open?: (signal: AbortSignal, count: number) => Promise<Lease>;
	beat?: (signal: AbortSignal, count: number) => Promise<Lease>;
	close?: (orders: OrdersOnClose) => Promise<Closed>;
};

/** A session that answers as a test says, and notes when it was asked. */
export function scripted(script: Script = {}): Session & { asked: { what: string; at: number }[] } {
	const started = performance.now();
	const asked: { what: string; at: number }[] = [];
	const note = (what: string): number => {
		asked.push({ what, at: Math.round(performance.now() - started) });
		return asked.filter((entry) => entry.what === what).length;
	};
	return {
		name: "venue",
		handle: undefined,
		asked,
		open: (signal) => (script.open ?? (async () => lease))(signal, note("open")),
		beat: (signal) => (script.beat ?? (async () => lease))(signal, note("beat")),
		close: (orders) => {
			note(`close ${orders}`);
			return (script.close ?? (async () => ({ orders: "kept", detail: "left" })))(orders);
		},
	};
}

export function keep(
	session: Session,
	settings: KeeperOptions = {},
): { loop: SessionLoop; records: StatusRecord[]; states: () => string[] } {
	const records: StatusRecord[] = [];
	// Without jitter every instant is exact.
	const options = resolveOptions({ random: () => 0, ...settings });
	const loop = new SessionLoop(session, options, new Gate(undefined, options), (record) => records.push(record));
	loop.start();
	return { loop, records, states: () => records.map((record) => record.status.state) };
}

/** Never answers, and ends when it is told to, as every session should. */
export const hang = (signal?: unknown): Promise<never> =>
	new Promise((_resolve, reject) => {
		if (signal instanceof AbortSignal) signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
/** Never answers, and does not listen. */
export const deaf = (): Promise<never> => new Promise(() => undefined);
export const advance = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** For every test of the file: time moves when told to, and no timer is left at the end. */
export function fakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});
}
