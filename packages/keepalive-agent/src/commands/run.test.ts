import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { call, spawnRun, startRun, until } from "../testing/agent-process.ts";
import { runMain } from "../testing/run-main.ts";
import { planted, secrets, serveVenues, type VenueOptions } from "../testing/serve-venues.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
});

async function serve(options: VenueOptions = {}) {
	const venues = await serveVenues(options);
	closers.push(() => venues.close());
	return venues;
}

async function start(file: string) {
	const agent = await startRun(file);
	closers.push(() => agent.kill("SIGKILL"));
	return agent;
}

const all = ["deribit", "bybit", "ibkr"] as const;

describe("keepalive run", () => {
	it("keepalive run arms every session, closes them at SIGTERM as configured, logs that as JSON, and exits 0", async () => {
		const { configure, deribit, bybit, ibkr } = await serve();
		const agent = await start(configure(all, "log: { level: debug }\n"));
		await until(agent.url, "/readyz", 200);
		expect(deribit.truth().connections).toMatchObject([{ armed: true }]);
		expect(bybit.truth().DERIVATIVES).toMatchObject({ state: "armed", liveConnections: 1 });
		expect(ibkr.truth()).toMatchObject({ brokerage: "live" });
		const seen = await Promise.all(
			["/livez", "/readyz", "/metrics", "/v1/sessions"].map((path) => call(agent.url, path)),
		);
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		expect(agent.output()).toContain("hedge has stopped; its orders stay in the book");
		expect(deribit.received.at(-1)?.method).toBe("private/logout");
		const lines = agent.output().trim().split("\n");
		// Each line is JSON with a level and a message.
		expect(lines.map((line) => typeof JSON.parse(line).msg)).toEqual(lines.map(() => "string"));
		for (const text of [agent.output(), ...seen.map((each) => each.text)]) expect(text).not.toMatch(planted);
	});

	it("keepalive run exits at once at a second signal, and leaves the protection armed", async () => {
		const { configure, deribit, links } = await serve();
		const agent = await start(configure(["deribit"]));
		await until(agent.url, "/readyz", 200);
		links.deribit.halfOpen();
		agent.kill("SIGINT");
		await agent.wrote("SIGINT: stopping the sessions");
		// Two signals within half a second count as one request, so the second signal is sent later.
		await new Promise((resolve) => setTimeout(resolve, 600));
		agent.kill("SIGINT");
		expect(await agent.ended).toBe(130);
		expect(deribit.received.map(({ method }) => method)).not.toContain("private/disable_cancel_on_disconnect");
	});

	it("keepalive run exits 0 at a SIGTERM while a session connects", async () => {
		const { configure, links } = await serve();
		links.deribit.partition();
		const agent = await start(configure(["deribit"]));
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
	});

	it("keepalive run shuts down cleanly, with exit code 0, at a SIGTERM that comes while the agent starts", async () => {
		const { configure, folder } = await serve();
		const agent = spawnRun(configure(["deribit"]));
		closers.push(() => agent.kill("SIGKILL"));
		agent.listening.catch(() => undefined);
		// The state file is written right before the thread that runs the sessions is started.
		while (!existsSync(join(folder, "keepalive.state.json"))) await new Promise((resolve) => setTimeout(resolve, 1));
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		expect(JSON.parse(readFileSync(join(folder, "keepalive.state.json"), "utf8"))).toMatchObject({ ended: true });
	});

	it("keepalive run reports that it is live (/livez) but not ready (/readyz) while a venue cannot be reached", async () => {
		const { configure, links } = await serve();
		const agent = await start(configure(["deribit"]));
		await until(agent.url, "/readyz", 200);
		links.deribit.partition();
		links.deribit.drop();
		expect(JSON.parse(await until(agent.url, "/readyz", 503))).toMatchObject({ notReady: [{ name: "hedge" }] });
		expect((await call(agent.url, "/livez")).status).toBe(200);
	});

	describe.runIf(process.platform === "linux")("with a log that cannot be written", () => {
		const fullDisk = (): number => openSync("/dev/full", "w");
		/** A pipe that is full, and whose reader reads nothing. */
		const stuckPipe = (folder: string): number => {
			const path = join(folder, "log.pipe");
			execFileSync("mkfifo", [path]);
			const reader = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
			closers.push(() => closeSync(reader));
			try {
				for (;;) writeSync(reader, Buffer.alloc(4_096));
			} catch {
				// The write failed, because the pipe is full now.
			}
			return openSync(path, "w");
		};
		const startWith = async (stdout: (folder: string) => number) => {
			const { configure, deribit, links, folder } = await serve();
			const fd = stdout(folder);
			const agent = spawnRun(configure(["deribit"]), secrets, [], 20_000, fd);
			closeSync(fd);
			closers.push(() => agent.kill("SIGKILL"));
			agent.listening.catch(() => undefined);
			while (deribit.truth().connections[0]?.armed !== true) await new Promise((resolve) => setTimeout(resolve, 20));
			return { agent, links };
		};
		it.each([
			["a full disk", fullDisk, "ENOSPC"],
			["a pipe that nobody reads", stuckPipe, "EAGAIN"],
		])("keepalive run exits 0 at SIGTERM and reports lost lines when its log goes to %s", async (_, stdout, code) => {
			const { agent } = await startWith(stdout);
			agent.kill("SIGTERM");
			expect(await agent.ended).toBe(0);
			expect(agent.output()).toMatch(
				new RegExp(`^the log is incomplete: \\d+ lines could not be written: ${code}$`, "m"),
			);
		});

		it.each([
			["a full disk", fullDisk],
			["a pipe that nobody reads", stuckPipe],
		])("keepalive run exits at once at a second signal when its log goes to %s", async (_, stdout) => {
			const { agent, links } = await startWith(stdout);
			links.deribit.halfOpen();
			agent.kill("SIGTERM");
			// Two signals within half a second count as one request, so the second signal is sent later.
			await new Promise((resolve) => setTimeout(resolve, 1_000));
			agent.kill("SIGTERM");
			expect(await agent.ended).toBe(143);
		});
	});

	it("keepalive run exits 3 when the last session has failed for good", async () => {
		const { configure } = await serve({ deribit: { clientSecret: "another" } });
		const agent = await start(configure(["deribit"]));
		expect(await agent.ended).toBe(3);
		expect(agent.output()).not.toMatch(planted);
	});

	it("keepalive run exits 4 when the thread that runs the sessions cannot be started", async () => {
		const { configure, folder } = await serve();
		const agent = spawnRun(configure(["deribit"]), { ...secrets, BROKEN_KEEPER: "yes" });
		closers.push(() => agent.kill("SIGKILL"));
		agent.listening.catch(() => undefined);
		expect(await agent.ended).toBe(4);
		expect(agent.output()).toContain("the thread that runs the sessions cannot be started: ");
		expect(JSON.parse(readFileSync(join(folder, "keepalive.state.json"), "utf8"))).toMatchObject({ ended: true });
	}, 60_000);

	it("keepalive run exits 2 and starts no session when the port is in use", async () => {
		const { configure, deribit } = await serve();
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
		closers.push(() => other.close());
		// The cast is safe: a server that listens on a TCP port has an address of this type.
		const { port } = other.address() as AddressInfo;
		const file = configure(["deribit"]);
		writeFileSync(file, readFileSync(file, "utf8").replace("port: 0", `port: ${port}`));
		const { code, err } = await runMain(["run", "-c", file], { environment: secrets });
		expect([code, err]).toEqual([
			2,
			`${file}: http cannot listen at 127.0.0.1, port ${port}: EADDRINUSE. Does another agent run?`,
		]);
		expect(deribit.received).toEqual([]);
	});
});
