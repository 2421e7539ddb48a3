import { isOptionError } from "@x/base/errors";
import { Link, memoryFetch, OkxVenue } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { okx } from "./index.ts";
import type { OkxSessionOptions } from "./options.ts";
import type { OkxLoss } from "./session-losses.ts";

const key = { apiKey: "key", apiSecret: "secret", passphrase: "phrase" };
let link: Link;
const createSession = () => okx({ client: { ...key, fetch: memoryFetch(link) }, windowSeconds: 30 });
const orderStates = (): string[] => link.orders().map(({ state }) => state);
const neverAborted = new AbortController().signal;

const realTimeout = setTimeout;

/**
 * Moves the fake clock forward second by second. After each second it waits 10 ms of real time, because other threads compute the
 * signatures.
 */
async function pass(seconds: number): Promise<void> {
	for (let second = 0; second < seconds; second++) {
		await vi.advanceTimersByTimeAsync(1_000);
		await new Promise((resolve) => realTimeout(resolve, 10));
	}
}

beforeEach(() => {
	vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
	link = new Link(new OkxVenue(key));
});
afterEach(() => {
	link.close();
	vi.useRealTimers();
});

describe("an OKX session in a keeper", () => {
	it("an OKX session in a keeper keeps the orders while it sends beats, and after a partition OKX cancels them within exposureMs", async () => {
		const keeper = keepalive([createSession()]);
		const ready = keeper.ready();
		await pass(1);
		await ready;
		link.faults["place"]?.({});
		await pass(120);
		expect(orderStates()).toEqual(["open"]);
		expect(keeper.snapshot()["okx"]?.status).toMatchObject({ state: "alive", protection: { exposureMs: 33_000 } });
		link.partition();
		await pass(33);
		expect(orderStates()).toEqual(["cancelled"]);
		expect(keeper.snapshot()["okx"]?.status.state).not.toBe("alive");
		const stopped = keeper.stop({ orders: "keep" });
		await pass(20);
		expect((await stopped)["okx"]).toMatchObject({ orders: "unknown" });
	});
});

describe("OkxSession", () => {
	it("OkxSession is armed only until the countdown may have run out, even without a keeper", async () => {
		const session = createSession();
		expect(session.notArmedReason()).toBe("no countdown is running");
		await session.open(neverAborted);
		session.requireArmed();
		await vi.advanceTimersByTimeAsync(30_000);
		expect(() => session.requireArmed()).toThrow("not armed: the countdown may have run out");
		const keeper = keepalive([session]);
		const ready = keeper.ready();
		await pass(1);
		await ready;
		session.requireArmed();
		expect(keeper.isArmed("okx")).toBe(true);
		const stopped = keeper.stop({ orders: "cancel" });
		expect(() => session.requireArmed()).toThrow("session is closing");
		await pass(1);
		await stopped;
	});

	it("OkxSession calls onOpen at every open, with a loss (a possible cancel) when the countdown may have run out", async () => {
		const seen: number[] = [];
		const onOpen = ({ losses }: { losses: readonly OkxLoss[] }) => seen.push(losses.length);
		const session = okx({ client: { ...key, fetch: memoryFetch(link) }, onOpen });
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(20_000);
		await session.open(neverAborted);
		const lostAt = Date.now() + 30_000;
		await vi.advanceTimersByTimeAsync(50_000);
		await session.open(neverAborted);
		expect(seen).toEqual([0, 0, 1]);
		expect(session.recovery).toEqual({ losses: [{ lostAt }] });
	});

	it("OkxSession passes the same loss (a possible cancel) to onOpen again after onOpen has failed", async () => {
		let fails = false;
		const losses: unknown[] = [];
		const session = okx({
			client: { ...key, fetch: memoryFetch(link) },
			onOpen: (opened) => {
				losses.push(opened.losses.length);
				if (fails) throw new Error("not now");
			},
		});
		await session.open(neverAborted);
		await vi.advanceTimersByTimeAsync(50_000);
		fails = true;
		await expect(session.open(neverAborted)).rejects.toMatchObject({ disposition: { action: "retry" } });
		fails = false;
		await session.open(neverAborted);
		expect(losses).toEqual([0, 1, 1]);
	});

	it("OkxSession.open() rejects when the venue acknowledges the call but starts no countdown", async () => {
		link.faults["ignoreCalls"]?.({ on: true });
		await expect(createSession().open(neverAborted)).rejects.toMatchObject({ session: "ended" });
	});

	it("OkxSession.close() stops the countdown to keep the orders, or leaves it running to cancel them", async () => {
		const session = createSession();
		await session.open(neverAborted);
		link.faults["place"]?.({});
		expect(await session.close("keep")).toMatchObject({ orders: "kept" });
		await vi.advanceTimersByTimeAsync(200_000);
		expect(orderStates()).toEqual(["open"]);
		await session.open(neverAborted);
		expect(await session.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 33_000 });
		await vi.advanceTimersByTimeAsync(33_000);
		expect(orderStates()).toEqual(["cancelled"]);
	});

	it("OkxSession.open() rejects with the action `human` when the venue rejects the API key", async () => {
		const session = okx({ client: { ...key, apiSecret: "wrong", fetch: memoryFetch(link) } });
		await expect(session.open(neverAborted)).rejects.toMatchObject({ disposition: { action: "human" } });
	});

	it("OkxSession.open() rejects with the action `retry` when the network is partitioned", async () => {
		link.partition();
		const opened = createSession().open(neverAborted);
		const rejected = expect(opened).rejects.toMatchObject({ disposition: { action: "retry" } });
		await pass(4);
		await rejected;
	});
});

describe("okx", () => {
	it.each<[string, string, object]>([
		["windowSeconds", "@x/keepalive/okx", { client: key, windowSeconds: 9 }],
		["window", "@x/keepalive/okx", { client: key, window: 30 }],
		["client", "@x/keepalive/okx", {}],
		["baseUrl", "@x/okx-timer", { client: { ...key, baseUrl: "http://x" } }],
		["passphrase", "@x/okx-timer", { client: { ...key, passphrase: "" } }],
	])("okx() throws for the wrong option %s before anything is sent", (option, packageName, options) => {
		const create = (): unknown => {
			try {
				// The cast is needed because the test passes wrong options on purpose.
				return okx(options as OkxSessionOptions);
			} catch (error) {
				return error;
			}
		};
		const error = create();
		expect(isOptionError(error)).toBe(true);
		expect(error).toMatchObject({ option, package: packageName });
	});
});
