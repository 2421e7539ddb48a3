import { rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { serveVenues } from "@x/venue-sims";
import { type Finished, howEnded, run } from "../testing/run-command.ts";
import { freePort, writeAgentConfig } from "../write-agent-config.ts";
import { type Runtime, runtimeCommand, runtimes } from "./runtimes.ts";
import { type Row, row } from "./runtimes-page.ts";
import { install, type Project } from "./test-project.ts";

/** The versions of Node.js that the agent supports. */
const nodes = runtimes.filter(({ name }) => name === "Node 22" || name === "Node 24");
const readyMs = 60_000;

/** Installs the agent into an empty folder, as a user does, and runs its commands against the simulators. */
export async function checkAgent(npmrc: string, folder: string): Promise<Row[]> {
	const project = await install(npmrc, folder, ["@x/keepalive-agent"]);
	const rows = [
		row(
			"@x/keepalive-agent",
			project.withScripts.length > 0
				? `cannot be installed without scripts or a compiler: ${project.withScripts.join(", ")}`
				: undefined,
			`${project.packages.length} packages, ${Math.round(project.bytes / 1_000)} kB, none with an install script`,
		),
	];
	for (const runtime of nodes) {
		const problem = await goThrough(project, runtime);
		rows.push(
			row(`npx keepalive init, check, run, status, stop on ${runtime.name}`, problem, "all as the README says"),
		);
	}
	return rows;
}

/** Runs the agent's commands one after the other. @returns the first problem that a command showed; undefined if there is none. */
async function goThrough({ folder }: Project, runtime: Runtime): Promise<string | undefined> {
	const env = { PATH: [dirname(runtimeCommand(runtime)), process.env["PATH"]].join(delimiter) };
	const keepalive = (...args: string[]): Promise<Finished> =>
		run("npx", ["--no-install", "keepalive", ...args], { cwd: folder, env, timeoutMs: 120_000 });
	const config = join(folder, "keepalive.yaml");
	for (const left of [config, join(folder, "secrets"), join(folder, "keepalive.state.json")]) {
		rmSync(left, { recursive: true, force: true });
	}
	const expected = (what: string, { code, stdout, stderr }: Finished, wanted: number, text: RegExp) =>
		code === wanted && text.test(stdout + stderr)
			? undefined
			: `${what} ${howEnded(code)} (expected ${wanted} and the output ${text}) and printed: ${stdout}${stderr}`;
	const begun =
		expected("init", await keepalive("init"), 0, /keepalive\.yaml is written/) ??
		expected("a second init", await keepalive("init"), 2, /exists already/) ??
		expected("check without secrets", await keepalive("check"), 2, /keepalive\.yaml:\d+: .* which is not set/);
	if (begun !== undefined) return begun;

	await using sims = await serveVenues();
	rmSync(config);
	writeAgentConfig(sims.addresses, folder, await freePort());
	const ended = new AbortController();
	try {
		const checked = expected("check", await keepalive("check"), 0, /^hedge \(deribit\).*ready/m);
		if (checked !== undefined) return checked;
		const agent = run("npx", ["--no-install", "keepalive", "run"], {
			cwd: folder,
			env,
			timeoutMs: 300_000,
			signal: ended.signal,
			ownGroup: true,
		});
		let status = await keepalive("status");
		for (const end = Date.now() + readyMs; status.code !== 0 && Date.now() < end; await sleep(500)) {
			status = await keepalive("status");
		}
		return (
			expected("status", status, 0, /^hedge +deribit +ARMED .* read back /m) ??
			// The exit code must be 3, because IBKR cancels no orders when a session stops, which a person has to know.
			expected("stop", await keepalive("stop", "--orders", "cancel"), 3, /hedge: the venue cancels its orders/) ??
			expected("run", await agent, 0, /"msg":"agent: stopped: every session was stopped on request"/)
		);
	} finally {
		ended.abort();
	}
}
