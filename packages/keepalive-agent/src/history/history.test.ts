import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
	PostgresServer,
	postgresFolder,
	postgresMissing,
} from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import type { AgentRecord } from "../agent/agent-record.ts";
import { EventLog } from "../agent/event-log.ts";
import type { KeptHistory } from "./answer-history-calls.ts";
import { History } from "./history.ts";
import { agentEvent, armed, lost, statusRecord } from "./testing/sample-records.ts";

let folder: string;
let file: string;
const closers: (() => unknown)[] = [];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "agent-history-"));
	file = join(folder, "keepalive.history.sqlite");
});
afterEach(async () => {
	for (const close of closers.splice(0).reverse()) await close();
	rmSync(folder, { recursive: true, force: true });
});

/** Keeps records for a hundred years, because these tests date their records 1970. */
const bounds = { maxDays: 36_500, maxBytes: 200_000_000 };
const everything = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000 };

/** Starts a history with an event log of its own. Returns both, and the lists of what the history logs and publishes. */
function start(config: KeptHistory = { kind: "sqlite", file, ...bounds }) {
	const log = new EventLog();
	const logged: string[] = [];
	const events: string[] = [];
	log.listen(({ record }) => record.type === "agent" && events.push(`${record.event}: ${record.detail}`));
	const write = (message: string) => void logged.push(message);
	const history = new History(config, log, { debug: write, info: write, warn: write, error: write });
	closers.push(() => history.close());
	const stored = async (query = {}): Promise<AgentRecord[]> =>
		(await history.page({ ...everything, ...query })).records.map((json) => JSON.parse(json));
	/** Waits until this many records are stored. */
	const untilStored = async (count: number, query = {}): Promise<AgentRecord[]> => {
		for (;;) {
			const found = await stored(query).catch(() => []);
			if (found.length >= count) return found;
			await pause();
		}
	};
	const untilReported = async (begin: string): Promise<void> => {
		while (!events.some((event) => event.startsWith(begin))) await pause();
	};
	return { log, history, logged, events, stored, untilStored, untilReported };
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("History", () => {
	it("History stores every record of the log, in files that only their owner can read", async () => {
		const { log, history, untilStored } = start();
		log.add(statusRecord(1, "hedge", armed));
		log.add(agentEvent(2, "started"));
		expect(await untilStored(2)).toEqual([agentEvent(2, "started"), statusRecord(1, "hedge", armed)]);
		expect(history.state).toEqual({ kind: "sqlite", state: "ok" });
		const files = readdirSync(folder);
		expect(files).toContain("keepalive.history.sqlite-wal");
		expect(files.map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual(files.map(() => 0o600));
	});

	it("History.close() logs within three seconds how many records could not be stored", async () => {
		const { log, history, logged, untilStored, untilReported } = start();
		log.add(agentEvent(1, "started"));
		await untilStored(1);
		const other = new DatabaseSync(file);
		other.exec("BEGIN IMMEDIATE");
		for (let at = 2; at <= 8; at += 1) log.add(agentEvent(at, "started"));
		await untilReported("degraded");
		const began = performance.now();
		await history.close();
		expect(performance.now() - began).toBeLessThan(4_000);
		other.close();
		// Eight records were not stored: seven events, and the record that says that the history is degraded.
		expect(logged.at(-1)).toBe(
			"the agent ends, and 8 records are not in the history: it cannot be written: database is locked.",
		);
	});

	it("History.close() logs nothing when everything is stored", async () => {
		const { log, history, logged, untilStored } = start();
		log.add(agentEvent(1, "started"));
		await untilStored(1);
		await history.close();
		expect(logged).toEqual([]);
	});

	it("History makes an existing file readable and writable by its owner only", async () => {
		writeFileSync(file, "", { mode: 0o644 });
		const { log, untilStored } = start();
		log.add(agentEvent(1, "started"));
		await untilStored(1);
		expect(statSync(file).mode & 0o777).toBe(0o600);
	});

	it("History.close() stores all records, and the next run continues with larger ids, even if the clock was set back", async () => {
		const first = start();
		first.log.add(agentEvent(1, "started"));
		// The first record has to be stored before close(), which waits at most three seconds: on a busy machine the thread may need longer to
		// start.
		await first.untilStored(1);
		for (let at = 2; at <= 3_000; at += 1) first.log.add(agentEvent(at, "started"));
		await first.history.close();
		const database = new DatabaseSync(file);
		// The stored ids get the values that they would have if the clock had been a year ahead.
		database.exec("UPDATE record SET id = id + 31536000000000");
		database.close();
		const second = start();
		second.log.add(agentEvent(3_001, "started"));
		const found = await second.untilStored(2, { from: 3_000 });
		expect(found.map(({ at }) => at)).toEqual([3_001, 3_000]);
		const page = await second.history.page({ ...everything, limit: 1_000, from: 1, to: 1_001 });
		expect(page.records).toHaveLength(1_000);
	});

	it("History reports a locked file once, and stores all records once the file is unlocked", async () => {
		const { log, history, events, logged, untilStored, untilReported } = start();
		log.add(agentEvent(1, "started"));
		await untilStored(1);
		const other = new DatabaseSync(file);
		other.exec("BEGIN EXCLUSIVE");
		log.add(statusRecord(2, "hedge", armed));
		await untilReported("degraded");
		expect(history.state).toEqual({
			kind: "sqlite",
			state: "degraded",
			reason: "cannot be written: database is locked.",
			lostRecords: 0,
		});
		other.exec("ROLLBACK");
		other.close();
		await untilReported("recovered");
		expect(events).toEqual([
			"started: started",
			"degraded: the history cannot be written: database is locked. Records are kept in memory as far as possible.",
			"recovered: the history is stored again; 0 records were lost",
		]);
		expect(logged).toHaveLength(2);
		expect((await untilStored(4)).map(({ type }) => type)).toEqual(["agent", "agent", "status", "agent"]);
		expect(history.state).toEqual({ kind: "sqlite", state: "ok" });
	});

	it("History counts the records that it loses for lack of memory, and afterwards stores how many were lost and each session's last status", async () => {
		mkdirSync(file);
		const { log, history, untilReported } = start();
		await untilReported("degraded");
		log.add(statusRecord(1_000, "maker", armed));
		for (let at = 2_000; at < 2_010; at += 1) log.add(statusRecord(at, "hedge", at % 2 ? lost : armed));
		for (let at = 3_000; at < 13_000; at += 1) log.add(agentEvent(at, "reloaded"));
		// Twelve records were dropped: 11 status records and the record that says that the history is degraded. Of these, the last status of
		// each of the two sessions is kept.
		expect(history.state).toMatchObject({ state: "degraded", lostRecords: 10 });
		rmSync(file, { recursive: true });
		await untilReported("recovered: the history is stored again; 10 records were lost");
		const sessions = new Map([
			["hedge", "deribit"],
			["maker", "bybit"],
		] as const);
		const timeline = JSON.parse(await history.timeline(0, 20_000, sessions));
		expect(timeline.sessions).toMatchObject([
			{ spans: [{ state: "no-agent" }, { from: 2_009, state: "lost" }] },
			{ spans: [{ state: "no-agent" }, { from: 1_000, state: "armed" }] },
		]);
		expect(timeline.gaps).toMatchObject([{ from: 2_000, lostRecords: 10 }]);
	});

	it.each([
		["that is no database", () => Buffer.from("planted, but not a database".repeat(1_000))],
		[
			"with a damaged page",
			() => {
				const database = new DatabaseSync(file);
				database.exec("CREATE TABLE record (id INTEGER PRIMARY KEY, json TEXT) STRICT; PRAGMA user_version = 1");
				for (let id = 1; id < 200; id += 1) database.exec(`INSERT INTO record VALUES (${id}, '${"x".repeat(500)}')`);
				database.close();
				return readFileSync(file).fill(0xa5, 8_192, 20_000);
			},
		],
	])("History keeps a file %s under another name, reports that, and starts a new file", async (_, damaged) => {
		const bytes = damaged();
		writeFileSync(file, bytes);
		const { log, events, untilStored } = start();
		log.add(agentEvent(1, "started"));
		await untilStored(3);
		expect(readFileSync(`${file}.damaged-1`)).toEqual(bytes);
		expect(events).toEqual([
			"started: started",
			"degraded: the history was damaged and is kept as keepalive.history.sqlite.damaged-1; a new one was started",
			"recovered: the history is stored again, in a new file",
		]);
	});

	it("History keeps at most three damaged files: the first two and the latest", async () => {
		for (const text of ["first", "second", "third", "fourth"]) {
			writeFileSync(file, text.repeat(1_000));
			const { history, untilReported } = start();
			await untilReported("recovered");
			await history.close();
		}
		const begins = readdirSync(folder)
			.filter((name) => /damaged-\d$/.test(name))
			.sort()
			.map((name) => readFileSync(join(folder, name), "utf8").slice(0, 6));
		expect(begins).toEqual(["firstf", "second", "fourth"]);
	});

	it("History does not change a file of a later schema version", async () => {
		const database = new DatabaseSync(file);
		database.exec("CREATE TABLE record (other TEXT); PRAGMA user_version = 2");
		database.close();
		const { log, history, untilReported } = start();
		log.add(agentEvent(1, "started"));
		await untilReported("degraded");
		const reason = "cannot be opened: a later version of this program wrote it (schema 2).";
		expect(history.state).toMatchObject({ state: "degraded", reason });
		await expect(history.page(everything)).rejects.toThrow(reason);
		await history.close();
		const after = new DatabaseSync(file);
		expect(after.prepare("SELECT count(*) AS count FROM record").get()).toEqual({ count: 0 });
		after.close();
	});

	it("History starts a new file when its file was removed, and stores the last status of each session again", async () => {
		const { log, untilStored } = start();
		log.add(statusRecord(1, "hedge", armed));
		await untilStored(1);
		rmSync(file);
		log.add(agentEvent(2, "started"));
		const found = await untilStored(2);
		expect(found).toEqual(expect.arrayContaining([statusRecord(1, "hedge", armed), agentEvent(2, "started")]));
	});

	describe.skipIf(postgresFolder === undefined)(`with Postgres (${postgresMissing})`, () => {
		async function startServer() {
			const server = await PostgresServer.start();
			closers.push(() => server.close());
			return { server, ...start({ kind: "postgres", url: server.url, schema: "keepalive", ...bounds }) };
		}

		it("History reports an unreachable server once, and stores all records once the server is back", async () => {
			const { server, log, history, events, untilStored, untilReported } = await startServer();
			log.add(agentEvent(1, "started"));
			await untilStored(1);
			await server.halt();
			for (let at = 2; at < 700; at += 1) log.add(statusRecord(at, "hedge", armed));
			await untilReported("degraded");
			expect(history.state).toMatchObject({ kind: "postgres", state: "degraded", lostRecords: 0 });
			await expect(history.page(everything)).rejects.toThrow(/^Postgres: .*ECONNREFUSED/);
			await server.resume();
			await untilReported("recovered: the history is stored again; 0 records were lost");
			expect(events.filter((event) => event.startsWith("degraded"))).toHaveLength(1);
			expect(events.join()).not.toMatch(/planted/);
			const found = (await untilStored(701)).map(({ at }) => at);
			expect(found.filter((at) => at < 700).sort((a, b) => a - b)).toEqual(
				Array.from({ length: 699 }, (_, at) => at + 1),
			);
		});

		it("History stops waiting for a server that is frozen and does not answer, and stores no record twice afterwards", async () => {
			const { server, log, history, untilStored, untilReported } = await startServer();
			log.add(agentEvent(1, "started"));
			await untilStored(1);
			server.freeze();
			log.add(agentEvent(2, "stopped"));
			await untilReported("degraded");
			expect(history.state).toMatchObject({ reason: expect.stringMatching(/did not answer within|does not answer/) });
			server.thaw();
			await untilReported("recovered: the history is stored again; 0 records were lost");
			const found = await untilStored(4);
			expect(found.map((record) => "event" in record && record.event)).toEqual([
				"recovered",
				"degraded",
				"stopped",
				"started",
			]);
		});
	});
});
