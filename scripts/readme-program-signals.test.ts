import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type ServedVenues, serveVenues } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import { KubernetesApi } from "../packages/keepalive-kubernetes/src/testing/kubernetes-api.ts";
import { podFiles } from "../packages/keepalive-kubernetes/src/testing/pod-files.ts";
import { NatsServer, natsProgram } from "../packages/keepalive-nats/src/testing/nats-server.ts";
import { PostgresServer, postgresFolder } from "../packages/keepalive-postgres/src/testing/postgres-server.ts";
import { canUnshare, repository } from "./testing/run-command.ts";

/** A program of a README, and what it must print after a signal that asks it to end. */
interface Case {
	readonly program: string;
	readonly says: readonly RegExp[];
	/** Brings the simulators into the state that this case needs. */
	readonly given?: (sims: ServedVenues) => void;
	/** Starts the server of the leader store that the program uses, and returns environment variables with its address. */
	readonly startLeaderServer?: () => Promise<{ env: Record<string, string>; close(): unknown }>;
	/** Whether to skip this case, because the server of the leader store is not installed on this machine. */
	readonly isSkipped?: boolean;
	/** What the program prints last before it ends by itself. A signal that arrives later may kill the process. */
	readonly last?: RegExp;
	/**
	 * Whether to run the tries of this case (one for each delay) one after the other. The simulators run in this process. If all tries
	 * ran at once, the simulators could keep this process so busy that it notices the end of a program too late.
	 */
	readonly isSequential?: boolean;
}

const deribit = /deribit has stopped; .*orders/i;
const cases: readonly Case[] = [
	{ program: "three-venues", says: [deribit, /ibkr has stopped; .*orders/, /bybit has stopped; .*orders/] },
	{
		program: "three-venues",
		says: [deribit, /ibkr has stopped; .*orders/, /bybit has stopped; .*orders/],
		// Nobody is logged in at IBKR, so that its session waits for a person, and the program waits endlessly for all three sessions.
		given: (sims) => sims.ibkr.faults["expireSso"]?.({}),
	},
	{ program: "keepalive", says: [deribit], last: deribit },
	{ program: "gate", says: [deribit] },
	{ program: "worker", says: [deribit], last: deribit },
	{ program: "deribit", says: [/Deribit cancels the orders|were orders cancelled/], last: /were orders cancelled/ },
	{ program: "bybit", says: [/Bybit cancels orders|acknowledged/], last: /acknowledged/ },
	{ program: "ibkr", says: [/IBKR cancels no orders|the session is alive/], last: /the session is alive/ },
	{
		program: "ibkr-oauth",
		says: [/IBKR cancels no orders|tickle: live/],
		last: /tickle: live/,
		isSequential: true,
	},
	{
		program: "two-machines",
		says: [deribit],
		isSkipped: !postgresFolder && !process.env["CI"],
		startLeaderServer: async () => {
			const server = await PostgresServer.start();
			return { env: { LEADER_DATABASE_URL: server.url }, close: () => server.close() };
		},
	},
	{
		program: "two-machines-nats",
		says: [deribit],
		isSkipped: !natsProgram,
		startLeaderServer: async () => {
			const server = await NatsServer.start();
			return { env: { LEADER_NATS_URL: server.url }, close: () => server.close() };
		},
	},
	{
		program: "two-pods",
		says: [deribit],
		startLeaderServer: async () => {
			const api = await KubernetesApi.start();
			const pod = podFiles(api, "planted-token", "trading");
			const close = (): Promise<void> => {
				pod[Symbol.dispose]();
				return api.close();
			};
			return { env: { ...pod.env, SERVICE_ACCOUNT_FOLDER: pod.folder }, close };
		},
	},
];

/**
 * Whether to run all tries: `npm run test:signals` tries each program with ten delays and also as process 1, for which `npm test` has no
 * time.
 */
const isComplete = process.env["TEST_SIGNALS"] === "all";

/**
 * The delays after which the signal is sent, in milliseconds. They count from when the program begins to handle signals. A signal then
 * arrives while the sessions open, when they become ready, or later.
 */
const instantsMs = isComplete ? [0, 10, 30, 60, 100, 200, 350, 600, 1_000, 1_700] : [0, 100, 1_000];

/** The default of the option `stopTimeoutMs`. */
const stopTimeoutMs = 9_000;

/** A module that is loaded before the program. It reports when the program begins to handle signals. */
const reportsHandlers = `data:text/javascript,process.on("newListener",(event)=>{
	if(event==="SIGTERM")process.nextTick(()=>process.stderr.write("[handles signals]\\n"))
})`;

interface Ended {
	readonly code: number | null;
	readonly output: string;
	readonly tookMs: number;
}

async function runUntil(
	env: Record<string, string>,
	program: string,
	signal: NodeJS.Signals,
	afterMs: number,
	isPid1: boolean,
): Promise<Ended> {
	const node = [process.execPath, "--import", reportsHandlers, `examples/${program}.mjs`];
	const [command = "", ...args] = isPid1
		? ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child", ...node]
		: node;
	const child = spawn(command, args, {
		cwd: repository,
		env: { ...process.env, ...env },
		stdio: ["ignore", "pipe", "pipe"],
		timeout: 60_000,
		killSignal: "SIGKILL",
	});
	let output = "";
	let signalledAt = performance.now();
	let isWaiting = false;
	const onOutput = async (chunk: Buffer): Promise<void> => {
		output += chunk;
		if (isWaiting || !output.includes("[handles signals]")) return;
		isWaiting = true;
		await sleep(afterMs);
		signalledAt = performance.now();
		if (isPid1) {
			const inner = childOf(child.pid ?? 0);
			if (inner !== undefined) process.kill(inner, signal);
		} else child.kill(signal);
	};
	child.stdout.on("data", onOutput);
	child.stderr.on("data", onOutput);
	return new Promise((resolve, reject) => {
		child.on("error", reject);
		child.on("close", (code) => resolve({ code, output, tookMs: performance.now() - signalledAt }));
	});
}

/** The id of the only child of a process; undefined once the process has ended. */
function childOf(pid: number): number | undefined {
	const list = `/proc/${pid}/task/${pid}/children`;
	return existsSync(list) ? Number(readFileSync(list, "utf8").trim()) || undefined : undefined;
}

async function check(
	{ program, says, given, startLeaderServer, last, isSequential }: Case,
	signal: NodeJS.Signals,
	isPid1: boolean,
): Promise<void> {
	const leaderServer = await startLeaderServer?.();
	const checkAt = async (afterMs: number): Promise<void> => {
		const sims = await serveVenues();
		given?.(sims);
		const env = { ...sims.environment, ...leaderServer?.env };
		try {
			const { code, output, tookMs } = await runUntil(env, program, signal, afterMs, isPid1);
			const what = `${program}, ${signal} after ${afterMs} ms:\n${output}`;
			const hasEndedItself = code === null && last?.test(output);
			expect(hasEndedItself ? 0 : code, what).toBe(0);
			expect(tookMs, what).toBeLessThan(stopTimeoutMs);
			for (const text of says) expect(output, what).toMatch(text);
			expect(output, what).not.toContain("program failed");
		} finally {
			await sims.close();
		}
	};
	try {
		if (isSequential) for (const afterMs of instantsMs) await checkAt(afterMs);
		else await Promise.all(instantsMs.map(checkAt));
	} finally {
		await leaderServer?.close();
	}
}

const signals = ["SIGINT", "SIGTERM"] as const;
const table = cases
	.filter(({ isSkipped }) => !isSkipped)
	.flatMap((each) =>
		signals.map((signal) => ({ ...each, signal, name: each.program + (each.given ? " (not logged in)" : "") })),
	);

describe(`a program of a README, asked to end after each of ${instantsMs.length} delays`, () => {
	it.each(table)("$name ends at $signal with exit code 0 and says what becomes of the orders", async (each) => {
		await check(each, each.signal, false);
	});

	it.runIf(isComplete && canUnshare()).each(table)(
		"$name ends at $signal with exit code 0 as process 1 of a container",
		async (each) => {
			await check(each, each.signal, true);
		},
	);
});
