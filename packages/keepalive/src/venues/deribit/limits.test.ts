import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepalive, rollingBudget } from "../../index.ts";
import { type DeribitSessionOptions, deribit } from "./index.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const never = new AbortController().signal;
let link: Link;
let handshakes = 0;

beforeEach(() => {
	vi.useFakeTimers();
	link = new Link(new DeribitVenue());
	handshakes = 0;
});
afterEach(() => {
	link.close();
	expect(vi.getTimerCount()).toBe(0);
	vi.useRealTimers();
});

/** A way to the venue of its own, whose handshakes are counted. */
function way(): typeof WebSocket {
	const Memory = memoryWebSocket(link);
	return class extends Memory {
		constructor(url: string | URL) {
			super(url);
			handshakes += 1;
		}
	};
}

function session(name: string, options: Partial<DeribitSessionOptions>) {
	return deribit({ name, clientId, clientSecret, ...options });
}

describe("attempts to connect to Deribit", () => {
	it("over the budget are not made, and wait until one passes", async () => {
		const one = session("one", { WebSocket: way(), connectionBudget: rollingBudget(1, 60_000) });
		await one.open(never);
		await vi.advanceTimersByTimeAsync(20_000);
		await expect(one.open(never)).rejects.toMatchObject({
			message: expect.stringMatching(/no connection to www\.deribit\.com for another 40000 ms/),
			disposition: { action: "wait", forMs: 40_000 },
		});
		expect(handshakes).toBe(1);
		await vi.advanceTimersByTimeAsync(40_000);
		expect((await one.open(never)).protection.state).toBe("armed");
		await one.close("cancel");
	});

	it("are counted for all sessions of the process that leave by the same WebSocket: 320 in five minutes", async () => {
		const WebSocket = way();
		link.levers["maintenance"]?.({});
		const keepers = Array.from({ length: 40 }, (_, index) =>
			keepalive([session(`session-${index}`, { WebSocket })], { restarts: { burst: 1_000 } }),
		);
		await vi.advanceTimersByTimeAsync(299_000);
		expect(handshakes).toBe(320);
		const waits = keepers.flatMap((keeper) => Object.values(keeper.snapshot()).map(({ status }) => status));
		expect(waits.every((status) => status.state === "waiting" && status.why === "venue")).toBe(true);
		await Promise.all([
			...keepers.map((keeper) => keeper.stop({ orders: "keep" })),
			vi.advanceTimersByTimeAsync(9_000),
		]);
	});

	it("leave those of another way alone", async () => {
		const budget = rollingBudget(1, 60_000);
		const [one, two] = [
			session("one", { WebSocket: way(), connectionBudget: budget }),
			session("two", { WebSocket: way() }),
		];
		await one.open(never);
		expect((await two.open(never)).protection.state).toBe("armed");
		await Promise.all([one.close("cancel"), two.close("cancel")]);
	});

	it("with a budget that is none are refused by name", () => {
		expect(() => session("one", { connectionBudget: {} as never })).toThrow(/option connectionBudget must be/);
	});
});
