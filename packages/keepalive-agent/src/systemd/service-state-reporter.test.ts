import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { startFastClock } from "../testing/fast-clock.ts";
import { planted, secrets, serveVenues } from "../testing/serve-venues.ts";
import { listenForNotifications, whyNotTested } from "./testing/notify-socket.ts";

// The deadlines in these tests are many seconds long, so the agent and the simulators run on the same faster clock.
startFastClock(2);

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function stage() {
	const venues = await serveVenues();
	closers.push(() => venues.close());
	const socket = await listenForNotifications(venues.folder);
	closers.push(() => socket.close());
	const start = async (file: string, environment: Readonly<Record<string, string>> = {}) => {
		const agent = await startRun(file, { ...secrets, NOTIFY_SOCKET: socket.path, ...environment });
		closers.push(() => agent.kill("SIGKILL"));
		return agent;
	};
	return { ...venues, socket, start };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const names = (variables: readonly string[]) => variables.map((variable) => variable.split("=")[0]);
const why = whyNotTested === undefined ? "" : ` (skipped: ${whyNotTested})`;

describe.skipIf(whyNotTested)(`keepalive run as a service of systemd${why}`, () => {
	it("keepalive run sends READY=1 once every session is armed (at IBKR: alive), and STOPPING=1 when it stops", async () => {
		const { configure, socket, start } = await stage();
		const agent = await start(configure(["deribit", "ibkr"]));
		await socket.until("READY=1");
		expect(await socket.until("STATUS=1 of 1 armed, 1 of 1 alive")).toBe("STATUS=1 of 1 armed, 1 of 1 alive");
		expect(socket.received.filter((variable) => variable === "READY=1")).toHaveLength(1);
		agent.kill("SIGTERM");
		await socket.until("STOPPING=1");
		expect(await agent.ended).toBe(0);
		expect(names(socket.received)).not.toContain("WATCHDOG");
		expect(socket.received.join("\n")).not.toMatch(planted);
	});

	it("keepalive run sends STOPPING=1 when a stop over HTTP begins, not when the stop is finished", async () => {
		const { configure, socket, start, links } = await stage();
		const agent = await start(configure(["deribit"]));
		await socket.until("READY=1");
		// The venue does not answer, so the stop lasts until its deadline.
		links.deribit.halfOpen();
		let isAnswered = false;
		const answer = call(agent.url, "/v1/stop", { body: { orders: "keep" } }).finally(() => {
			isAnswered = true;
		});
		await socket.until("STOPPING=1");
		expect(isAnswered).toBe(false);
		await answer;
		expect(await agent.ended).toBe(0);
		expect(agent.output()).toContain("agent: stopping: stopping the sessions, as asked over HTTP");
	});

	it("while a venue cannot be reached, the service is not ready, names the session in its status, and extends its start timeout", async () => {
		const { configure, socket, start, links } = await stage();
		links.deribit.partition();
		const agent = await start(configure(["deribit", "bybit"]));
		expect(await socket.until("STATUS=1 of 2 armed; hedge: ")).toMatch(
			/^STATUS=1 of 2 armed; hedge: (opening|waiting)/,
		);
		expect(await socket.until("EXTEND_TIMEOUT_USEC=")).toBe("EXTEND_TIMEOUT_USEC=60000000");
		await until(agent.url, "/readyz", 503);
		expect(socket.received).not.toContain("READY=1");
		links.deribit.heal();
		await socket.until("READY=1");
	});

	it("the service stays ready when a session is lost after the start, and shows the loss in its status", async () => {
		const { configure, socket, start, links } = await stage();
		await start(configure(["deribit"]));
		await socket.until("READY=1");
		await socket.until("STATUS=1 of 1 armed");
		const from = socket.received.length;
		links.deribit.partition();
		links.deribit.drop();
		await socket.until("STATUS=0 of 1 armed; hedge: ", from);
		links.deribit.heal();
		await socket.until("STATUS=1 of 1 armed", from);
		expect(names(socket.received.slice(from))).not.toContain("READY");
	});

	it("keepalive run sends WATCHDOG=1 twice within the watchdog's timeout, but not while the session thread is blocked", async () => {
		const { configure, socket, start } = await stage();
		const agent = await start(configure(["deribit"]), { WATCHDOG_USEC: "4000000" });
		await socket.until("READY=1");
		const watched = () => socket.received.filter((variable) => variable === "WATCHDOG=1").length;
		const before = watched();
		await wait(4_000);
		expect(watched() - before).toBeGreaterThanOrEqual(2);
		agent.harm({ blockWorker: 9_000 });
		// Messages that were due before the event loop was blocked may still arrive during this wait.
		await wait(4_000);
		const blocked = watched();
		await wait(4_000);
		expect(watched()).toBe(blocked);
		const from = socket.received.length;
		await socket.until("WATCHDOG=1", from);
	});

	it("keepalive run sends RELOADING=1 and the time at the beginning of a reload, and READY=1 at its end, even if the reload has failed", async () => {
		const { configure, socket, start } = await stage();
		const file = configure(["deribit"]);
		const agent = await start(file);
		await socket.until("READY=1");
		for (const text of [readFileSync(file, "utf8"), "sessions: 7\n"]) {
			writeFileSync(file, text);
			const from = socket.received.length;
			const before = process.hrtime.bigint() / 1_000n;
			agent.kill("SIGHUP");
			await socket.until("READY=1", from);
			expect(names(socket.received.slice(from)).filter((name) => name !== "STATUS")).toEqual([
				"RELOADING",
				"MONOTONIC_USEC",
				"READY",
			]);
			const usec = BigInt((await socket.until("MONOTONIC_USEC=", from)).split("=")[1] ?? "");
			expect(usec).toBeGreaterThanOrEqual(before);
			expect(usec).toBeLessThanOrEqual(process.hrtime.bigint() / 1_000n);
		}
	});

	it("keepalive run sends no WATCHDOG=1 when the watchdog is meant for another process", async () => {
		const { configure, socket, start } = await stage();
		await start(configure(["deribit"]), { WATCHDOG_USEC: "1000000", WATCHDOG_PID: "1" });
		await socket.until("READY=1");
		await wait(1_500);
		expect(names(socket.received)).not.toContain("WATCHDOG");
	});
});

describe("keepalive run without systemd-notify", () => {
	it("keepalive run without systemd-notify warns once that systemd cannot be notified, and keeps the sessions alive", async () => {
		const venues = await serveVenues();
		closers.push(() => venues.close());
		const environment = { ...secrets, NOTIFY_SOCKET: "/nowhere", PATH: venues.folder };
		const agent = await startRun(venues.configure(["deribit"]), environment);
		closers.push(() => agent.kill("SIGKILL"));
		await until(agent.url, "/readyz", 200);
		await agent.wrote("systemd does not receive the agent's state");
		await wait(1_500);
		expect(agent.output().match(/systemd does not receive/g)).toHaveLength(1);
	});
});

describe("keepalive.service", () => {
	const unit = readFileSync(join(import.meta.dirname, "../../systemd/keepalive.service"), "utf8");
	const canVerify = spawnSync("systemd-analyze", ["--version"]).error === undefined;

	it.skipIf(!canVerify)(
		`keepalive.service is accepted by systemd-analyze verify${canVerify ? "" : " (skipped: it is not installed)"}`,
		async () => {
			const venues = await serveVenues();
			closers.push(() => venues.close());
			// The programs of the unit have to exist, because systemd-analyze checks that.
			const file = join(venues.folder, "keepalive.service");
			writeFileSync(file, unit.replace("/usr/local/bin/keepalive", process.execPath));
			const { status, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", file], { encoding: "utf8" });
			expect(stderr.split("\n").filter((line) => line.includes("keepalive"))).toEqual([]);
			expect(status).toBe(0);
		},
	);

	it("keepalive.service does not restart an agent that exits with 2 or 3, because a person has to act", () => {
		expect(unit).toMatch(/^Type=notify$/m);
		expect(unit).toMatch(/^NotifyAccess=all$/m);
		expect(unit).toMatch(/^RestartPreventExitStatus=2 3$/m);
	});
});
