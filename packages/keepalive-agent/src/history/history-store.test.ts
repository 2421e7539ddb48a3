import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
	PostgresServer,
	password,
	postgresFolder,
	postgresMissing,
} from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import { type HistoryQuery, type HistoryStore, sizeOf } from "./history-store.ts";
import { PostgresStore } from "./postgres-store.ts";
import { Retention } from "./retention.ts";
import { SqliteStore } from "./sqlite-store.ts";
import { agentEvent, alertRecord, armed, lost, opening, rowsOf, statusRecord } from "./testing/sample-records.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-store-"));
let server: PostgresServer | undefined;
beforeAll(async () => {
	server = postgresFolder === undefined ? undefined : await PostgresServer.start();
});
afterAll(async () => {
	await server?.close();
	rmSync(folder, { recursive: true, force: true });
});

let made = 0;
/** For each kind of store: a function that chooses where a new store is kept, and returns a function that opens this store. */
const kinds = {
	sqlite: () => {
		const file = join(folder, `${++made}.sqlite`);
		return async (): Promise<HistoryStore> => new SqliteStore(file);
	},
	postgres: () => {
		const place = { url: server?.url ?? "", schema: `history_${++made}` };
		return (): Promise<HistoryStore> => PostgresStore.open(place);
	},
};

const everything: HistoryQuery = { from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000 };
const dayMs = 86_400_000;

describe.each(["sqlite", "postgres"] as const)("a store in %s", (kind) => {
	if (kind === "postgres" && postgresFolder === undefined) return it.skip(postgresMissing);

	let open: () => Promise<HistoryStore>;
	let store: HistoryStore;
	beforeEach(async () => {
		open = kinds[kind]();
		store = await open();
	});
	afterEach(() => store.close());

	const idsOf = async (query: Partial<HistoryQuery> = {}) => {
		const { records, next } = await store.page({ ...everything, ...query });
		return { ats: records.map((json) => JSON.parse(json).at), ...(next !== undefined && { next }) };
	};

	it("HistoryStore is empty when it is new, and still has its records after it was opened again", async () => {
		expect([store.lastId, store.bytes]).toEqual([0, 0]);
		const rows = rowsOf([statusRecord(10, "hedge", armed), agentEvent(11, "started")], 5);
		await store.append(rows);
		await store.close();
		store = await open();
		expect(store.lastId).toBe(6);
		expect(store.bytes).toBe(rows.reduce((sum, row) => sum + sizeOf(row), 0));
		expect((await store.page(everything)).records).toEqual([rows[1]?.json, rows[0]?.json]);
	});

	it("HistoryStore stores texts unchanged", async () => {
		const detail = "a \u0000 zero, a \ud800 surrogate, \u{1f512}, ' \" \\ % $1 {schema}";
		await store.append(rowsOf([agentEvent(1, "started", detail as "started")]));
		const { records } = await store.page(everything);
		expect(JSON.parse(records[0] ?? "").detail).toBe(detail);
	});

	it("HistoryStore ignores rows whose id is stored already, and counts their bytes only once", async () => {
		const rows = rowsOf([1, 2, 3].map((at) => agentEvent(at, "started")));
		await store.append(rows.slice(0, 2));
		await store.append(rows);
		expect((await idsOf()).ats).toEqual([3, 2, 1]);
		expect(store.bytes).toBe(rows.reduce((sum, row) => sum + sizeOf(row), 0));
	});

	it("HistoryStore returns pages of records from the latest to the oldest, skips no record, and gives no `next` with the last page", async () => {
		await store.append(rowsOf([1, 2, 3, 4, 5].map((at) => agentEvent(at, "started"))));
		const first = await idsOf({ limit: 2 });
		expect(first).toEqual({ ats: [5, 4], next: 4 });
		// A record that was stored after the first page was read must not appear on any later page.
		await store.append(rowsOf([agentEvent(6, "started")], 6));
		expect(await idsOf({ limit: 2, before: first.next ?? 0 })).toEqual({ ats: [3, 2], next: 2 });
		expect(await idsOf({ limit: 2, before: 2 })).toEqual({ ats: [1] });
		expect(await idsOf({ limit: 3, before: 4 })).toEqual({ ats: [3, 2, 1] });
	});

	it("HistoryStore returns rows in the order in which they were written, even if the clock was set back", async () => {
		await store.append(rowsOf([10, 5, 7].map((at) => agentEvent(at, "started"))));
		expect((await idsOf()).ats).toEqual([7, 5, 10]);
		expect((await idsOf({ from: 5, to: 8 })).ats).toEqual([7, 5]);
		expect((await store.window(5, 11, 0, 10)).map(({ id }) => id)).toEqual([1, 2, 3]);
		expect((await store.window(5, 11, 1, 1)).map(({ id }) => id)).toEqual([2]);
		expect((await store.window(5, 7, 0, 10)).map(({ id }) => id)).toEqual([2]);
	});

	it("HistoryStore returns records from `from` up to but not including `to`", async () => {
		await store.append(rowsOf([99, 100, 199, 200].map((at) => agentEvent(at, "started"))));
		expect((await idsOf({ from: 100, to: 200 })).ats).toEqual([199, 100]);
		expect((await idsOf({ from: 300, to: 400 })).ats).toEqual([]);
	});

	it("HistoryStore.page() filters by session and type, and leaves out gap records, which say that records are missing", async () => {
		const gap = { type: "gap", at: 5, to: 6, lostRecords: 1 } as const;
		const records = [
			statusRecord(1, "hedge", armed),
			statusRecord(2, "maker", armed),
			alertRecord(3, "hedge"),
			alertRecord(4),
		];
		await store.append(rowsOf([...records, gap]));
		expect((await idsOf()).ats).toEqual([4, 3, 2, 1]);
		expect((await idsOf({ session: "hedge" })).ats).toEqual([3, 1]);
		expect((await idsOf({ type: "alert" })).ats).toEqual([4, 3]);
		expect((await idsOf({ type: "alert", session: "hedge" })).ats).toEqual([3]);
		expect((await idsOf({ session: "' OR 1=1 --" })).ats).toEqual([]);
		expect((await store.window(0, 10, 0, 10)).at(-1)).toMatchObject({ type: "gap" });
	});

	it("HistoryStore.before() returns what was stored before an instant: each session's last status, the agent's last start or end, and the last record", async () => {
		await store.append(
			rowsOf([
				agentEvent(1, "started"),
				statusRecord(2, "hedge", opening),
				statusRecord(3, "hedge", armed),
				statusRecord(4, "maker", opening),
				alertRecord(5, "hedge"),
				agentEvent(6, "degraded"),
				statusRecord(7, "hedge", lost),
			]),
		);
		expect((await store.before(7)).map(({ id }) => id)).toEqual([1, 3, 4, 6]);
		expect((await store.before(2)).map(({ id }) => id)).toEqual([1]);
		expect(await store.before(1)).toEqual([]);
	});

	it("Retention removes records that are older than maxDays by one millisecond, but not records whose age is exactly maxDays", async () => {
		const now = 100 * dayMs;
		await store.append(rowsOf([10 * dayMs - 1, 10 * dayMs, 10 * dayMs + 1].map((at) => agentEvent(at, "started"))));
		const retention = await Retention.of(store, { maxDays: 90, maxBytes: 1e9 });
		expect(await retention.step(now)).toBe(false);
		expect((await idsOf()).ats).toEqual([10 * dayMs + 1, 10 * dayMs]);
	});

	it("Retention removes the oldest records only until the others fit into maxBytes", async () => {
		const rows = rowsOf([11, 12, 13, 14].map((at) => agentEvent(at, "started")));
		const size = sizeOf(rows[0] ?? { json: "" });
		await store.append(rows);
		const exact = await Retention.of(store, { maxDays: 90, maxBytes: 4 * size });
		expect(await exact.step(100)).toBe(false);
		expect((await idsOf()).ats).toEqual([14, 13, 12, 11]);
		const oneLess = await Retention.of(store, { maxDays: 90, maxBytes: 4 * size - 1 });
		expect(await oneLess.step(100)).toBe(false);
		expect((await idsOf()).ats).toEqual([14, 13, 12]);
		expect(store.bytes).toBe(3 * size);
	});

	it("Retention removes records in steps, but never the last status of a session", async () => {
		const records = [statusRecord(1, "hedge", armed), ...Array.from({ length: 1_200 }, () => agentEvent(2, "started"))];
		await store.append(rowsOf(records));
		const retention = await Retention.of(store, { maxDays: 1, maxBytes: 1e9 });
		const left: number[] = [];
		for (let more = true; more; ) {
			more = await retention.step(10 * dayMs);
			left.push((await store.oldest(5_000)).length);
		}
		expect(left).toEqual([701, 201, 1]);
		expect(await store.before(100)).toMatchObject([{ session: "hedge" }]);
		retention.added(rowsOf([statusRecord(3, "hedge", lost)], 5_000));
		await store.append(rowsOf([statusRecord(3, "hedge", lost)], 5_000));
		expect(await retention.step(10 * dayMs)).toBe(false);
		expect((await idsOf()).ats).toEqual([3]);
	});
});

describe.skipIf(postgresFolder === undefined)("PostgresStore", () => {
	it("PostgresStore does not show the password or the URL when the server refuses the login", async () => {
		const url = (server?.url ?? "").replace("planted", "planted-wrong");
		const failure = PostgresStore.open({ url, schema: "keepalive" });
		await expect(failure).rejects.toThrow(/^Postgres: password authentication failed/);
		await failure.catch((error: Error) => {
			expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/planted/);
		});
		await expect(PostgresStore.open({ url: `postgres://x:${password}@[`, schema: "x" })).rejects.toThrow(
			"cannot be opened: postgresUrl is not a URL that the driver understands",
		);
	});

	it("PostgresStore needs no permission to create a schema that exists, and reports the missing permission for a schema that does not exist", async () => {
		const { default: postgres } = await import("postgres");
		const admin = postgres(server?.url ?? "");
		await admin.unsafe(
			"CREATE ROLE limited LOGIN PASSWORD 'planted-limited'; CREATE SCHEMA mine AUTHORIZATION limited",
		);
		await admin.end();
		const url = (server?.url ?? "").replace(/agent:[^@]*/, "limited:planted-limited");
		const store = await PostgresStore.open({ url, schema: "mine" });
		await store.append(rowsOf([agentEvent(1, "started")]));
		expect(store.bytes).toBeGreaterThan(0);
		await store.close();
		await expect(PostgresStore.open({ url, schema: "theirs" })).rejects.toThrow(
			"Postgres: permission denied for database postgres",
		);
	});
});
