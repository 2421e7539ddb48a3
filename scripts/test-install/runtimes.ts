import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runOrThrow } from "../testing/run-command.ts";

/** The folder in which the registry, the compilers and the checkers are installed. */
const toolsFolder = join(import.meta.dirname, "tools");

/** The path of a command of an installed tool. */
export function tool(path: string): string {
	return join(toolsFolder, "node_modules", path);
}

/** A JavaScript runtime on which programs are tested. */
export interface Runtime {
	readonly name: string;
	/** The npm package of the runtime, with an exact version. */
	readonly from: string;
	/** Arguments for the runtime, which precede the name of the program. */
	readonly args: readonly string[];
}

export const runtimes: readonly Runtime[] = [
	{ name: "Node 22", from: "node@22.23.3", args: ["--no-warnings"] },
	{ name: "Node 24", from: "node@24.21.0", args: [] },
	{ name: "Node 26", from: "node@26.10.0", args: [] },
	{ name: "Bun", from: "bun@1.4.5", args: ["run"] },
	{
		name: "Deno",
		from: "deno@2.9.4",
		args: ["run", "--quiet", "--no-check", "--node-modules-dir=manual", "-A"],
	},
];

const folderOf = ({ from }: Runtime): string => join(toolsFolder, "node_modules/.runtimes", from);

/** The path of a runtime's command. */
export function runtimeCommand(runtime: Runtime): string {
	return join(folderOf(runtime), "node_modules/.bin", runtime.from.replace(/@.*/, ""));
}

/** Installs the tools as their lockfile says, and the runtimes, unless they are installed already. */
export async function installTools(): Promise<void> {
	if (!existsSync(join(toolsFolder, "node_modules/.package-lock.json"))) {
		console.log("installing the tools");
		await npm(toolsFolder, "ci", "--ignore-scripts");
	}
	for (const runtime of runtimes) {
		const folder = folderOf(runtime);
		if (existsSync(join(folder, "node_modules/.package-lock.json"))) continue;
		console.log(`installing ${runtime.from}`);
		mkdirSync(folder, { recursive: true });
		// The install scripts of these packages must run, because they fetch the platform's binary from the same registry.
		const allowScripts = { node: true, bun: true, deno: true };
		writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "runtime", private: true, allowScripts }));
		await npm(folder, "install", runtime.from);
	}
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
	await runOrThrow("npm", [...args, "--no-audit", "--no-fund"], { cwd, timeoutMs: 300_000 });
}
