import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { IbkrVenue, Link, memoryFetch } from "@x/venue-sims";
import { expect, it, vi } from "vitest";
import { type Keeper, keepalive } from "../../keeper.ts";
import { leaderSession } from "../../leader/index.ts";
import { MemoryLeaderStore } from "../../testing/memory-leader-store.ts";
import { type IbkrSessionOptions, ibkr } from "./index.ts";
import { useFakeClock } from "./testing/simulated-gateway-session.ts";

useFakeClock();

/** Simulates two machines, each with a gateway. The same user is logged in at both gateways. */
function twoMachines(
	store: MemoryLeaderStore,
	maxTakeoversPerDay: number,
	options: { readonly forceOnlyKey?: boolean } & Pick<IbkrSessionOptions, "compete"> = {},
) {
	const { compete = "takeover", ...venueOptions } = options;
	const links: Link[] = [];
	const keepers: Keeper[] = [];
	const venues: IbkrVenue[] = [];
	const calls = { forced: 0, logouts: 0 };
	for (const holder of ["a", "b"]) {
		const user = venues[0]?.user;
		const venue = new IbkrVenue({ ...venueOptions, pacing: true, loadMs: 500, start: "login", ...(user && { user }) });
		const link = new Link(venue);
		const inner = memoryFetch(link);
		const counting: typeof fetch = (input, init) => {
			if (String(input).endsWith("/ssodh/init") && String(init?.body).includes('"compete":true')) calls.forced += 1;
			if (String(input).endsWith("/logout")) calls.logouts += 1;
			return inner(input, init);
		};
		const session = ibkr({
			client: { fetch: counting, penaltyBox: createIbkrPenaltyBox() },
			compete,
			logoutOnClose: false,
			maxTakeoversPerDay,
		});
		keepers.push(keepalive([leaderSession(session, { store, holder, random: () => 0 })], { random: () => 0 }));
		venues.push(venue);
		links.push(link);
	}
	const states = (): (string | undefined)[] => keepers.map((keeper) => keeper.current("ibkr").status.state);
	const close = async (): Promise<void> => {
		for (const keeper of keepers) await keeper.stop({ orders: "keep" });
		for (const link of links) link.close();
	};
	const trigger = (machine: number, fault: "compete" | "leave" | "idle"): void =>
		void venues[machine]?.faults[fault]?.({});
	return { states, calls, trigger, close };
}

it("a new leader takes the session from the other machine by one init with `compete` and then keeps it", async () => {
	const store = new MemoryLeaderStore();
	const { states, calls, close } = twoMachines(store, 10);
	await vi.advanceTimersByTimeAsync(120_000);
	expect(states()).toEqual(["alive", "standby"]);
	const before = calls.forced;
	store.usurp("b", 15_000);
	await vi.advanceTimersByTimeAsync(60_000);
	expect([states(), calls.forced - before]).toEqual([["standby", "alive"], 1]);
	await vi.advanceTimersByTimeAsync(6 * 3_600_000);
	expect([states(), calls.forced - before]).toEqual([["standby", "alive"], 1]);
	expect(calls.logouts).toBe(0);
	await close();
});

it("two machines that take turns as leader share the limit on takeovers: together they take over no more often than a single machine may", async () => {
	const store = new MemoryLeaderStore();
	const { calls, close } = twoMachines(store, 3);
	await vi.advanceTimersByTimeAsync(120_000);
	for (let turn = 0; turn < 12; turn++) {
		store.usurp(turn % 2 === 0 ? "b" : "a", 15_000);
		await vi.advanceTimersByTimeAsync(900_000);
	}
	expect(calls.forced).toBe(3);
	await close();
});

it("a leader yields the session to a person who logs in elsewhere, stays leader, and opens the session again afterwards", async () => {
	const store = new MemoryLeaderStore();
	const { states, calls, trigger, close } = twoMachines(store, 10);
	await vi.advanceTimersByTimeAsync(120_000);
	const [before, leader] = [calls.forced, store.leader];
	trigger(0, "compete");
	await vi.advanceTimersByTimeAsync(3 * 3_600_000);
	expect([states(), calls.forced - before, store.leader]).toEqual([["waiting", "standby"], 0, leader]);
	trigger(0, "leave");
	await vi.advanceTimersByTimeAsync(130_000);
	expect([states(), calls.forced - before, store.leader]).toEqual([["alive", "standby"], 0, leader]);
	await close();
});

it("a leader with `compete: true` takes the session back from a person who logs in elsewhere", async () => {
	const { states, calls, trigger, close } = twoMachines(new MemoryLeaderStore(), 10, { compete: true });
	await vi.advanceTimersByTimeAsync(120_000);
	const before = calls.forced;
	trigger(0, "compete");
	await vi.advanceTimersByTimeAsync(120_000);
	expect([states(), calls.forced - before]).toEqual([["alive", "standby"], 1]);
	await close();
});

it("a leader whose key needs `compete` opens the session again while no other session is reported, but yields to a person", async () => {
	const { states, calls, trigger, close } = twoMachines(new MemoryLeaderStore(), 10, { forceOnlyKey: true });
	await vi.advanceTimersByTimeAsync(120_000);
	expect(states()).toEqual(["alive", "standby"]);
	const before = calls.forced;
	trigger(0, "idle");
	await vi.advanceTimersByTimeAsync(120_000);
	expect([states(), calls.forced - before]).toEqual([["alive", "standby"], 1]);
	trigger(0, "compete");
	await vi.advanceTimersByTimeAsync(3_600_000);
	expect([states(), calls.forced - before]).toEqual([["waiting", "standby"], 1]);
	await close();
});
