import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { call, startRun, until } from "../testing/agent-process.ts";
import { planted, secrets, serveVenues } from "../testing/serve-venues.ts";
import { SqliteStore } from "./sqlite-store.ts";

let venues: Awaited<ReturnType<typeof serveVenues>>;
const closers: (() => unknown)[] = [];
beforeEach(async () => {
	venues = await serveVenues({ ibkr: { start: "none" } });
});
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
	await venues.close();
});

type Run = Awaited<ReturnType<typeof startRun>>;

async function start(file: string, wrapper: readonly string[] = []): Promise<Run> {
	const agent = await startRun(file, secrets, wrapper);
	closers.push(async () => {
		agent.kill("SIGKILL");
		await agent.ended;
	});
	return agent;
}

const pause = (ms = 20) => new Promise((resolve) => setTimeout(resolve, ms));
const answer = async (agent: Run, path: string) => JSON.parse((await call(agent.url, path)).text);
const hedge = (agent: Run) => answer(agent, "/v1/sessions/hedge");

async function untilArmed(agent: Run): Promise<void> {
	while (!(await hedge(agent)).armed) await pause();
}

/** Breaks the connection to Deribit, and waits until the session is armed again. */
async function lose(agent: Run): Promise<void> {
	const { losses } = (await hedge(agent)).tally;
	venues.links.deribit.drop();
	for (;;) {
		const { armed, tally } = await hedge(agent);
		if (armed && tally.losses > losses) return;
		await pause();
	}
}

/** Reads every record of a history file. */
async function recordsIn(file: string) {
	const store = new SqliteStore(file);
	const { records } = await store.page({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 100_000 });
	const { repaired } = store;
	await store.close();
	return { repaired, records: records.map((json) => JSON.parse(json)) };
}

/** Whether this machine lets a process mount a file system in a namespace of its own. */
const canMount = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]);
const why = "needs user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0)";

/**
 * Returns the beginning of a command line. It mounts a small disk at this folder and runs `prepare`, then runs the command that follows.
 */
function withDisk(folder: string, prepare: string): readonly string[] {
	const script = `mount -t tmpfs -o size=400k none "$0" && ${prepare} && exec "$@"`;
	return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, folder];
}

describe("the history of a running agent", () => {
	it.skipIf(canMount.status !== 0)(
		`the history delays no beat while the disk is full, and stores the records kept in memory once there is space again (${why})`,
		async () => {
			const disk = join(venues.folder, "disk");
			mkdirSync(disk);
			const file = venues.configure(["deribit"], "history: { file: disk/history.sqlite }\n");
			// The ballast file fills most of the disk: the history's tables fit in the rest, but only few records do.
			const agent = await start(file, withDisk(disk, 'head -c 290000 /dev/zero > "$0/ballast"'));
			await until(agent.url, "/readyz", 200);
			for (;;) {
				const { store } = await answer(agent, "/v1/history");
				if (store?.state === "degraded") break;
				await lose(agent);
			}
			expect((await answer(agent, "/v1/history")).store.reason).toBe("cannot be written: database or disk is full.");
			const received = venues.deribit.received.length;
			await lose(agent);
			await pause(1_500);
			expect(venues.deribit.received.length).toBeGreaterThan(received);
			expect(venues.deribit.truth().connections.at(-1)).toMatchObject({ armed: true });
			expect((await call(agent.url, "/livez")).status).toBe(200);
			expect((await call(agent.url, "/readyz")).status).toBe(200);

			// The path leads through /proc, because only the agent's namespace sees the small disk.
			rmSync(`/proc/${agent.pid}/root${disk}/ballast`);
			await agent.wrote("the history is stored again; 0 records were lost");
			const { losses } = (await hedge(agent)).tally;
			const lost = ({ status }: { status?: { state: string } }) => status?.state === "lost";
			for (;;) {
				const { records } = await answer(agent, "/v1/history?limit=1000");
				if (records.filter(lost).length >= losses) break;
				await pause();
			}
			expect(await answer(agent, "/v1/timeline")).toMatchObject({ sessions: [{ lossCount: losses }], gaps: [] });
			const events = (await answer(agent, "/v1/history?type=agent")).records.map(
				({ event }: { event: string }) => event,
			);
			expect(events.filter((event: string) => event === "degraded")).toHaveLength(1);
		},
	);

	it.skipIf(canMount.status !== 0)(
		`the history is reported as degraded on a read-only disk, and the sessions of the agent run on (${why})`,
		async () => {
			const disk = join(venues.folder, "disk");
			mkdirSync(disk);
			const file = venues.configure(["deribit"], "history: { file: disk/history.sqlite }\n");
			const agent = await start(file, withDisk(disk, 'mount -o remount,ro "$0"'));
			await until(agent.url, "/readyz", 200);
			await agent.wrote("Records are kept in memory");
			const { status, text } = await call(agent.url, "/v1/history");
			expect([status, JSON.parse(text).detail]).toEqual([
				503,
				expect.stringMatching(/^the history cannot be opened: EROFS/),
			]);
			await lose(agent);
			agent.kill("SIGTERM");
			expect(await agent.ended).toBe(0);
		},
	);

	it.skipIf(process.getuid?.() === 0)(
		"the history is reported as degraded when its folder is not writable",
		async () => {
			mkdirSync(join(venues.folder, "mine"), { mode: 0o555 });
			const agent = await start(venues.configure(["deribit"], "history: { file: mine/history.sqlite }\n"));
			await agent.wrote("the history cannot be opened: EACCES");
			await until(agent.url, "/readyz", 200);
		},
	);

	it("the history is undamaged after kill -9 at any moment, and has every record that was published at least half a second before the kill", async () => {
		const file = venues.configure(["deribit"]);
		for (let round = 0; round < 3; round += 1) {
			const agent = await start(file);
			const seen: { at: number; data: string }[] = [];
			const reader = await fetch(`${agent.url}/v1/events`);
			const read = (async () => {
				for await (const chunk of reader.body ?? []) {
					for (const [, data = ""] of new TextDecoder().decode(chunk).matchAll(/^data: (.*)$/gm)) {
						seen.push({ at: performance.now(), data });
					}
				}
			})().catch(() => undefined);
			await until(agent.url, "/readyz", 200);
			for (let time = 0; time < 4; time += 1) await lose(agent);
			venues.links.deribit.drop();
			await pause(Math.random() * 600);
			const killedAt = performance.now();
			agent.kill("SIGKILL");
			await agent.ended;
			await read;
			const { records, repaired } = await recordsIn(join(venues.folder, "keepalive.history.sqlite"));
			expect(repaired).toBe(undefined);
			const stored = new Set(records.map((record) => JSON.stringify(record)));
			const missing = seen.filter(({ at, data }) => at < killedAt - 500 && !stored.has(data));
			expect(missing).toEqual([]);
			expect(seen.length).toBeGreaterThan(8);
		}
	});

	it("the history contains no secret of the configuration, the environment, the secret files or the venues", async () => {
		const agent = await start(venues.configure(["deribit", "bybit", "ibkr"]));
		await untilArmed(agent);
		await lose(agent);
		agent.kill("SIGTERM");
		expect(await agent.ended).toBe(0);
		const names = readdirSync(venues.folder).filter((name) => name.includes("history"));
		expect(names).toContain("keepalive.history.sqlite");
		for (const name of names) expect(readFileSync(join(venues.folder, name), "latin1")).not.toMatch(planted);
		expect(readFileSync(join(venues.folder, "keepalive.history.sqlite"), "latin1")).toContain("hedge");
	});
});

describe("/v1/history and /v1/timeline", () => {
	it("/v1/history returns all records, a page of them or those of one session and type, and /v1/timeline returns the timeline of each session", async () => {
		const agent = await start(venues.configure(["deribit", "ibkr"]));
		await untilArmed(agent);
		await lose(agent);
		const all = await answer(agent, "/v1/history");
		expect(all).toMatchObject({ store: { kind: "sqlite", state: "ok" } });
		const paged: unknown[] = [];
		for (let next: string | undefined = ""; next !== undefined; ) {
			const page = await answer(agent, `/v1/history?limit=3&to=${Date.now()}${next && `&before=${next}`}`);
			expect(page.records.length).toBeLessThanOrEqual(3);
			paged.push(...page.records);
			next = page.next;
		}
		expect(paged.slice(-all.records.length)).toEqual(all.records);
		const mine = await answer(agent, "/v1/history?session=hedge&type=status");
		expect(mine.records.every(({ session }: { session: string }) => session === "hedge")).toBe(true);
		const timeline = await answer(agent, "/v1/timeline");
		expect(timeline).toMatchObject({
			sessions: [{ name: "hedge", lossCount: 1, losses: [{ expected: false }] }, { name: "broker" }],
		});
		expect(timeline.to - timeline.from).toBe(86_400_000);
	});

	it("/v1/history and /v1/timeline answer that no history is kept when the history is switched off, and the agent then writes no history file", async () => {
		const agent = await start(venues.configure(["deribit"], "history: false\n"));
		expect(await answer(agent, "/v1/history")).toEqual({ records: [], store: { kind: "none" } });
		expect((await call(agent.url, "/v1/timeline")).status).toBe(503);
		expect(readdirSync(venues.folder).filter((name) => name.includes("history"))).toEqual([]);
	});

	it("/v1/history and /v1/timeline read from a history file in the folder $STATE_DIRECTORY if this variable is set", async () => {
		const state = join(venues.folder, "state");
		mkdirSync(state);
		const agent = await startRun(venues.configure(["deribit"]), { ...secrets, STATE_DIRECTORY: state });
		closers.push(() => agent.kill("SIGKILL"));
		await until(agent.url, "/v1/history", 200);
		expect(statSync(join(state, "keepalive.history.sqlite")).isFile()).toBe(true);
	});
});
