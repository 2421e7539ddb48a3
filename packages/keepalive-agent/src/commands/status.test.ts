import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import { startRun, until } from "../testing/agent-process.ts";
import { startFastClock } from "../testing/fast-clock.ts";
import { runMain } from "../testing/run-main.ts";
import { planted, secrets, serveVenues } from "../testing/serve-venues.ts";

// The deadlines in these tests are many seconds long, so the agent and the simulators run on the same faster clock.
startFastClock(2);

let venues: Awaited<ReturnType<typeof serveVenues>>;
let agent: Awaited<ReturnType<typeof startRun>>;
let file: string;
beforeAll(async () => {
	venues = await serveVenues();
	file = venues.configure(["deribit", "ibkr"]);
	// The schema is compiled before the agent starts: while it compiles, the simulators, which run in this process, would answer no ping.
	loadConfig(file, secrets);
	agent = await startRun(file);
	await until(agent.url, "/readyz", 200);
});
afterAll(async () => {
	agent?.kill("SIGKILL");
	await venues.close();
});

const ask = (command: string, ...args: string[]) =>
	runMain([command, "-c", file, "--url", agent.url, ...args], { environment: secrets });

describe("a keepalive command with --url, when the configuration cannot be read", () => {
	const missing = ["-c", join(import.meta.dirname, "no-such-file.yaml")];

	it("keepalive status --url asks the agent even if the configuration cannot be read, and says that the configuration is not used", async () => {
		const { code, out, err } = await runMain(["status", ...missing, "--url", agent.url]);
		expect([code, out.split("\n").length]).toEqual([0, 2]);
		expect(err).toContain("the configuration is not used: ");
		expect(err).toContain("no-such-file.yaml");
	});

	it("keepalive retry --url takes the token from KEEPALIVE_TOKEN if the configuration cannot be read, and exits 2 without that variable", async () => {
		const ask = (environment: Readonly<Record<string, string>>) =>
			runMain(["retry", ...missing, "--url", agent.url, "hedge"], { environment });
		const { code, out } = await ask({ KEEPALIVE_TOKEN: secrets.KEEPALIVE_TOKEN });
		expect([code, out]).toEqual([0, expect.stringContaining("hedge: no attempt is made")]);
		expect(await ask({})).toMatchObject({ code: 2 });
	});
});

describe("keepalive status", () => {
	it("keepalive status needs no secret, prints a line for each session, and exits 0 when every session is ready", async () => {
		const { code, out, err } = await runMain(["status", "-c", file, "--url", agent.url]);
		expect([code, err]).toEqual([0, ""]);
		expect(out.split("\n")).toEqual([
			expect.stringMatching(/^hedge +deribit +ARMED +beat [\d.]+ s ago +read back [\d.]+ s ago +armed: /),
			expect.stringMatching(/^broker +ibkr +alive +beat [\d.]+ s ago +not read back +unsupported: /),
		]);
		expect(out).not.toMatch(planted);
	});

	it("keepalive status prints the answer of the agent as JSON with --json", async () => {
		const { out } = await ask("status", "--json");
		expect(JSON.parse(out)).toMatchObject({ sessions: [{ name: "hedge", armed: true }, { name: "broker" }] });
	});

	it("keepalive status ends without an error message when the reader of its --watch output has closed the pipe", async () => {
		const program = join(import.meta.dirname, "../testing/keepalive-program.ts");
		const args = [program, "status", "-c", file, "--url", agent.url, "--watch"];
		const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"], timeout: 30_000 });
		let err = "";
		child.stderr.on("data", (chunk) => {
			err += chunk;
		});
		child.stdout.once("data", () => child.stdout.destroy());
		const code = await new Promise((resolve) => child.once("close", resolve));
		expect([code, err]).toEqual([0, ""]);
	});

	it("keepalive status --watch asks the agent again and again until it is interrupted", async () => {
		const interrupt = new AbortController();
		const printed: string[] = [];
		const print = (text: string): void => {
			printed.push(text);
			if (printed.length === 2) interrupt.abort();
		};
		const args = ["status", "-c", file, "--url", agent.url, "--watch"];
		const { code } = await runMain(args, { print, interrupted: interrupt.signal, isTerminal: true });
		expect([code, printed.length]).toEqual([0, 2]);
	});

	it("keepalive status exits 1 when no agent can be reached", async () => {
		const { code, err } = await runMain(["status", "-c", file, "--url", "http://127.0.0.1:1"]);
		expect([code, err]).toEqual([1, "no agent can be reached at http://127.0.0.1:1. Is it running?"]);
	});

	it("keepalive status exits 3 when a person has to act, and says what to do", async () => {
		venues.links.ibkr.faults.expireSso({});
		let last = await ask("status");
		while (last.code !== 3) {
			await new Promise((resolve) => setTimeout(resolve, 500));
			last = await ask("status");
		}
		expect(last.out).toMatch(/^broker +ibkr +NOT READY .*To do: Log in at/m);
	});
});

describe("keepalive retry", () => {
	it("keepalive retry asks the agent to open a session now", async () => {
		venues.links.ibkr.faults.login({});
		const { code, out } = await ask("retry", "broker");
		expect(code).toBe(0);
		expect(out).toMatch(/^broker is opened (now|in \d+ s)$/);
	});

	it("keepalive retry says that there is nothing to retry when the session is armed", async () => {
		const out = "hedge: no attempt is made, because its status is: armed: account";
		// On a busy machine a pong may come late, and the session is not armed until the next one.
		await vi.waitFor(async () => expect(await ask("retry", "hedge")).toEqual({ code: 0, out, err: "" }), 10_000);
	});

	it("keepalive retry exits 2 when the named session does not exist", async () => {
		const { code, err } = await ask("retry", "brokr");
		expect(code).toBe(2);
		expect(err).toContain("refused the request: there is no such session (there are hedge, broker)");
	});

	it("keepalive retry exits 2 without a session or without the token", async () => {
		expect((await ask("retry")).code).toBe(2);
		const { code, err } = await runMain(["retry", "-c", file, "broker"]);
		expect([code, err]).toEqual([
			2,
			`${file}:2: http.token needs the environment variable KEEPALIVE_TOKEN, which is not set.`,
		]);
	});

	it.each(["banana", "ftp://127.0.0.1", ""])("keepalive retry exits 2 for the invalid --url %j", async (url) => {
		const { code, err } = await runMain(["retry", "-c", file, "--url", url, "broker"], { environment: secrets });
		expect([code, err]).toEqual([
			2,
			"--url must be an address such as http://127.0.0.1:7300. See keepalive retry --help.",
		]);
	});

	it("keepalive retry exits 1 with a wrong token, and does not show it", async () => {
		const environment = { ...secrets, KEEPALIVE_TOKEN: "planted-wrong" };
		const { code, err } = await runMain(["retry", "-c", file, "--url", agent.url, "broker"], { environment });
		expect(code).toBe(1);
		expect(err).toContain("refused the request: the bearer token is missing or wrong.");
		expect(err).not.toMatch(planted);
	});
});

describe("keepalive stop", () => {
	it("keepalive stop exits 2 unless --orders says what should become of the orders", async () => {
		const { code, err } = await ask("stop");
		expect([code, err]).toEqual([2, "--orders is required (keep or cancel). See keepalive stop --help."]);
		const sell = await ask("stop", "--orders", "sell");
		expect([sell.code, sell.err]).toEqual([
			2,
			'--orders must be keep or cancel, got "sell". See keepalive stop --help.',
		]);
	});

	it("keepalive stop closes one session and says what becomes of its orders", async () => {
		const { code, out } = await ask("stop", "--session", "hedge", "--orders", "keep");
		expect(code).toBe(0);
		expect(out).toMatch(/^hedge: its orders stay in the book: /);
	});

	it("a session that keepalive stop has closed is not opened by keepalive retry, which says how to open it again", async () => {
		const { code, err } = await ask("retry", "hedge");
		expect(code).toBe(1);
		expect(err).toContain("hedge was stopped on request. It is opened again when the agent is started again");
	});

	it("keepalive stop closes all sessions and ends the agent, which exits 0", async () => {
		const { out } = await ask("stop", "--orders", "cancel");
		expect(out).toContain("broker: ");
		expect(await agent.ended).toBe(0);
		expect(agent.output()).not.toMatch(planted);
	});
});
