import { Worker } from "node:worker_threads";
import { DeribitVenue, type DeribitVenueOptions, Link, serve } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import { keepalive } from "../../keeper.ts";
import type { StatusRecord } from "../../status/status.ts";
import { type DeribitClientOptions, deribit } from "./index.ts";
import type { BlockedOutcome, BlockedProgram } from "./testing/event-loop-block-program.ts";
import { credentials, neverAborted, order } from "./testing/session-with-venue.ts";

/** Makes a session with the heartbeat interval 10, over a real socket to a simulated venue. */
async function serveStage(client: Partial<DeribitClientOptions> = {}, venueOptions: DeribitVenueOptions = {}) {
	const venue = new DeribitVenue(venueOptions);
	const link = new Link(venue);
	const served = await serve(link);
	const url = `${served.ws}/ws/api/v2`;
	const session = deribit({ client: { url, credentials, ...client }, intervalSeconds: 10 });
	const answers = () => venue.received.filter(({ method }) => method === "public/test").map(({ at }) => at);
	return { venue, link, session, url, answers, close: () => served.close() };
}

/** Runs a program that blocks its event loop, in a worker thread. */
async function runBlocked(program: Omit<BlockedProgram, "credentials">): Promise<[BlockedOutcome, Worker]> {
	const workerData: BlockedProgram = { credentials, ...program };
	const worker = new Worker(new URL("./testing/event-loop-block-program.ts", import.meta.url), { workerData });
	const outcome = await new Promise<BlockedOutcome>((resolve, reject) => {
		worker.once("message", resolve);
		worker.once("error", reject);
	});
	return [outcome, worker];
}

function wait(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

async function until(condition: () => boolean, withinMs: number): Promise<void> {
	const deadline = performance.now() + withinMs;
	while (!condition()) {
		if (performance.now() > deadline) expect.fail(`not within ${withinMs} ms`);
		await wait(50);
	}
}

/**
 * Returns a WebSocket class whose first connection can lose its direction to the venue: then nothing that it sends arrives, not even the
 * close.
 */
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

describe.concurrent("a DeribitSession over a real socket, in real time, with a heartbeat interval of 10 s", () => {
	it("a session stays alive for 36 s while the program does nothing, and its order stays open", async () => {
		const { venue, session, close } = await serveStage();
		const keeper = keepalive([session]);
		const records: StatusRecord[] = [];
		keeper.onStatus((record) => records.push(record));
		await keeper.ready({ timeoutMs: 10_000 });
		const handle = session.requireArmed();
		await handle.call("private/buy", order);
		for (let second = 0; second < 36; second += 1) {
			await wait(1_000);
			expect(keeper.snapshot()["deribit"]?.status).toMatchObject({ state: "alive", protection: { state: "armed" } });
			expect(session.requireArmed()).toBe(handle);
		}
		expect(records.map(({ status }) => status.state)).toEqual(["opening", "alive"]);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(await keeper.stop({ orders: "keep" })).toMatchObject({ deribit: { orders: "kept" } });
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await close();
	});

	it.each<[string, DeribitClientOptions["onNotification"]]>([
		["is idle", undefined],
		["sleeps for 30 s on every frame", () => wait(30_000)],
		[
			"throws on every frame",
			() => {
				throw new Error("user's");
			},
		],
	])("a session survives 36 s without a beat by answering probes, while the program %s", async (_, onNotification) => {
		const { venue, link, session, answers, close } = await serveStage(onNotification ? { onNotification } : {});
		const { ended } = await session.open(neverAborted);
		await session.requireArmed().call("private/buy", order);
		const opened = Date.now();
		const notifications = setInterval(() => void link.faults["announceMaintenance"]?.({ on: false }), 10);
		await wait(36_000);
		clearInterval(notifications);
		expect(ended?.aborted).toBe(false);
		// The venue sends the first probe after 12 s, and a further probe each 10.6 s.
		const due = [12_000, 22_600, 33_200];
		expect(answers()).toHaveLength(due.length);
		for (const [index, at] of answers().entries()) expect(at - opened - (due[index] ?? 0)).toBeLessThan(5_000);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		await session.close("keep");
		await close();
	});

	it("a session is not armed 2.5 s after its connection fell silent, is armed over a new connection within 6 s, and publishes each step", async () => {
		const { venue, link, url, close } = await serveStage();
		const session = deribit({ client: { url, credentials } });
		const keeper = keepalive([session]);
		const records: StatusRecord[] = [];
		keeper.onStatus((record) => records.push(record));
		await keeper.ready({ timeoutMs: 10_000 });
		const first = session.requireArmed();
		await first.call("private/buy", order);
		await wait(3_000);
		const silentAt = performance.now();
		link.halfOpen();
		await until(() => !keeper.isArmed("deribit"), 5_000);
		const unarmedMs = performance.now() - silentAt;
		await until(() => keeper.isArmed("deribit"), 10_000);
		const armedMs = performance.now() - silentAt;
		expect(unarmedMs).toBeLessThanOrEqual(2_500);
		expect(armedMs).toBeLessThanOrEqual(6_000);
		const states = records.map(({ status }) =>
			"protection" in status ? [status.state, status.protection.state] : [status.state],
		);
		// Leaves out the state `alive` with the protection `unknown`: it occurs only if the last ping becomes too old before the keeper
		// publishes the session as late.
		expect(states.filter((state) => state.join() !== "alive,unknown")).toEqual([
			["opening"],
			["alive", "armed"],
			["late", "unknown"],
			["lost", "unknown"],
			["waiting"],
			["opening"],
			["alive", "armed"],
		]);
		const lost = records.find(({ status }) => status.state === "lost")?.status;
		expect(lost).toMatchObject({
			cause: {
				message: expect.stringMatching(/no pong for \d+ ms, while the venue answers over a new connection.*SIM-1\.$/),
			},
		});
		expect(session.requireArmed()).not.toBe(first);
		// The venue notices the dead connection later, within the exposure, and then cancels.
		await until(() => venue.orders()[0]?.state === "cancelled", session.exposure.networkDeathMs);
		expect(session.recovery.losses).toMatchObject([{ why: "silence", orderIds: ["SIM-1"] }]);
		expect(venue.truth().connections).toMatchObject([{ armed: true, heartbeatSeconds: 10 }]);
		await keeper.stop({ orders: "keep" });
		await close();
	});

	it("a session reports close code 4000 and the cancelled orders if the venue closes a silent connection before the session does", async () => {
		const { line, WebSocket } = cuttable();
		const { venue, session, close } = await serveStage({ WebSocket }, { heartbeatSecondMs: 100 });
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
			cause: { message: expect.stringMatching(/test_request was not answered.*4000.*probably cancelled: SIM-1\.$/) },
		});
		expect(records.map(({ status }) => status.state).join()).toMatch(/alive,(late,)?lost,waiting,opening,alive$/);
		expect(session.recovery.losses).toMatchObject([{ why: "heartbeat", orderIds: ["SIM-1"] }]);
		expect(session.requireArmed()).toBe(session.handle);
		await keeper.stop({ orders: "keep" });
		await close();
	});

	it("after the program has blocked its event loop for 3 s, the client still answers a probe before the venue closes the connection", async () => {
		const { venue, url, answers, close } = await serveStage();
		// Without beats, the venue sends a probe 12 s after the order. At that time the program blocks its event loop.
		const [outcome, worker] = await runBlocked({
			url,
			hasKeeper: false,
			beforeMs: 10_500,
			blockMs: 3_000,
			afterMs: 1_000,
		});
		expect(outcome).toMatchObject({ ended: false, sameHandle: true, losses: 0 });
		expect(answers()).toHaveLength(1);
		expect(answers()[0]).toBeGreaterThanOrEqual(outcome.freedAt);
		expect(venue.orders()).toMatchObject([{ state: "open" }]);
		expect(venue.truth().connections).toMatchObject([{ armed: true }]);
		await worker.terminate();
		await close();
	});

	it("a session stays alive over the same connection after the program has blocked its event loop for 3 s while a beat() was due", async () => {
		const { venue, url, close } = await serveStage();
		const [outcome, worker] = await runBlocked({
			url,
			hasKeeper: true,
			beforeMs: 5_000,
			blockMs: 3_000,
			afterMs: 2_000,
		});
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
	});
});
