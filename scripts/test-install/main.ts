/**
 * Publishes every package to a registry on 127.0.0.1, installs them as users do, and runs programs on every runtime.
 *
 *   node main.ts            prints tables of the results; fails when anything failed
 *   node main.ts --write    also writes the tables to docs/runtimes.md
 *
 * Needs built packages, and the npm registry for the tools. Takes some minutes.
 */
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PostgresServer, postgresFolder } from "../../packages/keepalive-postgres/src/testing/postgres-server.ts";
import { checkAgent } from "./check-agent.ts";
import { checkBrowser } from "./check-browser.ts";
import { checkTypes } from "./check-types.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { type Program, runEverywhere } from "./run-on-every-runtime.ts";
import { installTools } from "./runtimes.ts";
import { type Row, row, table, writePage } from "./runtimes-page.ts";
import { checkTarballs, packAll } from "./tarballs.ts";
import { install, type Project } from "./test-project.ts";

const clients: readonly { readonly name: string; readonly program: Program }[] = [
	{ name: "deribit-session", program: { file: "examples/deribit.mjs", says: "armed" } },
	{ name: "ibkr-session", program: { file: "examples/ibkr.mjs", says: "the session is alive" } },
	{ name: "bybit-dcp", program: { file: "examples/bybit.mjs", says: "acknowledged" } },
];
const one: Program = { file: "examples/keepalive.mjs", says: "armed" };
const worker: Program = {
	file: "examples/worker.mjs",
	beside: ["examples/worker-sessions.mjs"],
	says: "after three blocked seconds: armed",
};
const three: Program = { file: "examples/three-venues.mjs", says: "ibkr alive", until: "ibkr alive" };
const gate: Program = { file: "examples/gate.mjs", says: "gated" };
const oauth: Program = { file: "examples/ibkr-oauth.mjs", says: "tickle: live" };
const served: Program = {
	file: "examples/serve-deribit.mjs",
	env: { VENUE_PORT: "0", CONTROL_PORT: "0" },
	says: "CONTROL_URL=",
	until: "CONTROL_URL=",
};
const plug: Program = { file: "examples/pulled-plug.ts", says: "", test: true };
const required: Program = { file: "scripts/test-install/required.cts", says: "required" };
const tokens: Program = { file: "scripts/check-live-session-tokens.ts", says: "20 of 20" };

async function main(folder: string, registry: Registry): Promise<void> {
	const rows: Row[] = [];
	const tables: string[] = [];
	const report = (title: string, added: readonly Row[]): void => {
		rows.push(...added);
		tables.push(table(title, added));
		console.log(tables.at(-1));
	};
	const tarballs = await packAll(folder);
	for (const tarball of tarballs.values()) await registry.publish(tarball);
	report("The tarballs", await checkTarballs(tarballs));

	const project = (name: string, ...names: string[]): Promise<Project> =>
		install(registry.npmrc, join(folder, name), names);
	const installed: Row[] = [];
	const ran: Row[] = [];
	for (const { name, program } of clients) {
		const made = await project(name, `@x/${name}`);
		installed.push(brought(`@x/${name}`, made, [`@x/${name}`]));
		ran.push(...(await runEverywhere(made, program)));
		if (name === "ibkr-session") ran.push(...(await runEverywhere(made, oauth)));
	}
	const alone = await project("keepalive-one", "@x/keepalive", "@x/deribit-session");
	installed.push(brought("@x/keepalive with Deribit", alone, ["@x/deribit-session", "@x/keepalive"]));
	for (const program of [one, gate, worker]) ran.push(...(await runEverywhere(alone, program)));
	const venues = ["@x/bybit-dcp", "@x/deribit-session", "@x/ibkr-session"];
	const all = await project("keepalive-three", "@x/keepalive", ...venues);
	installed.push(brought("@x/keepalive with all three", all, [...venues, "@x/keepalive"].sort()));
	ran.push(...(await runEverywhere(all, three)), ...(await runEverywhere(all, required)));
	const tested = await project("venue-sims", ...venues, "@x/keepalive", "@x/venue-sims", "@types/node@24.19.2");
	for (const program of [plug, served, tokens]) ran.push(...(await runEverywhere(tested, program)));
	const led = await project("two-machines", "@x/keepalive", "@x/deribit-session", "@x/keepalive-postgres");
	ran.push(...(await runLed(led)));

	const agent = await checkAgent(registry.npmrc, join(folder, "keepalive-agent"));

	report("Installed from the registry into an empty project", installed);
	report("The READMEs' programs and one with `require`, run where they were installed", ran);
	report("The agent, installed from the registry into an empty folder", agent);
	report("In a browser", await checkBrowser(all));
	report("Type-checked by users", await checkTypes(tested));

	const count = (wanted: boolean | undefined): number => rows.filter(({ ok }) => ok === wanted).length;
	const summary = `${count(true)} ok, ${count(false)} failed, ${count(undefined)} not run`;
	console.log(summary);
	if (process.argv.includes("--write")) writePage(summary, tables);
	process.exitCode = count(false) === 0 ? 0 : 1;
}

/** Runs the example program with a leader session on each runtime. No other process competes to be the leader. */
async function runLed(project: Project): Promise<Row[]> {
	const file = "examples/two-machines.mjs";
	if (!postgresFolder) return [{ what: file, ok: undefined, detail: "PostgreSQL is not installed on this machine" }];
	const server = await PostgresServer.start();
	try {
		const env = { LEADER_DATABASE_URL: server.url };
		return await runEverywhere(project, { file, env, says: "may trade", until: "may trade" });
	} finally {
		await server.close();
	}
}

/** Checks that an install has brought only the wanted packages. */
function brought(what: string, { packages, bytes }: Project, wanted: readonly string[]): Row {
	const count = `${packages.length} ${packages.length === 1 ? "package" : "packages"}`;
	const detail = `${count}, ${Math.round(bytes / 1_000)} kB: ${packages.join(", ")}`;
	return row(what, packages.join() === wanted.join() ? undefined : detail, detail);
}

await installTools();
using folder = mkdtempDisposableSync(join(tmpdir(), "install-"));
await using registry = await startRegistry(join(folder.path, "registry"));
await main(folder.path, registry);
