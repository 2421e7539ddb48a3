import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PostgresPulseStore, postgresPulseStore } from "./index.ts";
import { PostgresServer, password, postgresFolder, postgresMissing } from "./testing/postgres-server.ts";

const { signal } = new AbortController();

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);

describe.skipIf(!postgresFolder && !process.env["CI"])("postgresPulseStore", () => {
	let server: PostgresServer;
	let store: PostgresPulseStore;

	beforeAll(async () => {
		server = await PostgresServer.start();
		store = postgresPulseStore({ url: server.url });
		await Promise.all([store.createTable(), store.createTable()]);
	}, 60_000);
	afterAll(async () => {
		await store?.close();
		await server?.close();
	});

	const othersOf = async (name: string, holder: string) => (await store.read(name, holder, signal)).others;

	it("read() returns when each process other than the reader last saw a pulse of the program, the latest first", async () => {
		const { now, others } = await store.read("bot", "a", signal);
		expect([others, Math.abs(now - Date.now()) < 60_000]).toEqual([[], true]);
		await store.write("bot", "a", now, signal);
		expect(await othersOf("bot", "a")).toEqual([]);
		expect(await othersOf("bot", "b")).toEqual([{ holder: "a", at: expect.closeTo(now, 0) }]);
		await store.write("bot", "c", now - 5_000, signal);
		expect((await othersOf("bot", "b")).map(({ holder }) => holder)).toEqual(["a", "c"]);
		expect(await othersOf("bot", "a")).toEqual([{ holder: "c", at: expect.closeTo(now - 5_000, 0) }]);
		expect(await othersOf("another", "b")).toEqual([]);
		expect((await store.read("bot", "b", signal)).now).toBeGreaterThan(now);
	});

	it("write() keeps the newest pulse of a process when an older pulse of that process arrives later", async () => {
		const { now } = await store.read("late", "b", signal);
		await store.write("late", "a", now, signal);
		await store.write("late", "a", now - 3_000, signal);
		expect(await othersOf("late", "b")).toEqual([{ holder: "a", at: expect.closeTo(now, 0) }]);
	});

	it("write() replaces a stored pulse whose time is in the future because the database's clock was set back", async () => {
		const { now } = await store.read("back", "b", signal);
		await store.write("back", "a", now + 3_600_000, signal);
		expect(await othersOf("back", "b")).toEqual([{ holder: "a", at: expect.closeTo(now + 3_600_000, 0) }]);
		await store.write("back", "a", now, signal);
		expect(await othersOf("back", "b")).toEqual([{ holder: "a", at: expect.closeTo(now, 0) }]);
	});

	it("deleteOld() deletes pulses that are more than a day old", async () => {
		const { now } = await store.read("old", "b", signal);
		await store.write("old", "a", now - 86_401_000, signal);
		await store.write("old", "c", now - 86_000_000, signal);
		await store.deleteOld("old", signal);
		expect((await othersOf("old", "b")).map(({ holder }) => holder)).toEqual(["c"]);
	});

	it("postgresPulseStore needs the same rights as postgresLeaderStore; only deleteOld() needs the right to delete rows", async () => {
		const owner = postgres(server.url, { onnotice: () => undefined });
		await owner.unsafe("CREATE USER bot PASSWORD 'bot'; GRANT SELECT, INSERT, UPDATE ON keepalive_pulse TO bot");
		await owner.end();
		const url = new URL(server.url);
		[url.username, url.password] = ["bot", "bot"];
		const made = postgresPulseStore({ url: url.href });
		await made.createTable();
		const { now } = await made.read("granted", "b", signal);
		for (const at of [now, now + 1]) await made.write("granted", "a", at, signal);
		expect((await made.read("granted", "b", signal)).others).toMatchObject([{ holder: "a" }]);
		await expect(made.deleteOld("granted", signal)).rejects.toThrow("permission denied");
		await made.close();
	});

	it("postgresPulseStore rejects calls while the server is down, without showing the password", async () => {
		await server.halt();
		const failure = await store.read("bot", "a", AbortSignal.timeout(10_000)).catch((error: unknown) => error);
		await server.resume();
		expect(String(failure)).toMatch(/^Error: @x\/keepalive-postgres: a statement failed: /);
		expect(String(failure)).not.toContain(password);
	});
});

it("postgresPulseStore refuses wrong options before anything connects", () => {
	expect(() => postgresPulseStore({})).toThrow("option url must be given");
	expect(() => postgresPulseStore({ url: "postgres://a", table: "a b" })).toThrow("option table ");
});
