import { join } from "node:path";
import { type Finished, run } from "../testing/run-command.ts";

/** The outcome of an install. It is `skipped` if the network is the problem and not this repository. */
export type Install =
	| { readonly kind: "installed" }
	| { readonly kind: "skipped"; readonly reason: string }
	| { readonly kind: "failed"; readonly reason: string };

/** How many milliseconds an install may take. On an idle machine it takes seconds. */
const timeoutMs = 100_000;

/** Installs the clients in JavaScript into a folder that has their package.json. */
export async function installNode(folder: string, signal: AbortSignal): Promise<Install> {
	const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock", "--fetch-retries=1"];
	return installResult(await run("npm", args, { cwd: folder, timeoutMs, signal, ownGroup: true }));
}

/** Installs the Python clients that the requirements.txt of a folder lists. They are installed into its subfolder `venv`. */
export async function installPython(folder: string, signal: AbortSignal): Promise<Install> {
	const options = { cwd: folder, timeoutMs, signal, ownGroup: true };
	try {
		const made = await run("python3", ["-m", "venv", "venv"], options);
		if (made.code !== 0) return venvResult(made);
	} catch (error) {
		// The cast is safe: an error of `spawn` has a code.
		if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
		return { kind: "skipped", reason: "python3 is not installed" };
	}
	const args = ["-m", "pip", "install", "--quiet", "--retries=1", "--requirement", "requirements.txt"];
	return installResult(await run(pythonOf(folder), args, options));
}

/** The path of the Python interpreter for which the clients are installed. */
export function pythonOf(folder: string): string {
	return join(folder, "venv/bin/python");
}

/** Says whether an install succeeded, failed because the registry could not be reached, or failed for another reason. */
export function installResult({ code, stdout, stderr }: Finished): Install {
	if (code === 0) return { kind: "installed" };
	// The code is null if the process was killed because it took too long.
	if (code === null) return { kind: "skipped", reason: `the registry did not deliver within ${timeoutMs / 1_000} s` };
	const output = `${stdout}\n${stderr}`;
	const cause = networkCause(output);
	if (cause !== undefined) return { kind: "skipped", reason: `the registry cannot be reached (${cause})` };
	return { kind: "failed", reason: `install failed: ${lastLines(output)}` };
}

function venvResult({ code, stdout, stderr }: Finished): Install {
	if (code === null) return { kind: "failed", reason: `python3 -m venv did not end within ${timeoutMs / 1_000} s` };
	const output = `${stdout}\n${stderr}`;
	if (/ensurepip is not available|No module named '?(venv|ensurepip)/.test(output)) {
		return { kind: "skipped", reason: "python3 has no venv" };
	}
	return { kind: "failed", reason: `python3 -m venv failed: ${lastLines(output)}` };
}

/** Why the registry could not be reached, as npm or pip says it; undefined if it could be reached. */
function networkCause(output: string): string | undefined {
	const npm =
		/^npm (?:error|ERR!) code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E50[0234])$/m;
	const pip =
		/NameResolutionError|Temporary failure in name resolution|NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError/;
	// pip reports the network error only in the warnings about each attempt. Its last message says only that it has found no version.
	const pipFoundNothing = /from versions: none|Max retries exceeded/.test(output);
	return npm.exec(output)?.[1] ?? (pipFoundNothing ? pip.exec(output)?.[0] : undefined);
}

function lastLines(output: string): string {
	return output.trim().split("\n").slice(-5).join(" / ");
}
