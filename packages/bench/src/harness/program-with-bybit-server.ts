import { join } from "node:path";
import type { Fleet } from "../contestants/bybit.ts";
import type { ConnectionMode, Seen, SignIn } from "../servers/bybit.ts";
import { Child } from "./child-process.ts";

/** A compared program (`player`) and a Bybit server that no other program uses, each in its own process. */
export interface BybitPair {
	readonly player: Child;
	/** Makes the compared program open sessions. */
	up(fleet: Pick<Fleet, "name" | "count" | "waitMs">): Promise<void>;
	seen(): Promise<Seen>;
	now(): Promise<number>;
	setConnectionMode(mode: ConnectionMode): Promise<void>;
	setSignIn(signIn: SignIn): Promise<void>;
	server: Child;
	end(): Promise<void>;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a compared program and a server for it. */
export async function startBybitPair(contestant: string): Promise<BybitPair> {
	const server = await Child.start(join(import.meta.dirname, "../servers/bybit.ts"), "bybitServer");
	const addresses = await server.call<{ ws: string; http: string }>("addresses");
	const player = await Child.start(join(import.meta.dirname, "../contestants/bybit.ts"), contestant);
	return {
		player,
		server,
		up: async (fleet) => {
			await player.call("up", { ...addresses, ...fleet }, fleet.waitMs + 60_000);
		},
		seen: () => server.call<Seen>("seen"),
		now: () => server.call<number>("now"),
		setConnectionMode: async (mode) => {
			await server.call("setConnectionMode", mode);
		},
		setSignIn: async (mode) => {
			await server.call("setSignIn", mode);
		},
		end: async () => {
			await player.end();
			await server.end();
		},
	};
}

/** The largest number of these times that lie within any `withinMs` milliseconds, both ends included. */
export function peak(times: readonly number[], withinMs: number): number {
	const sorted = [...times].sort((a, b) => a - b);
	let first = 0;
	let most = 0;
	for (const [index, time] of sorted.entries()) {
		while (time - (sorted[first] ?? time) > withinMs) first += 1;
		most = Math.max(most, index - first + 1);
	}
	return most;
}

/** Polls a condition. Returns true as soon as the condition holds, or false when `withinMs` have passed. */
export async function eventually(look: () => Promise<boolean>, withinMs: number): Promise<boolean> {
	const end = performance.now() + withinMs;
	while (performance.now() < end) {
		if (await look()) return true;
		await pause(100);
	}
	return false;
}
