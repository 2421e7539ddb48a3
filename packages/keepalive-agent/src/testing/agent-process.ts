import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Fault } from "./program-with-faults.ts";
import { secrets } from "./serve-venues.ts";

const program = join(import.meta.dirname, "program-with-faults.ts");

/** Starts `keepalive run` as a process, and waits until it listens. The parameters are those of {@link spawnRun}. */
export async function startRun(...parameters: Parameters<typeof spawnRun>) {
	const { listening, ...agent } = spawnRun(...parameters);
	return { ...agent, url: await listening };
}

/**
 * Starts `keepalive run` as a process.
 *
 * @param wrapper - a command that replaces itself, by `exec`, with the command in its last arguments.
 * @param lifetimeMs - the process is killed after this many milliseconds. Default: longer than a file of tests takes on a busy machine.
 * @param stdout - a file descriptor for the log of the process. If it is given, `listening` never resolves.
 */
export function spawnRun(
	file: string,
	environment: Readonly<Record<string, string>> = secrets,
	wrapper: readonly string[] = [],
	lifetimeMs = 300_000,
	stdout: "pipe" | number = "pipe",
) {
	const [command = "", ...args] = [...wrapper, process.execPath, program, "run", "-c", file];
	const child = spawn(command, args, {
		env: { ...process.env, ...environment },
		stdio: ["ignore", stdout, "pipe", "ipc"],
		timeout: lifetimeMs,
		killSignal: "SIGKILL",
	});
	let output = "";
	const ended = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
	const listening = new Promise<string>((resolve, reject) => {
		const onData = (chunk: Buffer): void => {
			output += chunk.toString();
			const found = /listening at (http:\S+?)"/.exec(output)?.[1];
			if (found) resolve(found);
		};
		child.stdout?.on("data", onData);
		child.stderr?.on("data", onData);
		child.on("close", (code) => reject(new Error(`keepalive run ended with ${code} before it listened: ${output}`)));
	});
	return {
		/** Resolves with the agent's address once the agent listens. Rejects if the agent ends before that. */
		listening,
		pid: child.pid ?? 0,
		/** Everything that the agent has written to stdout and stderr. */
		output: () => output,
		/** Waits until the agent has written this text. */
		async wrote(text: string): Promise<void> {
			while (!output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 20));
		},
		harm: (fault: Fault) => void child.send(fault),
		kill: (signal: NodeJS.Signals) => child.kill(signal),
		/** Resolves with the exit code. */
		ended,
	};
}

/** Calls the agent's API, with the token unless other headers are given. */
export async function call(
	url: string,
	path: string,
	init: { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> } = {},
) {
	const response = await fetch(`${url}${path}`, {
		...(init.body !== undefined && { method: "POST", body: JSON.stringify(init.body) }),
		headers: {
			"content-type": "application/json",
			authorization: `Bearer ${secrets.KEEPALIVE_TOKEN}`,
			...init.headers,
		},
	});
	return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

/** Reads from the API. Repeats the request once if it fails, because an idle connection may be closed just when it is used. */
export const read = (url: string, path: string) => call(url, path).catch(() => call(url, path));

/** Waits until a call of the API is answered with this status. */
export async function until(url: string, path: string, status: number): Promise<string> {
	for (;;) {
		const answer = await call(url, path);
		if (answer.status === status) return answer.text;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}
