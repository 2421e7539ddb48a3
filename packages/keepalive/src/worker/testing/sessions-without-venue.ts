/**
 * The module of a worker with sessions that have no venue. The worker waits at those {@link places} at which a test tells it to
 * wait.
 */
import { spawnSync } from "node:child_process";
import type { Lease, Protection, Session, SessionHost } from "../../session.ts";
import { serveKeeper, workerInput } from "../index.ts";
import { type PlainInput, places } from "./sessions-without-venue-input.ts";

const { names, words, openings, hasExtraMembers = false } = workerInput<PlainInput>();

function waitAt(place: number): void {
	if (Atomics.load(words, place) === 0) return;
	Atomics.store(words, places.waiting, 1);
	Atomics.wait(words, place, 1);
	Atomics.store(words, places.waiting, 0);
}

/** The calls that were made to the sessions so far, in order. */
const done: string[] = [];
const hosts: SessionHost[] = [];
let doubt: string | undefined;

function plainSession(name: string): Session {
	const protection: Protection = { state: "armed", scope: "connection", exposureMs: 1_000, verifiedAt: Date.now() };
	const lease: Lease = {
		ttlMs: 60_000,
		protection: hasExtraMembers ? Object.assign(protection, { renew: () => undefined }) : protection,
	};
	return {
		name,
		handle: undefined,
		attach: (host) => {
			hosts.push(host);
			return () => undefined;
		},
		notArmedReason: () => doubt,
		...(hasExtraMembers && {
			usedLimits: () => ({ logins: Object.assign({ made: [[Date.now(), 1]] } as const, { reset: () => undefined }) }),
		}),
		open: async () => {
			done.push(`open ${name}`);
			waitAt(places.open);
			return lease;
		},
		beat: async () => lease,
		close: async (orders) => {
			done.push(`close ${name} ${orders}`);
			const closed = { orders: "kept", detail: `${name} left` } as const;
			return hasExtraMembers ? Object.assign(closed, { undo: () => undefined }) : closed;
		},
	};
}

waitAt(places.load);

export default serveKeeper(names.map(plainSession), {
	backoff: { firstMs: 100, baseMs: 100 },
	...(openings !== undefined && { restarts: { burst: openings } }),
	calls: {
		exit: (code: number) => process.exit(code),
		done: () => done,
		/** Makes each session publish this many status records. */
		flood: (times: number) => {
			for (let time = 1; time <= times; time += 1) {
				doubt = time % 2 === 1 ? "doubt" : undefined;
				for (const host of hosts) host.protectionChanged();
			}
		},
		/** Blocks this thread in native code, so that ending the worker cannot interrupt it. */
		blockSoon: (seconds: number) => void setTimeout(() => spawnSync("sleep", [String(seconds)]), 10),
	},
});
