import { createIbkrPenaltyBox } from "@x/ibkr-session";
import { type IbkrFault, IbkrVenue, Link, memoryFetch, type NetworkFault } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Keeper, keepalive } from "../../keeper.ts";
import type { StatusRecord } from "../../status/status.ts";
import { type IbkrSessionOptions, ibkr } from "./index.ts";

let venue: IbkrVenue;
let link: Link<IbkrFault>;
let keeper: Keeper;
let records: StatusRecord[];

const trigger = (fault: IbkrFault | NetworkFault, args: Record<string, unknown> = {}): unknown =>
	link.faults[fault](args);
const status = () => keeper.snapshot()["ibkr"]?.status;
const causes = () =>
	records.flatMap(({ status: { state }, status }) =>
		state === "lost" && "cause" in status ? [status.cause.message] : [],
	);
const compete = (body: string): boolean => (JSON.parse(body) as { compete: boolean }).compete;

/** When inits with `compete: true` were sent. Recorded here because the simulator does not keep the requests of a whole day. */
const forcedAt = new Map<Link, number[]>();

function forcing(to: Link): typeof fetch {
	const times: number[] = [];
	forcedAt.set(to, times);
	const inner = memoryFetch(to);
	return (input, init) => {
		if (String(input).endsWith("/ssodh/init") && compete(String(init?.body))) times.push(Date.now());
		return inner(input, init);
	};
}

/** Starts a keeper at the given time, and waits until its session is alive. */
async function begin(instant: string, options: IbkrSessionOptions = {}): Promise<void> {
	vi.setSystemTime(Date.parse(instant));
	venue = new IbkrVenue({ pacing: true, loadMs: 500 });
	link = new Link(venue);
	records = [];
	const session = ibkr({ client: { fetch: forcing(link), penaltyBox: createIbkrPenaltyBox() }, ...options });
	keeper = keepalive([session], { random: () => 0 });
	keeper.onStatus((record) => records.push(record));
	await vi.advanceTimersByTimeAsync(5_000);
	expect(status()?.state).toBe("alive");
}

beforeEach(() => {
	vi.useFakeTimers();
});

afterEach(async () => {
	await keeper.stop({ orders: "keep" });
	link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

it("a session with `compete: true` takes over maxTakeoversPerDay times, and then yields until the other program leaves", async () => {
	await begin("2026-01-14T12:00:00Z", { compete: true, maxTakeoversPerDay: 3 });
	for (let turn = 0; turn < 6; turn++) {
		trigger("compete");
		await vi.advanceTimersByTimeAsync(600_000);
	}
	const inits = venue.received.filter(({ path }) => path.endsWith("/ssodh/init"));
	expect(inits.filter(({ body }) => compete(body))).toHaveLength(3);
	expect(venue.truth()).toMatchObject({ rival: true });
	expect(status()).toMatchObject({ state: "waiting", why: "venue" });
	trigger("leave");
	await vi.advanceTimersByTimeAsync(120_000);
	expect(status()?.state).toBe("alive");
	expect(venue.received.every((request) => request.status !== 429)).toBe(true);
});

it("two keepers with `compete: true` take over from each other at most ten times a day each, with pauses of at least a minute", async () => {
	await begin("2026-01-14T12:00:00Z", { compete: true });
	const second = new IbkrVenue({ pacing: true, loadMs: 500, start: "login", user: venue.user });
	const secondLink = new Link(second);
	const other = ibkr({
		name: "second",
		client: { fetch: forcing(secondLink), penaltyBox: createIbkrPenaltyBox() },
		compete: true,
	});
	const rival = keepalive([other], { random: () => 0 });
	await vi.advanceTimersByTimeAsync(12 * 3_600_000);
	const [ours = [], theirs = []] = [link, secondLink].map((one) => forcedAt.get(one) ?? []);
	for (const times of [ours, theirs]) {
		expect(times.length).toBeGreaterThan(2);
		expect(times.length).toBeLessThanOrEqual(10);
		const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
		for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(60_000);
	}
	// In the end, one of the keepers has the session and keeps it.
	const before = ours.length + theirs.length;
	await vi.advanceTimersByTimeAsync(6 * 3_600_000);
	expect(ours.length + theirs.length).toBe(before);
	const states = [status()?.state, rival.snapshot()["second"]?.status.state];
	expect(states.sort()).toEqual(["alive", "waiting"]);
	await rival.stop({ orders: "keep" });
	secondLink.close();
});

it("a keeper with `compete: true` gives up after ten takeovers if another program takes the session back each time", async () => {
	await begin("2026-01-14T12:00:00Z", { compete: true });
	// The other program takes the session back within ten seconds of each takeover.
	const before = venue.truth().inits;
	for (let second = 0; second < 6 * 3_600; second += 10) {
		if (venue.truth().brokerage === "live") trigger("compete");
		await vi.advanceTimersByTimeAsync(10_000);
	}
	expect(forcedAt.get(link)).toHaveLength(10);
	expect(venue.truth().inits - before).toBe(10);
	expect(status()).toMatchObject({ state: "waiting", why: "venue" });
});

it("a keeper without `compete` never takes over", async () => {
	await begin("2026-01-14T12:00:00Z");
	trigger("compete");
	await vi.advanceTimersByTimeAsync(6 * 3_600_000);
	expect(venue.truth().inits).toBe(0);
	expect(status()).toMatchObject({ state: "waiting", why: "venue" });
});

it("a loss during the nightly reset is reported as expected, and its error says what the loss means for the orders", async () => {
	// In its reply to a validation, the simulator reports the region NJ, which is America.
	await begin("2026-01-14T05:20:00Z");
	trigger("reset");
	await vi.advanceTimersByTimeAsync(61_000);
	expect(causes()).toEqual([expect.stringContaining("expected: the nightly reset in America/New_York")]);
	expect(causes()[0]).toContain("those held by an exchange keep working, while orders that IBKR simulates");
	trigger("login");
});

it("a loss outside the maintenance hours of the option `region` is reported as an alarm", async () => {
	await begin("2026-01-14T05:20:00Z", { region: "asia" });
	trigger("idle");
	await vi.advanceTimersByTimeAsync(70_000);
	expect(causes()).toEqual([
		expect.stringContaining("ALARM: unexpected loss: IBKR resets no sessions at this time (Asia/Hong_Kong)"),
	]);
	expect(status()?.state).toBe("alive");
});
