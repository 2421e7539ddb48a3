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

	it("tells the latest pulse that another process has seen, and none of one's own", async () => {
		const { now, latest } = await store.read("bot", "a", signal);
		expect([latest, Math.abs(now - Date.now()) < 60_000]).toEqual([undefined, true]);
		await store.write("bot", "a", now, signal);
		expect((await store.read("bot", "a", signal)).latest).toBeUndefined();
		expect((await store.read("bot", "b", signal)).latest).toEqual({ holder: "a", at: expect.closeTo(now, 0) });
		await store.write("bot", "c", now - 5_000, signal);
		expect((await store.read("bot", "b", signal)).latest).toMatchObject({ holder: "a" });
		expect((await store.read("bot", "a", signal)).latest).toEqual({ holder: "c", at: expect.closeTo(now - 5_000, 0) });
		expect((await store.read("another", "b", signal)).latest).toBeUndefined();
		expect((await store.read("bot", "b", signal)).now).toBeGreaterThan(now);
	});

	it("takes no pulse for newer than it was when its statement is carried out late, or after a newer one", async () => {
		const { now } = await store.read("late", "b", signal);
		await store.write("late", "a", now, signal);
		await store.write("late", "a", now - 3_000, signal);
		expect((await store.read("late", "b", signal)).latest).toEqual({ holder: "a", at: expect.closeTo(now, 0) });
	});

	it("needs no more rights than the table of leaders", async () => {
		const owner = postgres(server.url, { onnotice: () => undefined });
		await owner.unsafe("CREATE USER bot PASSWORD 'bot'; GRANT SELECT, INSERT, UPDATE ON keepalive_pulse TO bot");
		await owner.end();
		const url = new URL(server.url);
		[url.username, url.password] = ["bot", "bot"];
		const made = postgresPulseStore({ url: url.href });
		await made.createTable();
		const { now } = await made.read("granted", "b", signal);
		for (const at of [now, now + 1]) await made.write("granted", "a", at, signal);
		expect((await made.read("granted", "b", signal)).latest).toMatchObject({ holder: "a" });
		await made.close();
	});

	it("rejects without the password when the server is gone", async () => {
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
