import { existsSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../../scripts/testing/run-command.ts";

/** The folder into which the compared libraries are installed, separate from the repository's dependencies. */
export const peersFolder = join(import.meta.dirname, "../peers");

/** Installs the compared libraries from their lockfile, if they are not installed yet. */
export async function installPeers(): Promise<void> {
	if (existsSync(join(peersFolder, "node_modules/.package-lock.json"))) return;
	console.log("installing the peers");
	const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
	const { code, stderr } = await run("npm", args, { cwd: peersFolder, timeoutMs: 300_000 });
	if (code !== 0) throw new Error(`could not install the compared libraries:\n${stderr}`);
}
