import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { keepalive } from "../../keepalive/src/keeper.ts";
import { leaderSession } from "../../keepalive/src/leader/index.ts";
import { callsOf, scripted } from "../../keepalive/src/testing/scripted-session.ts";
import { kubernetesLeaderStore } from "./index.ts";
import { KubernetesApi } from "./testing/kubernetes-api.ts";
import { type PodFiles, podFiles } from "./testing/pod-files.ts";

const ttlMs = 5_000;
const pollMs = 1_000;
const timeout = 30_000;

let api: KubernetesApi;
let pod: PodFiles;
beforeAll(async () => {
	api = await KubernetesApi.start();
	pod = podFiles(api, "planted-token", "trading");
});
afterAll(async () => {
	pod[Symbol.dispose]();
	await api.close();
});
const children: ChildProcess[] = [];
afterEach(() => {
	for (const child of children.splice(0)) child.kill("SIGKILL");
	api.delete("trading", "keepalive-venue");
});

/** Starts a keeper with its own store in this process, like a keeper in another pod. */
function startKeeper() {
	const session = scripted();
	const store = kubernetesLeaderStore({ url: api.url, serviceAccountFolder: pod.folder });
	const keeper = keepalive([leaderSession(session, { store, ttlMs, pollMs })]);
	const seen: string[] = [];
	keeper.onStatus(({ status, epoch = 0 }) => seen.push(`${status.state} ${epoch}`));
	const sees = (state: string) => vi.waitFor(() => expect(seen).toContain(state), { timeout });
	return { session, keeper, seen, sees, stop: () => keeper.stop({ orders: "keep" }) };
}

/** Starts a keeper in a separate process. */
function startProcess() {
	const program = join(import.meta.dirname, "testing/leader-program.ts");
	const child = spawn(process.execPath, [program, pod.folder, String(ttlMs)], {
		env: { ...process.env, ...pod.env },
		stdio: ["ignore", "pipe", "inherit"],
		timeout: 60_000,
	});
	children.push(child);
	const lines: string[] = [];
	child.stdout.setEncoding("utf8").on("data", (text: string) => lines.push(...text.trim().split("\n")));
	const says = (line: string) => vi.waitFor(() => expect(lines).toContain(line), { timeout });
	const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
	return { child, lines, says, ended };
}

describe("leaderSession on Leases", () => {
	it("leaderSession opens the session in one of two keepers, and in the other keeper as soon as the first has stopped", async () => {
		const a = startKeeper();
		await a.sees("alive 1");
		const b = startKeeper();
		await b.sees("standby 0");
		expect([a.keeper.isArmed("venue"), b.keeper.isArmed("venue"), callsOf(b.session)]).toEqual([true, false, []]);
		await a.stop();
		const released = api.received.findLast(({ method }) => method === "PUT");
		expect(released?.body).toContain('"holderIdentity":""');
		await b.sees("alive 2");
		await b.stop();
		expect(api.lease("trading", "keepalive-venue")?.spec).toMatchObject({ holderIdentity: "", leaseTransitions: 2 });
	});

	it("leaderSession opens the session in another process after the leader's process was suspended, and the leader is not armed when it resumes", async () => {
		const earlier = api.received.length;
		const puts = () => api.received.slice(earlier).filter(({ method }) => method === "PUT");
		const a = startProcess();
		await a.says("alive 1 true");
		const b = startKeeper();
		await b.sees("standby 0");
		const before = puts().length;
		await vi.waitFor(() => expect(puts().length).toBeGreaterThan(before), { timeout });
		a.child.kill("SIGSTOP");
		await b.sees("alive 2");
		const took = puts().find(({ body }) => body.includes('"leaseTransitions":2'))?.atMs ?? Number.NaN;
		const renewed = puts().findLast(({ body }) => body.includes('"leaseTransitions":1'))?.atMs ?? Number.NaN;
		expect(took - renewed).toBeGreaterThanOrEqual(ttlMs);
		// The leader expires at most two polls later than ttlMs after its renewal: one poll to see the renewal, one to find the Lease
		// expired. The other five seconds are a margin for a busy machine.
		expect(took - renewed).toBeLessThan(ttlMs + 2 * pollMs + 5_000);
		a.lines.length = 0;
		a.child.kill("SIGCONT");
		await vi.waitFor(() => expect(a.lines.some((line) => line.startsWith("standby"))).toBe(true), { timeout });
		expect(a.lines.filter((line) => line.endsWith("true"))).toEqual([]);
		await b.stop();
		await a.says("alive 3 true");
		// The process exits after SIGTERM, because idle connections do not keep it running.
		a.child.kill("SIGTERM");
		expect(await a.ended).toBe(0);
	});

	it("leaderSession is standby after the API server has refused its token, and shows the refusal as the cause", async () => {
		const b = startKeeper();
		await b.sees("alive 1");
		api.removeToken("planted-token");
		await vi.waitFor(() => expect(b.keeper.current("venue").status.state).toBe("standby"), { timeout });
		expect(b.keeper.isArmed("venue")).toBe(false);
		expect(b.keeper.current("venue").status).toMatchObject({
			cause: { message: expect.stringContaining("401 Unauthorized") },
		});
		api.addAccount("planted-token", "trading");
		await b.stop();
	});
});
