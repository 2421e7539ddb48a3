import { afterEach, beforeEach, expect, vi } from "vitest";
import { HealthGate } from "../loop/health-gate.ts";
import { SessionLoop } from "../loop/session-loop.ts";
import { type KeeperOptions, resolveOptions } from "../options.ts";
import type { Closed, Lease, OrdersOnClose, Session, SessionHost } from "../session.ts";
import type { StatusRecord } from "../status/status.ts";

const armed = { state: "armed", scope: "connection", exposureMs: 60_000, verifiedAt: 0 } as const;
export const lease: Lease = { ttlMs: 60_000, protection: armed };
export const retry = { disposition: { action: "retry" } } as const;

/** The functions that answer the calls of a scripted session. `count` is the number of the call, from 1. */
export type Script = {
	open?: (signal: AbortSignal, count: number) => Promise<Lease>;
	beat?: (signal: AbortSignal, count: number) => Promise<Lease>;
	close?: (orders: OrdersOnClose) => Promise<Closed>;
	notArmedReason?: () => string | undefined;
};

/** A session that answers as its script says, and records its calls. */
export interface ScriptedSession<Name extends string = string> extends Session<unknown, Name> {
	readonly calls: { readonly what: string; readonly at: number }[];
	/** The host that the keeper gave to this session; undefined while no keeper runs it. */
	readonly host: SessionHost | undefined;
}

export function scripted<const Name extends string = "venue">(
	script: Script = {},
	// The cast is safe: the default value belongs to the default type.
	name: Name = "venue" as Name,
): ScriptedSession<Name> {
	let host: SessionHost | undefined;
	const started = performance.now();
	const calls: { what: string; at: number }[] = [];
	const record = (what: string): number => {
		calls.push({ what, at: Math.round(performance.now() - started) });
		return calls.filter((call) => call.what === what).length;
	};
	return {
		name,
		handle: undefined,
		calls,
		get host() {
			return host;
		},
		attach: (given) => {
			host = given;
			return () => {
				host = undefined;
			};
		},
		notArmedReason: () => script.notArmedReason?.(),
		open: (signal) => (script.open ?? (async () => lease))(signal, record("open")),
		beat: (signal) => (script.beat ?? (async () => lease))(signal, record("beat")),
		close: (orders) => {
			record(`close ${orders}`);
			return (script.close ?? (async () => ({ orders: "kept", detail: "left" })))(orders);
		},
	};
}

/** The names of the calls to a session, in order. */
export const callsOf = (session: ScriptedSession): string[] => session.calls.map(({ what }) => what);

/** Starts a session loop without jitter, so that every time is exact. Returns the loop and its status records. */
export function startLoop(
	session: Session,
	settings: KeeperOptions = {},
	limitsUsed?: () => void,
): { loop: SessionLoop; records: StatusRecord[]; states: () => string[] } {
	const records: StatusRecord[] = [];
	const options = resolveOptions({ random: () => 0, ...settings });
	const gate = new HealthGate(undefined, options);
	const loop = new SessionLoop(session, options, gate, (record) => records.push(record), 0, undefined, limitsUsed);
	loop.start();
	return { loop, records, states: () => records.map((record) => record.status.state) };
}

/** Never resolves. Rejects when its signal aborts, as every session should. */
export const hang = (signal?: unknown): Promise<never> =>
	new Promise((_resolve, reject) => {
		if (signal instanceof AbortSignal) signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
/** Never settles, and does not react to a signal. */
export const hangForever = (): Promise<never> => new Promise(() => undefined);
export const advance = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** Installs a fake clock for every test of the file. Checks after each test that no timer is left. */
export function useFakeClock(): void {
	beforeEach(() => {
		vi.useFakeTimers();
	});
	afterEach(() => {
		expect(vi.getTimerCount()).toBe(0);
		vi.useRealTimers();
	});
}
