import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { delimiter, join, resolve } from "node:path";

/** The root folder of the repository. */
export const repository = resolve(import.meta.dirname, "../..");

export interface Finished {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface RunOptions {
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string>>;
	/** Kills the process after this many milliseconds. Default 60 000. */
	readonly timeoutMs?: number;
	/** Kills the process when this signal aborts. */
	readonly signal?: AbortSignal;
	/**
	 * Whether the process gets a process group of its own. Then a kill also ends its child processes, but a Ctrl-C in the terminal does not
	 * reach it. Default false.
	 */
	readonly ownGroup?: boolean;
	/** Called with the complete stdout so far whenever it grows. */
	readonly onOutput?: (stdout: string, child: ChildProcess) => void;
}

/** Runs a command. Its PATH begins with the repository's version of Node.js and the repository's tools. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
	const { cwd = repository, env = {}, timeoutMs = 60_000, signal, ownGroup = false, onOutput } = options;
	const path = [join(repository, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
	const child = spawn(command, args, {
		cwd,
		env: { ...process.env, PATH: path, ...env },
		stdio: ["ignore", "pipe", "pipe"],
		detached: ownGroup,
	});
	const kill = (): void => {
		const isRunning = child.kill("SIGKILL");
		if (isRunning && ownGroup && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
	};
	const timer = setTimeout(kill, timeoutMs);
	if (signal?.aborted) kill();
	signal?.addEventListener("abort", kill);
	const stopWatching = (): void => {
		clearTimeout(timer);
		signal?.removeEventListener("abort", kill);
	};
	let stdout = "";
	let stderr = "";
	child.stdout.on("data", (chunk) => {
		stdout += chunk;
		onOutput?.(stdout, child);
	});
	child.stderr.on("data", (chunk) => {
		stderr += chunk;
	});
	return new Promise((done, reject) => {
		child.on("error", (error) => {
			stopWatching();
			reject(error);
		});
		child.on("close", (code) => {
			stopWatching();
			done({ code, stdout, stderr });
		});
	});
}

/** Says how a process ended, from its exit code. */
export function howEnded(code: number | null): string {
	return code === null ? "was killed by a signal" : `ended with exit code ${code}`;
}

/** Runs a command that has to succeed, and returns its stdout. @throws Error with the output of a command that failed. */
export async function runOrThrow(command: string, args: readonly string[], options?: RunOptions): Promise<string> {
	const { code, stdout, stderr } = await run(command, args, options);
	if (code !== 0) throw new Error(`${command} ${args.join(" ")} ${howEnded(code)}:\n${stdout}${stderr}`);
	return stdout;
}

/** Whether a process on this machine can get its own PID namespace, in which it is process 1, as in a container. */
export function canUnshare(): boolean {
	return spawnSync("unshare", ["--user", "--map-root-user", "--pid", "--fork", "true"]).status === 0;
}
