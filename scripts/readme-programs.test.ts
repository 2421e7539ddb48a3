import { type ChildProcess, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ServedVenues, serveVenues } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KubernetesApi } from "../packages/keepalive-kubernetes/src/testing/kubernetes-api.ts";
import { podFiles } from "../packages/keepalive-kubernetes/src/testing/pod-files.ts";
import { NatsServer, natsProgram } from "../packages/keepalive-nats/src/testing/nats-server.ts";
import { PostgresServer, postgresFolder } from "../packages/keepalive-postgres/src/testing/postgres-server.ts";
import { embedded, readmes } from "./embed-examples-in-readmes.ts";
import { type Finished, repository, run } from "./testing/run-command.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;

// Each program gets new simulators. Like IBKR, the simulator of IBKR counts calls by address, and would block the second program.
let sims: ServedVenues;
beforeEach(async () => {
	sims = await serveVenues();
});
afterEach(() => sims.close());

describe("the programs of the READMEs", () => {
	it("the programs of the READMEs are identical to the files in examples/", () => {
		for (const file of readmes()) {
			const text = readFileSync(file, "utf8");
			expect(embedded(text), file).toBe(text);
			// Every program must be a file in examples/, because no test runs a program that exists only in a README.
			expect(text.match(/```(js|ts|python)\n/g)?.length ?? 0, file).toBe(
				text.match(/<!-- examples\/[\w-]+\.(mjs -->\n```js|ts -->\n```ts|py -->\n```python)\n/g)?.length ?? 0,
			);
			// A program must be in a code block that is named js, ts or python. No test would find a program in a block with another name.
			expect(text, file).not.toMatch(/```(javascript|typescript|tsx|mts|mjs)\n/);
		}
	});

	it.each([
		["deribit", "armed"],
		["ibkr", "alive"],
		["ibkr-oauth", "tickle: live"],
		["bybit", "DERIVATIVES"],
		["keepalive", "armed"],
		["gate", "gated"],
		["worker", "after three blocked seconds: armed"],
	])("examples/%s.mjs runs against the simulators, prints its result and exits", async (name, word) => {
		const env = sims.environment;
		const { code, stdout, stderr } = await run("node", [`examples/${name}.mjs`], { env });
		expect(stderr.replaceAll(/^deribit has stopped; .*\n/gm, "")).toBe("");
		expect(stdout).toContain(word);
		expect(code).toBe(0);
	});

	it("the test in examples/pulled-plug.ts passes, but fails if the order stays open after the disconnect", async () => {
		const passed = await run("node", ["examples/pulled-plug.ts"]);
		expect(passed.stdout).toContain("pass 1");
		expect(passed.code).toBe(0);
		const file = join(repository, "examples/pulled-plug.ts");
		const unarmed = readFileSync(file, "utf8").replace(/.*enable_cancel_on_disconnect.*\n/, "");
		const failed = await run("node", ["--input-type=module-typescript", "--eval", unarmed]);
		expect(failed.stdout).toContain("fail 1");
		expect(failed.code).toBe(1);
	});

	it.runIf(hasPython)(
		"the test in examples/pulled_plug.py passes against serve-deribit.mjs, but fails if the order stays open after the disconnect",
		async () => {
			const program = readFileSync(join(repository, "examples/pulled_plug.py"), "utf8");
			const passed = await runAgainstDeribit(program);
			expect(passed).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Ran 1 test .*\n\nOK$/m) });
			const unarmed = program.replace(/.*enable_cancel_on_disconnect.*\n/, "");
			const failed = await runAgainstDeribit(unarmed);
			expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("'cancelled', 'cancel_on_disconnect'") });
		},
	);

	it.runIf(hasPython)(
		"the test in examples/lost_reply.py passes against serve-deribit.mjs, but fails if the bot sends the order again",
		async () => {
			const program = readFileSync(join(repository, "examples/lost_reply.py"), "utf8");
			const passed = await runAgainstDeribit(program);
			expect(passed).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Ran 1 test .*\n\nOK$/m) });
			const sendsAgain = program.replace("found[0] if found else ", "");
			expect(await runAgainstDeribit(sendsAgain)).toMatchObject({ code: 1 });
		},
	);

	it.each(["SIGINT", "SIGTERM"] as const)("examples/serve-deribit.mjs ends with exit code 0 at %s", async (signal) => {
		const { code, stderr } = await run("node", ["examples/serve-deribit.mjs"], {
			env: { VENUE_PORT: "0", CONTROL_PORT: "0" },
			onOutput: (text, child) => {
				if (text.includes("CONTROL_URL=")) child.kill(signal);
			},
		});
		expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
	});

	it("examples/three-venues.mjs keeps two sessions alive while the third waits for a login, and prints what to do", async () => {
		sims.ibkr.faults["expireSso"]?.({});
		let isInterrupted = false;
		const { code, stdout, stderr } = await run("node", ["examples/three-venues.mjs"], {
			env: sims.environment,
			onOutput: (text, child) => {
				// SIGINT is sent only once, because a second SIGINT ends the program immediately.
				const areAlive = ["deribit alive armed", "bybit alive armed", "ibkr blocked"].every((each) =>
					text.includes(each),
				);
				if (!isInterrupted && areAlive) isInterrupted = child.kill("SIGINT");
			},
		});
		expect(stdout).not.toMatch(/^deribit (lost|leaving|stopped)[\s\S]*ibkr blocked/m);
		expect(stderr).toMatch(/^ibkr is blocked: .*To do: .*log in/im);
		for (const name of ["deribit", "ibkr", "bybit"])
			expect(stderr).toMatch(new RegExp(`^${name} has stopped; .+`, "m"));
		expect(code).toBe(0);
	});

	it.skipIf(!postgresFolder && !process.env["CI"])(
		"examples/two-machines.mjs, started twice, trades in one process, and in the second process once the first has ended",
		async () => {
			const server = await PostgresServer.start();
			try {
				await handOver("two-machines", { LEADER_DATABASE_URL: server.url });
			} finally {
				await server.close();
			}
		},
		60_000,
	);

	it.skipIf(!natsProgram)(
		"examples/two-machines-nats.mjs, started twice, trades in one process, and in the second process once the first has ended",
		async () => {
			const server = await NatsServer.start();
			try {
				await handOver("two-machines-nats", { LEADER_NATS_URL: server.url });
			} finally {
				await server.close();
			}
		},
		60_000,
	);

	it("examples/two-pods.mjs, started twice, trades in one process, and in the second process once the first has ended", async () => {
		const api = await KubernetesApi.start();
		using pod = podFiles(api, "planted-token", "trading");
		try {
			await handOver("two-pods", { ...pod.env, SERVICE_ACCOUNT_FOLDER: pod.folder });
		} finally {
			await api.close();
		}
	}, 60_000);

	it("the programs of the READMEs exit with 1 and say why when the API key is wrong", async () => {
		const env = { ...sims.environment, DERIBIT_CLIENT_SECRET: "wrong-secret" };
		const { code, stdout, stderr } = await run("node", ["examples/keepalive.mjs"], { env });
		expect(code).toBe(1);
		expect(stderr).toMatch(/^deribit has stopped for good: .*invalid_credentials/m);
		expect(stdout + stderr).not.toContain("wrong-secret");
	});
});

/** Runs a program in two processes, ends the first process while it trades, and expects that the second process then trades. */
async function handOver(program: string, leaderEnv: Record<string, string>): Promise<void> {
	const env = { ...sims.environment, ...leaderEnv };
	const start = (onOutput: (text: string, child: ChildProcess) => void): Promise<Finished> =>
		run("node", [`examples/${program}.mjs`], { env, onOutput });
	// SIGINT is sent only once to each process, because a second one ends the program immediately.
	const interrupted = new Set<ChildProcess>();
	const interrupt = (child: ChildProcess): void => {
		if (!interrupted.has(child)) child.kill("SIGINT");
		interrupted.add(child);
	};
	let second: Promise<Finished> | undefined;
	const first = await start((text, leader) => {
		if (!/^may trade/m.test(text)) return;
		second ??= start((said, standby) => {
			if (said.includes("standby")) interrupt(leader);
			if (/^may trade/m.test(said)) interrupt(standby);
		});
	});
	const last = await second;
	expect([first.code, last?.code]).toEqual([0, 0]);
	const epochOf = (text = ""): number => Number(/alive,? epoch (\d+)/.exec(text)?.[1]);
	expect(epochOf(last?.stdout)).toBeGreaterThan(epochOf(first.stdout));
	expect(last?.stdout).toMatch(/may not trade[\s\S]*may trade/);
}

/** Runs a Python program while `serve-deribit.mjs` runs. */
async function runAgainstDeribit(program: string): Promise<Finished | undefined> {
	let running: Promise<Finished> | undefined;
	const server = await run("node", ["examples/serve-deribit.mjs"], {
		env: { VENUE_PORT: "0", CONTROL_PORT: "0" },
		onOutput: (stdout, child) => {
			const lines = stdout.trimEnd().split("\n");
			if (running || lines.length < 3) return;
			const env = Object.fromEntries(lines.map((line) => line.split("=", 2)));
			running = run("python3", ["-c", program], { env }).finally(() => child.kill("SIGTERM"));
		},
	});
	expect(server).toMatchObject({ code: 0, stderr: "" });
	return running;
}
