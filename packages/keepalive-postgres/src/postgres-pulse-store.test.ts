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
		expect(await store.readOthers("bot", "a", signal)).toBeUndefined();
		await store.write("bot", "a", 0, signal);
		expect(await store.readOthers("bot", "a", signal)).toBeUndefined();
		expect(await store.readOthers("bot", "b", signal)).toMatchObject({ holder: "a", count: 1 });
		await store.write("bot", "a", 0, signal);
		await store.write("bot", "c", 5_000, signal);
		expect(await store.readOthers("bot", "b", signal)).toMatchObject({ holder: "a", count: 2 });
		expect(await store.readOthers("bot", "a", signal)).toMatchObject({ holder: "c", count: 1 });
		expect(await store.readOthers("another", "b", signal)).toBeUndefined();
	});

	it("counts the age from when the pulse was given", async () => {
		await store.write("aged", "a", 5_000, signal);
		const { ageMs = 0 } = (await store.readOthers("aged", "b", signal)) ?? {};
		expect(ageMs).toBeGreaterThanOrEqual(5_000);
		expect(ageMs).toBeLessThan(65_000);
	});

	it("forgets processes whose last pulse is a day old", async () => {
		await store.write("old", "a", 86_400_001, signal);
		expect(await store.readOthers("old", "b", signal)).toMatchObject({ holder: "a" });
		await store.write("old", "b", 0, signal);
		expect(await store.readOthers("old", "b", signal)).toBeUndefined();
	});

	it("rejects without the password when the server is gone", async () => {
		await server.halt();
		const failure = await store.readOthers("bot", "a", AbortSignal.timeout(10_000)).catch((error: unknown) => error);
		await server.resume();
		expect(String(failure)).toMatch(/^Error: @x\/keepalive-postgres: a statement failed: /);
		expect(String(failure)).not.toContain(password);
	});
});

it("postgresPulseStore refuses wrong options before anything connects", () => {
	expect(() => postgresPulseStore({})).toThrow("option url must be given");
	expect(() => postgresPulseStore({ url: "postgres://a", table: "a b" })).toThrow("option table ");
});
