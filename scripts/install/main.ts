/**
 * Publishes every package to a registry on 127.0.0.1, installs them as users do, and runs programs on every runtime.
 *
 *   node main.ts            prints the tables; fails when anything failed
 *   node main.ts --write    also writes them to docs/runtimes.md
 *
 * Needs built packages, and the npm registry for the tools. Takes some minutes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkBrowser } from "./check-browser.ts";
import { checkRequire } from "./check-require.ts";
import { checkTypes } from "./check-types.ts";
import { type Program, runEverywhere } from "./programs.ts";
import { install, type Project } from "./project.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { print, type Row, type Section, writePage } from "./report.ts";
import { checkTarballs, pack, published } from "./tarballs.ts";
import { installTools } from "./tools.ts";

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
const plug: Program = { file: "examples/pulled-plug.mjs", says: "", test: true };
const tokens: Program = { file: "scripts/install/live-session-tokens.ts", says: "20 of 20" };

async function main(registry: Registry, folder: string): Promise<Section[]> {
	const tarballs = new Map<string, string>();
	for (const name of published) {
		const tarball = await pack(name, folder);
		tarballs.set(`@x/${name}`, tarball);
		await registry.publish(tarball);
	}
	const sections: Section[] = [];
	const told = (title: string, rows: readonly Row[]): void => {
		const section = { title, rows };
		sections.push(section);
		print(section);
	};
	told("The tarballs", await checkTarballs(tarballs));

	const project = (name: string, ...names: string[]): Promise<Project> => install(registry, join(folder, name), names);
	const installed: Row[] = [];
	const ran: Row[] = [];
	for (const { name, program } of clients) {
		const made = await project(name, `@x/${name}`);
		installed.push(brought(`@x/${name}`, made, [`@x/${name}`]));
		ran.push(...(await runEverywhere(made, program)));
	}
	const alone = await project("keepalive-one", "@x/keepalive", "@x/deribit-session");
	installed.push(brought("@x/keepalive with Deribit", alone, ["@x/deribit-session", "@x/keepalive"]));
	ran.push(...(await runEverywhere(alone, one)));
	ran.push(...(await runEverywhere(alone, worker)));
	const venues = ["@x/bybit-dcp", "@x/deribit-session", "@x/ibkr-session"];
	const all = await project("keepalive-three", "@x/keepalive", ...venues);
	installed.push(brought("@x/keepalive with all three", all, [...venues, "@x/keepalive"].sort()));
	ran.push(...(await runEverywhere(all, three)));
	const tested = await project("venue-sims", ...venues, "@x/keepalive", "@x/venue-sims", "@types/node@24.19.2");
	ran.push(...(await runEverywhere(tested, plug)), ...(await runEverywhere(tested, tokens)));

	told("Installed from the registry into an empty project", installed);
	told("The READMEs' programs, run where they were installed", ran);
	told("By `require`", await checkRequire(all));
	told("In a browser", await checkBrowser(all));
	told("Type-checked by users", await checkTypes(tested));
	return sections;
}

/** Checks that an install brought only the packages asked for. */
function brought(what: string, { packages, bytes }: Project, wanted: readonly string[]): Row {
	const ok = packages.join() === wanted.join();
	return {
		what,
		ok,
		detail: `${packages.length} ${packages.length === 1 ? "package" : "packages"}, ${Math.round(bytes / 1_000)} kB: ${packages.join(", ")}`,
	};
}

await installTools();
const folder = mkdtempSync(join(tmpdir(), "install-"));
const registry = await startRegistry(join(folder, "registry"));
try {
	const sections = await main(registry, folder);
	if (process.argv.includes("--write")) writePage(sections);
	const failed = sections.flatMap(({ rows }) => rows).filter(({ ok }) => ok === false);
	console.log(`\n${failed.length} failed`);
	process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
	await registry.close();
	rmSync(folder, { recursive: true, force: true });
}
