import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../testing/run.ts";

/** The folder with the registry, compilers and checkers. */
const toolsFolder = join(import.meta.dirname, "tools");

/** Path of a tool's command. */
export function tool(path: string): string {
	return join(toolsFolder, "node_modules", path);
}

/** A runtime. */
export interface Runtime {
	readonly name: string;
	/** The npm package of the runtime, with an exact version. */
	readonly from: string;
	/** The command and the arguments before the program. */
	readonly command: (folder: string) => readonly string[];
}

const bin = (folder: string, name: string): string => join(folder, "node_modules/.bin", name);

export const runtimes: readonly Runtime[] = [
	{ name: "Node 22", from: "node@22.23.3", command: (folder) => [bin(folder, "node"), "--no-warnings"] },
	{ name: "Node 24", from: "node@24.21.0", command: (folder) => [bin(folder, "node")] },
	{ name: "Node 26", from: "node@26.10.0", command: (folder) => [bin(folder, "node")] },
	{ name: "Bun", from: "bun@1.4.5", command: (folder) => [bin(folder, "bun"), "run"] },
	{
		name: "Deno",
		from: "deno@2.9.4",
		command: (folder) => [bin(folder, "deno"), "run", "--quiet", "--no-check", "--node-modules-dir=manual", "-A"],
	},
];

/** Where a runtime is installed. */
export function runtimeFolder({ from }: Runtime): string {
	return join(toolsFolder, "node_modules/.runtimes", from);
}

/** Installs the tools by their lockfile, and the runtimes, once. */
export async function installTools(): Promise<void> {
	if (!existsSync(join(toolsFolder, "node_modules/.package-lock.json"))) {
		console.log("installing the tools");
		await npm(toolsFolder, "ci", "--ignore-scripts");
	}
	for (const runtime of runtimes) {
		const folder = runtimeFolder(runtime);
		if (existsSync(join(folder, "node_modules/.package-lock.json"))) continue;
		console.log(`installing ${runtime.from}`);
		mkdirSync(folder, { recursive: true });
		// Their install scripts fetch this platform's binary from the same registry.
		const allowScripts = { node: true, bun: true, deno: true };
		writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "runtime", private: true, allowScripts }));
		await npm(folder, "install", runtime.from);
	}
}

async function npm(cwd: string, ...args: string[]): Promise<void> {
	const { code, stderr } = await run("npm", [...args, "--no-audit", "--no-fund"], { cwd, timeoutMs: 300_000 });
	if (code !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${stderr}`);
}
