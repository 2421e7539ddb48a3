import { afterEach, beforeEach, expect, vi } from "vitest";
import { type Keeper, keepalive } from "../keeper.ts";
import type { KeeperOptions } from "../options.ts";
import type { Status } from "../status/status.ts";
import { drain, Laptop } from "./laptop.ts";
import { scripted } from "./scripted.ts";

/** The machine of the present test. */
export let laptop: Laptop;

/** For every test of the file: a machine that can stand still. */
export function onLaptop(): void {
	beforeEach(() => {
		vi.useFakeTimers({ now: 1_794_182_400_000 });
		laptop = new Laptop();
	});
	afterEach(() => {
		laptop.restore();
		vi.useRealTimers();
	});
}

/** Lets time go by. */
export const pass = async (ms: number): Promise<void> => {
	await vi.advanceTimersByTimeAsync(ms);
	await drain();
};

/** One session under a keeper without jitter, and what is told of it. */
export function kept(script: Parameters<typeof scripted>[0] = {}, options: KeeperOptions = {}) {
	const session = scripted(script);
	const keeper = keepalive([session], { random: () => 0, ...options });
	const told: Status[] = [];
	keeper.onStatus(({ status }) => told.push(status));
	return { session, keeper, told, states: () => told.map(({ state }) => state) };
}

/** Stops the keeper, and looks that no timer is left. */
export const stop = async (keeper: Keeper): Promise<void> => {
	const stopped = keeper.stop({ orders: "keep" });
	await pass(9_000);
	await stopped;
	expect(vi.getTimerCount()).toBe(0);
};
export const asked = (session: { asked: { what: string }[] }): string[] => session.asked.map(({ what }) => what);
