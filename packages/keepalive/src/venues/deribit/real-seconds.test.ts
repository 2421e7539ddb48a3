import { Worker } from "node:worker_threads";
import { DeribitVenue, type DeribitVenueOptions, Link, serve } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { StatusRecord } from "../../status/status.ts";
import { type DeribitSessionOptions, deribit } from "./index.ts";
import type { BlockedOutcome, BlockedProgram } from "./testing/blocked-program.ts";

const { clientId, clientSecret } = DeribitVenue.defaults;
const never = new AbortController().signal;
const order = { instrument_name: "BTC-PERPETUAL", amount: 10 };

/** A session at interval 10 over a real socket, and a venue whose seconds are real ones. */
async function stage(options: Partial<DeribitSessionOptions> = {}, venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	const served = await serve(link);
	const url = `${served.ws}/ws/api/v2`;
	const session = deribit({ url, clientId, clientSecret, intervalSeconds: 10, ...options });
	const answers = () => venue.received.filter(({ method }) => method === "public/test").map(({ at }) => at);
	return { venue, link, session, url, answers, close: () => served.close() };
}

/** A program in a thread of its own, so that what it does to its event loop is done to nobody else's. */
async function runBlocked(
	program: Omit<BlockedProgram, "clientId" | "clientSecret">,
): Promise<[BlockedOutcome, Worker]> {
	const workerData: BlockedProgram = { clientId, clientSecret, ...program };
	const worker = new Worker(new URL("./testing/blocked-program.ts", import.meta.url), { workerData });
	const outcome = await new Promise<BlockedOutcome>((resolve, reject) => {
		worker.once("message", resolve);
		worker.once("error", reject);
	});
	return [outcome, worker];
}

function wait(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(what: () => boolean, withinMs: number): Promise<void> {
	const deadline = performance.now() + withinMs;
	while (!what()) {
		if (performance.now() > deadline) expect.fail(`not within ${withinMs} ms`);
		await wait(50);
	}
}

/** A WebSocket class whose first connection can lose its uplink: nothing sent over it arrives, not even its close. */
function cuttable() {
	const line = { cut: false, first: undefined as WebSocket | undefined };
	class Cuttable extends WebSocket {
		constructor(url: string | URL) {
			super(url);
			line.first ??= this;
		}

		override send(data: string): void {
			if (!this.#isCut) super.send(data);
		}

		override close(code?: number, reason?: string): void {
			if (!this.#isCut) super.close(code, reason);
		}

		get #isCut(): boolean {
			return line.cut && line.first === this;
		}
	}
	return { line, WebSocket: Cuttable };
}

describe.concurrent("at interval 10, in real seconds, over a real socket", () => {
	it("60 s of an idle program are one life, and the order is never touched", async () => {
		const { venue, session, close } = await stage();
		const keeper = keepalive([session]);
		const records: StatusRecord[] = [];
		keeper.onStatus((record) => records.push(record));
		await keeper.ready({ timeoutMs: 10_000 });
		const handle = session.requireArmed();
		await handle.call("private/buy", order);
		for (let second = 0; second < 60; second += 1) {
			await wait(1_000);
			expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
			expect(session.requireArmed()).toBe(handle);
		}
		expect(records.map(({ status }) => status.state)).toEqual(["opening", "alive"]);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(await keeper.stop({ orders: "keep" })).toMatchObject({ deribit: { orders: "kept" } });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await close();
	}, 90_000);

	it.each<[string, DeribitSessionOptions["onNotification"]]>([
		["is idle", undefined],
		["sleeps for 30 s on every frame", () => wait(30_000)],
		[
			"throws on every frame",
			() => {
				throw new Error("user's");
			},
		],
	])(
		"60 s without a beat are survived by the answers to the probes alone, while the program %s",
		async (_, onNotification) => {
			const { venue, link, session, answers, close } = await stage(onNotification ? { onNotification } : {});
			const { ended } = await session.open(never);
			await session.requireArmed().call("private/buy", order);
			const opened = Date.now();
			const chatter = setInterval(() => void link.levers["announceMaintenance"]?.({ on: false }), 10);
			await wait(60_000);
			clearInterval(chatter);
			expect(ended?.aborted).toBe(false);
			// 12 s to the first probe and 10.6 s to each later one: 12, 22.6, 33.2, 43.8, 54.4.
			expect(answers()).toHaveLength(5);
			const due = [12_000, 22_600, 33_200, 43_800, 54_400];
			for (const [index, at] of answers().entries()) expect(at - opened - (due[index] ?? 0)).toBeLessThan(5_000);
			expect(venue.orders()).toMatchObject([{ state: "open" }]);
			await session.close("keep");
			await close();
		},
		90_000,
	);

	it("answers that do not arrive end in 4000 and a cancel, and a new connection is armed: all of it in the record", async () => {
		const { line, WebSocket } = cuttable();
		const { venue, session, close } = await stage({ WebSocket });
		const keeper = keepalive([session]);
		const records: StatusRecord[] = [];
		keeper.onStatus((record) => records.push(record));
		await keeper.ready({ timeoutMs: 10_000 });
		const first = session.requireArmed();
		await first.call("private/buy", order);
		line.cut = true;
		await until(() => venue.orders()[0]?.state === "cancelled", 30_000);
		await until(() => session.losses[0]?.why === "heartbeat", 5_000);
		await until(() => keeper.snapshot()["deribit"]?.status.state === "alive", 10_000);
		expect(first.ended.reason).toMatchObject({ why: "heartbeat", closeCode: 4000, cancelOnDisconnectFired: "likely" });
		const [cancelled] = venue.orders();
		expect(cancelled).toMatchObject({ cancelReason: "cancel_on_disconnect" });
		expect(session.losses).toMatchObject([
			{ why: "heartbeat", cancelOnDisconnectFired: "likely", orderIds: [cancelled?.id] },
		]);
		const told = records.map(({ status }) =>
			"protection" in status ? [status.state, status.protection.state] : [status.state],
		);
		expect(told).toEqual([
			["opening"],
			["alive", "armed"],
			["late", "unknown"],
			["lost", "unknown"],
			["waiting"],
			["opening"],
			["alive", "armed"],
		]);
		// Never called armed when the venue had cancelled: the exposure covers it.
		const lost = records.find(({ status }) => status.state === "lost");
		expect(lost?.at ?? 0).toBeLessThanOrEqual((cancelled?.cancelledAt ?? 0) + 100);
		expect((cancelled?.cancelledAt ?? 0) - (cancelled?.placedAt ?? 0)).toBeLessThanOrEqual(
			session.exposure.networkDeathMs,
		);
		expect(session.requireArmed()).not.toBe(first);
		expect(venue.truth().connections).toMatchObject([{ armed: true, heartbeatSeconds: 10 }]);
		expect(keeper.snapshot()["deribit"]?.tally).toMatchObject({ losses: 1, recoveries: 1 });
		await keeper.stop({ orders: "keep" });
		await close();
	}, 90_000);

	it("a venue that gives up before we do is heard: the record says 4000 and names the orders (its seconds tenfold short)", async () => {
		const { line, WebSocket } = cuttable();
		const { venue, session, close } = await stage({ WebSocket }, { heartbeatSecondMs: 100 });
		const keeper = keepalive([session], { backoff: { baseMs: 100 } });
		const records: StatusRecord[] = [];
		keeper.onStatus((record) => records.push(record));
		await keeper.ready({ timeoutMs: 10_000 });
		await session.requireArmed().call("private/buy", order);
		line.cut = true;
		await until(() => venue.orders()[0]?.state === "cancelled", 10_000);
		await until(() => keeper.snapshot()["deribit"]?.tally.recoveries === 1, 10_000);
		expect(venue.orders()).toMatchObject([{ cancelReason: "cancel_on_disconnect" }]);
		const lost = records.find(({ status }) => status.state === "lost")?.status;
		expect(lost).toMatchObject({
			cause: { message: expect.stringMatching(/test_request was not answered.*4000.*probably cancelled: SIM-1$/) },
		});
		expect(records.map(({ status }) => status.state).join()).toMatch(/alive,(late,)?lost,waiting,opening,alive$/);
		expect(session.losses).toMatchObject([{ why: "heartbeat", orderIds: ["SIM-1"] }]);
		expect(session.requireArmed()).toBe(session.handle);
		await keeper.stop({ orders: "keep" });
		await close();
	}, 90_000);

	it("a program that computes for 3 s while the venue probes loses nothing: the answer goes out when it is free", async () => {
		const { venue, url, answers, close } = await stage();
		// No beats: the probe comes 12 s after the order, into the block.
		const [outcome, worker] = await runBlocked({ url, kept: false, beforeMs: 10_500, blockMs: 3_000, afterMs: 1_000 });
		expect(outcome).toMatchObject({ ended: false, sameHandle: true, losses: 0 });
		expect(answers()).toHaveLength(1);
		expect(answers()[0]).toBeGreaterThanOrEqual(outcome.freedAt);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(venue.truth().connections).toMatchObject([{ armed: true }]);
		await worker.terminate();
		await close();
	}, 90_000);

	it("a kept program that computes for 3 s when a beat is due is alive afterwards, over the same connection", async () => {
		const { venue, url, close } = await stage();
		const [outcome, worker] = await runBlocked({ url, kept: true, beforeMs: 5_000, blockMs: 3_000, afterMs: 2_000 });
		expect(outcome).toMatchObject({
			ended: false,
			sameHandle: true,
			losses: 0,
			status: { status: { state: "alive", protection: { state: "armed" } }, tally: { losses: 0 } },
		});
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(venue.truth().connections).toMatchObject([{ armed: true, heartbeatSeconds: 10 }]);
		await worker.terminate();
		await close();
	}, 90_000);
});
