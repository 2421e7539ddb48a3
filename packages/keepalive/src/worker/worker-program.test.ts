import { describe, expect, it } from "vitest";
import { isKeeperLimits, type KeeperLimits, type WorkerDeath, workerInput } from "./index.ts";
import { armedStage, clientSecret, stage, until, wait } from "./testing/start-worker-keeper.ts";

/** A logger that keeps what it receives. */
function recorder() {
	const lines: { readonly level: string; readonly message: string; readonly fields: unknown }[] = [];
	const log = (level: string) => (message: string, fields?: unknown) => void lines.push({ level, message, fields });
	return { lines, logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") } };
}

describe("a program with a WorkerKeeper", () => {
	it("a program passes the value of the option data to each worker, which gets a copy", async () => {
		const data = { sessions: [{ name: "a" }], since: new Date(0) };
		const { keeper } = await armedStage({ data, restart: {} });
		expect(await keeper.call("input")).toEqual(data);
		keeper.call("exit", 1).catch(() => undefined);
		await until(() => keeper.current("deribit").tally.recoveries === 1, 20_000);
		expect(await keeper.call("input")).toEqual(data);
	});

	it("workerInput() throws outside of a worker", () => {
		expect(() => workerInput()).toThrow("workerInput() failed: it must be called in a worker");
	});

	it("a program's logger receives what the keeper in the worker logs, without secrets", async () => {
		const { lines, logger } = recorder();
		const { keeper } = await stage({ logger });
		await keeper.ready();
		await until(() => lines.some(({ message }) => message === "deribit: alive"), 20_000);
		expect(lines).toContainEqual({
			level: "info",
			message: "deribit: opening",
			fields: { session: "deribit", status: { state: "opening", attempt: 1 } },
		});
		expect(lines.some(({ level }) => level === "debug")).toBe(true);
		expect(JSON.stringify(lines)).not.toContain(clientSecret);
	});

	it("a logger that throws ends neither the program nor the worker", async () => {
		const fail = (): never => {
			throw new Error("full");
		};
		const { keeper } = await armedStage({ logger: { debug: fail, info: fail, warn: fail, error: fail } });
		expect(keeper.isArmed("deribit")).toBe(true);
	});

	it("the option `limits` makes a keeper count what an earlier run of the program has used of the venue's limits", async () => {
		const said: KeeperLimits[] = [];
		const { keeper } = await armedStage({ onLimitsUsed: (limits) => said.push(limits) });
		await until(() => (said.at(-1)?.["deribit"]?.used?.["connections"]?.made.length ?? 0) > 0, 20_000);
		await keeper.stop({ orders: "cancel" });
		const before = JSON.parse(JSON.stringify(said.at(-1)));
		expect(before.deribit.openingsUntil).toBeGreaterThan(Date.now() + 50_000);
		expect(isKeeperLimits(before)).toBe(true);
		// The earlier run has opened the session once, so one of two openings is left; if that run was killed, none is left.
		const { keeper: second } = await armedStage({ limits: { sessions: before } }, { openings: 2 });
		expect(second.current("deribit").tally.losses).toBe(0);
		const { keeper: third } = await stage({ limits: { sessions: before, wasKilled: true } }, { openings: 2 });
		await until(() => third.current("deribit").status.state === "waiting", 20_000);
		expect(third.current("deribit").status).toMatchObject({ why: "restart-limit" });
	});

	it("the option `limits` with the value used-up lets no session open before the wait of every limit has passed", async () => {
		const { keeper, venue } = await stage({ limits: "used-up" });
		await until(() => keeper.current("deribit").status.state === "waiting", 20_000);
		const { status } = keeper.current("deribit");
		expect(status).toMatchObject({
			why: "restart-limit",
			cause: {
				name: "LimitsUnknown",
				message: expect.stringMatching(/^it is not known how much .* as if all were used up$/),
			},
		});
		// The longest wait is that of the limit on connections.
		const waitMs = status.state === "waiting" ? status.until - Date.now() : 0;
		expect(waitMs).toBeGreaterThan(270_000);
		expect(waitMs).toBeLessThanOrEqual(300_000);
		expect(venue.received).toEqual([]);
	});

	it("with the option `limits`, the next run of the program continues a wait that the venue asked for", async () => {
		let said: KeeperLimits = {};
		const { keeper, venue } = await armedStage({
			onLimitsUsed: (limits) => {
				said = limits;
			},
		});
		venue.faults.maintenance({ on: true });
		await until(() => said["deribit"]?.venueWait !== undefined, 20_000);
		await keeper.stop({ orders: "cancel" });
		const until1 = said["deribit"]?.venueWait?.until ?? 0;
		const { keeper: second } = await stage({ limits: { sessions: said } });
		await until(() => second.current("deribit").status.state === "waiting", 20_000);
		const { status } = second.current("deribit");
		expect(status).toMatchObject({ why: "venue", cause: said["deribit"]?.venueWait?.cause });
		expect(status.state === "waiting" && status.until).toBeGreaterThanOrEqual(until1 - 10);
	});

	it("onWorkerDeath() reports the time until the next worker, even if the limit of restarts delays that worker", async () => {
		const deaths: WorkerDeath[] = [];
		const { keeper } = await armedStage({
			restart: { burst: 1, everyMs: 600_000 },
			onWorkerDeath: (death) => deaths.push(death),
		});
		keeper.call("exit", 5).catch(() => undefined);
		await until(() => keeper.current("deribit").tally.recoveries === 1, 20_000);
		keeper.call("exit", 6).catch(() => undefined);
		await until(() => deaths.length === 2, 20_000);
		expect(deaths.map(({ error }) => error.message)).toEqual([
			"@x/keepalive: the worker ended with exit code 5.",
			"@x/keepalive: the worker ended with exit code 6.",
		]);
		expect(deaths[0]?.restartInMs).toBe(100);
		expect(deaths[1]?.restartInMs).toBeGreaterThan(500_000);
		expect(keeper.workerSilentMs).toBeUndefined();
	});

	it.each([
		[
			"throw",
			() => {
				throw new Error("a broken callback");
			},
		],
		["reject", () => Promise.reject(new Error("a broken callback"))],
	])("a program logs a warning for each callback that %ss, and its sessions go on", async (_how, callback) => {
		const warnings: string[] = [];
		const ignore = (): void => undefined;
		const logger = { debug: ignore, info: ignore, warn: (text: string) => void warnings.push(text), error: ignore };
		const { keeper } = await armedStage({ restart: {}, logger, onLimitsUsed: callback, onWorkerDeath: callback });
		keeper.call("exit", 5).catch(() => undefined);
		await until(() => keeper.current("deribit").tally.recoveries === 1, 20_000);
		expect(warnings).toContain("onLimitsUsed() failed: a broken callback");
		expect(warnings).toContain("onWorkerDeath() failed: a broken callback");
	});

	it("onWorkerDeath() gets no restartInMs if no other worker is started, and is not called when stop() ends the worker", async () => {
		const deaths: WorkerDeath[] = [];
		const onWorkerDeath = (death: WorkerDeath): number => deaths.push(death);
		const { keeper: stopped } = await armedStage({ onWorkerDeath });
		await stopped.stop({ orders: "cancel" });
		const { keeper } = await armedStage({ onWorkerDeath });
		await keeper.call("exit", 5).catch(() => undefined);
		expect(deaths).toMatchObject([{ error: { kind: "worker" } }]);
		expect(deaths[0]).not.toHaveProperty("restartInMs");
	});

	it("the tally of a WorkerKeeper includes beats that change no status, and the beats of earlier workers", async () => {
		const { keeper } = await armedStage({ restart: {} });
		const { beats, lastBeatAt = 0 } = keeper.current("deribit").tally;
		await until(() => keeper.current("deribit").tally.beats > beats, 20_000);
		expect(keeper.current("deribit").tally.lastBeatAt).toBeGreaterThan(lastBeatAt);
		const before = keeper.current("deribit").tally.beats;
		keeper.call("exit", 1).catch(() => undefined);
		await until(() => keeper.current("deribit").tally.recoveries === 1, 20_000);
		expect(keeper.current("deribit").tally.beats).toBeGreaterThan(before);
	});

	it("verifiedAt is the time of the venue's last confirmation of the protection; only some beats ask for a confirmation", async () => {
		const { keeper, venue } = await armedStage({}, { verifyMs: 5_000 });
		const verifiedAt = (): number => {
			const { status } = keeper.current("deribit");
			return status.state === "alive" && status.protection.state === "armed" ? status.protection.verifiedAt : 0;
		};
		const readBacks = (): number =>
			venue.received.filter(({ method }) => method === "private/get_cancel_on_disconnect").length;
		const [first, beats, asked] = [verifiedAt(), keeper.current("deribit").tally.beats, readBacks()];
		await until(() => keeper.current("deribit").tally.beats > beats, 20_000);
		if (readBacks() === asked) expect(verifiedAt()).toBe(first);
		await until(() => verifiedAt() > first, 20_000);
		expect(readBacks()).toBeGreaterThan(asked);
		expect(verifiedAt()).toBeLessThanOrEqual(Date.now());
	});

	it("workerSilentMs is the time for which the worker's event loop has not run", async () => {
		const { keeper } = await armedStage();
		expect(keeper.workerSilentMs).toBeLessThan(500);
		await keeper.call("burnSoon", 2_000);
		await wait(1_500);
		expect(keeper.workerSilentMs).toBeGreaterThan(1_000);
	});
});
