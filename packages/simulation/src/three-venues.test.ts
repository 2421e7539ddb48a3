import { type Keeper, type KeeperOptions, keepalive, type StatusRecord } from "@x/keepalive";
import type { SimOrder } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Journal } from "./journal.ts";
import { bybitSetup } from "./venues/bybit.ts";
import { deribitSetup } from "./venues/deribit.ts";
import { ibkrSetup } from "./venues/ibkr.ts";
import type { VenueSetup } from "./venues/venue-setup.ts";
import { installWorld } from "./world/replace-platform-globals.ts";
import { seeded } from "./world/seeded-random.ts";
import { World } from "./world/world.ts";

/** One keeper on one simulated machine, with the real clients and sessions at all three simulated venues. */
class Desk {
	readonly world = new World(1_794_182_400_000);
	readonly setups: readonly VenueSetup[];
	readonly records: StatusRecord[] = [];
	/** What was wrong: a session was shown as armed, or an order was allowed, although the venue would not have cancelled the orders. */
	readonly wrong: string[] = [];
	readonly #restore: () => void;
	readonly #sessions;
	#keeper: Keeper | undefined;

	constructor(seed: number) {
		const journal = new Journal(() => this.world.now);
		const random = seeded(seed);
		this.#restore = installWorld(this.world, seeded(seed + 1), () => undefined);
		this.setups = [
			deribitSetup(this.world, journal, random, 20),
			ibkrSetup(this.world, journal, random, 20),
			bybitSetup(this.world, journal, random, 20),
		];
		this.#sessions = this.setups.map((setup) => setup.make(async () => undefined).session);
	}

	get keeper(): Keeper {
		if (!this.#keeper) throw new Error("start it first");
		return this.#keeper;
	}

	async start(options: KeeperOptions = {}): Promise<void> {
		this.#keeper = keepalive(this.#sessions, options);
		this.#keeper.onStatus((record) => this.records.push(record));
		await this.pass(120_000);
		expect(this.states()).toEqual({ deribit: "alive", ibkr: "alive", bybit: "alive" });
	}

	pass(ms: number): Promise<void> {
		return this.world.run(this.world.now + ms);
	}

	states(): Record<string, string> {
		return Object.fromEntries(Object.values(this.keeper.snapshot()).map((it) => [it.session, it.status.state]));
	}

	/** From now on, checks after every event. */
	checkAfterEachEvent(): void {
		this.world.onSettled = () => {
			if (this.world.machine.isFrozen) return;
			for (const setup of this.setups.filter(({ name }) => name !== "ibkr")) {
				const { status } = this.keeper.current(setup.name);
				const isShown = status.state === "alive" && status.protection.state === "armed";
				if ((isShown || this.keeper.isArmed(setup.name)) && setup.truth() !== "yes") {
					this.wrong.push(`${setup.name} at ${this.world.now}: ${setup.truth()}`);
				}
			}
		};
	}

	/** Places an order at each venue. */
	place(): Record<string, SimOrder> {
		const placed = this.setups.map((setup) => {
			const order = this.world.visit(setup.route, () => setup.venue.faults["place"]?.({ product: setup.product }));
			// The cast is safe: the simulator returns the order object itself, which shows later changes of the order's state.
			return [setup.name, setup.venue.orders().find(({ id }) => id === (order as SimOrder).id) as SimOrder] as const;
		});
		return Object.fromEntries(placed);
	}

	async end(): Promise<void> {
		this.world.onSettled = () => undefined;
		void this.keeper.stop({ orders: "cancel" });
		await this.pass(30_000);
		expect(this.world.machine.timers).toBe(0);
		for (const { venue, route } of this.setups) this.world.visit(route, () => venue.close());
	}

	restore(): void {
		this.#restore();
	}
}

let desk: Desk;
afterEach(() => desk.restore());

const network = [
	["a block of the event loop for 15 s", (): void => desk.world.machine.stall(15_000, false), 15_000],
	[
		"a block of 15 s after which network events run before timers",
		(): void => desk.world.machine.stall(15_000, true),
		15_000,
	],
	["a sleep of two hours", (): void => desk.world.machine.suspend(7_200_000), 7_200_000],
	["a step of the clock by an hour backwards", (): void => desk.world.machine.step(-3_600_000), 0],
] as const;

describe.each([1, 2, 3, 4, 5])("a keeper with sessions at three venues, settings of seed %i", (seed) => {
	beforeEach(() => {
		desk = new Desk(seed);
	});

	it.each(network)("a keeper shows no session wrongly as armed after %s, and recovers", async (_what, happen, ms) => {
		await desk.start();
		desk.checkAfterEachEvent();
		happen();
		await desk.pass(ms + 1_800_000);
		expect(desk.wrong).toEqual([]);
		// A session may only be blocked if its login has expired, because a login needs a person.
		const isAble = desk.setups.every((setup) => setup.isAble());
		expect(desk.states()).toEqual({ deribit: "alive", ibkr: isAble ? "alive" : "blocked", bybit: "alive" });
		expect([desk.keeper.isArmed("deribit"), desk.keeper.isArmed("bybit")]).toEqual([true, true]);
		await desk.end();
	});
});

describe.each([1, 2, 3, 4, 5])("a keeper with a health gate and a hanging program, settings of seed %i", (seed) => {
	beforeEach(() => {
		desk = new Desk(seed);
	});

	it("the keeper closes sessions so that the venues cancel orders within hangMs, and says why it leaves the IBKR session open", async () => {
		let isWell = true;
		const pulsing = setInterval(() => {
			if (isWell) desk.keeper.pulse();
		}, 1_000);
		await desk.start({ gate: { toleranceMs: 5_000 } });
		const { keeper, world } = desk;
		const orders = desk.place();
		const hangMs = Object.fromEntries(
			Object.values(keeper.snapshot()).map(({ session, status }) => [
				session,
				status.state === "alive" ? status.hangMs : undefined,
			]),
		);
		isWell = false;
		const hungAt = world.machine.worldWallMs();
		await desk.pass(120_000);
		expect(desk.states()).toEqual({ deribit: "gated", ibkr: "alive", bybit: "gated" });
		expect(orders["deribit"]).toMatchObject({ state: "cancelled", cancelReason: "cancel_on_disconnect" });
		expect(orders["bybit"]).toMatchObject({ state: "cancelled", cancelReason: "CancelByDCP" });
		expect(orders["ibkr"]?.state).toBe("open");
		for (const name of ["deribit", "bybit"]) {
			const tookMs = (orders[name]?.cancelledAt ?? Number.POSITIVE_INFINITY) - hungAt;
			expect(tookMs).toBeGreaterThan(4_000);
			expect(tookMs).toBeLessThanOrEqual(hangMs[name] ?? 0);
		}
		expect(hangMs["ibkr"]).toBeUndefined();
		expect(keeper.current("ibkr").status).toMatchObject({
			ungated: expect.stringMatching(/closing it would cancel no orders/),
		});
		isWell = true;
		await desk.pass(300_000);
		const isAble = desk.setups.every((setup) => setup.isAble());
		expect(desk.states()).toEqual({ deribit: "alive", ibkr: isAble ? "alive" : "blocked", bybit: "alive" });
		clearInterval(pulsing);
		await desk.end();
	});
});
