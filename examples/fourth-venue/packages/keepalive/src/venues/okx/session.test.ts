import { Link, memoryFetch, OkxVenue } from "@x/venue-sims";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { keepalive } from "../../keeper.ts";
import { okx } from "./index.ts";

const key = { apiKey: "key", apiSecret: "secret", passphrase: "phrase" };
let link: Link;
const session = () => okx({ ...key, fetch: memoryFetch(link), windowSeconds: 30 });
const states = (): string[] => link.orders().map(({ state }) => state);

const realTimeout = setTimeout;

/** Moves the fake clock second by second, with real time in between: signatures are made on other threads. */
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

it("beats stop the countdown from firing; after a partition it fires within the exposure", async () => {
	const keeper = keepalive([session()]);
	const ready = keeper.ready();
	await pass(1);
	await ready;
	link.faults["place"]?.({});
	await pass(120);
	expect(states()).toEqual(["open"]);
	expect(keeper.snapshot()["okx"]?.status).toMatchObject({ state: "alive", protection: { exposureMs: 33_000 } });
	link.partition();
	await pass(33);
	expect(states()).toEqual(["cancelled"]);
	expect(keeper.snapshot()["okx"]?.status.state).not.toBe("alive");
	const stopped = keeper.stop({ orders: "keep" });
	await pass(20);
	expect((await stopped)["okx"]).toMatchObject({ orders: "unknown" });
});

it("a session is not armed when the venue accepts the call but starts no countdown", async () => {
	link.faults["lie"]?.({});
	await expect(session().open(new AbortController().signal)).rejects.toMatchObject({ session: "ended" });
});

it("close keeps the orders by stopping the countdown, or lets it cancel them", async () => {
	const kept = session();
	await kept.open(new AbortController().signal);
	link.faults["place"]?.({});
	expect(await kept.close("keep")).toMatchObject({ orders: "kept" });
	await vi.advanceTimersByTimeAsync(200_000);
	expect(states()).toEqual(["open"]);
	await kept.open(new AbortController().signal);
	expect(await kept.close("cancel")).toMatchObject({ orders: "cancelled", withinMs: 33_000 });
	await vi.advanceTimersByTimeAsync(33_000);
	expect(states()).toEqual(["cancelled"]);
});

it("a session with a refused key needs a human", async () => {
	const refused = okx({ ...key, apiSecret: "wrong", fetch: memoryFetch(link) });
	const opened = refused.open(new AbortController().signal);
	await expect(opened).rejects.toMatchObject({ disposition: { action: "human" } });
});
