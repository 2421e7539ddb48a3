import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newLeaderName, testLeaderStore } from "../../keepalive/src/testing/leader-store-tests.ts";
import { postgresLeaderStore } from "./index.ts";
import { PostgresServer, password, postgresFolder, postgresMissing } from "./testing/postgres-server.ts";

const { signal } = new AbortController();
const ttlMs = 60_000;

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);

describe.skipIf(!postgresFolder && !process.env["CI"])("postgresLeaderStore", () => {
	let server: PostgresServer;
	const stores: { close(): Promise<void> }[] = [];
	const store = () => {
		const made = postgresLeaderStore({ url: server.url });
		stores.push(made);
		return made;
	};

	beforeAll(async () => {
		server = await PostgresServer.start();
		await store().createTable();
	}, 60_000);
	afterAll(async () => {
		for (const each of stores) await each.close();
		await server?.close();
	});

	testLeaderStore(store);

	it("createTable() succeeds when five processes call it at the same time", async () => {
		const each = Array.from({ length: 5 }, () => postgresLeaderStore({ url: server.url, table: "public.at_once" }));
		await Promise.all(each.map((one) => one.createTable()));
		expect(await each[0]?.take(newLeaderName(), "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
		await Promise.all(each.map((one) => one.close()));
	});

	it("postgresLeaderStore needs no right to create tables when its table exists", async () => {
		const owner = postgres(server.url, { onnotice: () => undefined });
		await owner.unsafe("CREATE USER bot PASSWORD 'bot'; GRANT SELECT, INSERT, UPDATE ON keepalive_leader TO bot");
		await owner.end();
		const url = new URL(server.url);
		[url.username, url.password] = ["bot", "bot"];
		const made = postgresLeaderStore({ url: url.href });
		stores.push(made);
		await made.createTable();
		expect(await made.take(newLeaderName(), "a", ttlMs, signal)).toEqual({ isTaken: true, epoch: 1 });
		const other = postgresLeaderStore({ url: url.href, table: "another_table" });
		stores.push(other);
		await expect(other.createTable()).rejects.toThrow("permission denied");
		expect([await made.inspect("a"), await other.inspect("a")]).toEqual([{ mayLead: true }, { mayLead: false }]);
	});

	it("inspect() returns the leader and whether this process could lead, changes nothing, and works even if the table is missing", async () => {
		const of = newLeaderName();
		const one = store();
		expect(await one.inspect(of)).toEqual({ mayLead: true });
		await one.take(of, "a", ttlMs, signal);
		expect(await one.inspect(of)).toEqual({
			mayLead: true,
			leader: { holder: "a", epoch: 1, ledForMs: expect.any(Number), expiresInMs: expect.any(Number) },
		});
		await one.release(of, "a", 1, signal);
		expect(await one.inspect(of)).toEqual({ mayLead: true });
		const other = postgresLeaderStore({ url: server.url, table: "public.not_there" });
		stores.push(other);
		expect([await other.inspect(of), await other.inspect(of)]).toEqual([{ mayLead: true }, { mayLead: true }]);
	});

	it("renew() succeeds for an expired leader as long as no other process has taken the lead", async () => {
		const of = newLeaderName();
		await store().take(of, "a", ttlMs, signal);
		expect(await store().renew(of, "a", 1, 0, signal)).toBe(true);
		expect(await store().renew(of, "a", 1, 0, signal)).toBe(true);
		expect(await store().take(of, "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 2 });
		expect(await store().renew(of, "a", 1, ttlMs, signal)).toBe(false);
	});

	it("take() succeeds when the last leader has expired by the database's clock, and not before", async () => {
		const of = newLeaderName();
		await store().take(of, "a", 400, signal);
		const { clock } = await takenAt(store(), of);
		expect(clock).toBeGreaterThanOrEqual(390);
	});

	it("postgresLeaderStore rejects calls while the server is frozen, and works over a new connection afterwards", async () => {
		const of = newLeaderName();
		const one = store();
		await one.take(of, "a", ttlMs, signal);
		server.freeze();
		await expect(one.renew(of, "a", 1, ttlMs, AbortSignal.timeout(300))).rejects.toThrow();
		server.thaw();
		expect(await one.renew(of, "a", 1, ttlMs, AbortSignal.timeout(5_000))).toBe(true);
	});

	it("postgresLeaderStore rejects calls after a crash of the server, does not show the password, and renews the same leader after the restart", async () => {
		const of = newLeaderName();
		const one = store();
		await one.take(of, "a", ttlMs, signal);
		await server.halt();
		const failure = await one.renew(of, "a", 1, ttlMs, AbortSignal.timeout(10_000)).catch((error: unknown) => error);
		expect(String(failure)).toMatch(/^Error: @x\/keepalive-postgres: a statement failed: /);
		expect(String(failure)).not.toContain(password);
		await server.resume();
		expect(await one.renew(of, "a", 1, ttlMs, signal)).toBe(true);
	});

	it("postgresLeaderStore sends its statements through the function in the option query", async () => {
		const inner = postgresLeaderStore({ url: server.url });
		const texts: string[] = [];
		const own = postgresLeaderStore({
			query: async (text) => {
				texts.push(text);
				return [{ epoch: "7" }];
			},
		});
		expect(await own.take("a", "b", ttlMs, signal)).toEqual({ isTaken: true, epoch: 7 });
		expect(texts).toHaveLength(1);
		await own.close();
		await inner.close();
	});
});

describe("the options of postgresLeaderStore", () => {
	it.each([
		[{}, "url"],
		[{ url: "postgres://a", query: async () => [] }, "url"],
		[{ url: "http://a" }, "url"],
		[{ url: "postgres://a", table: "a; DROP TABLE b" }, "table"],
		[{ url: "postgres://a", tabel: "a" }, "tabel"],
	])("postgresLeaderStore refuses the options %j", (options, option) => {
		expect(() => postgresLeaderStore(options)).toThrow(`option ${option} `);
	});

	it("postgresLeaderStore accepts a url whose password contains a percent sign that is not encoded", async () => {
		const store = postgresLeaderStore({ url: "postgres://user:a%b@127.0.0.1:1/x" });
		await expect(store.renew("a", "b", 1, ttlMs, signal)).rejects.toThrow("@x/keepalive-postgres: ");
	});

	it("postgresLeaderStore does not show a url that it refuses in its error", () => {
		expect(() => postgresLeaderStore({ url: "mysql://user:planted@a" })).not.toThrow("planted");
	});
});

/**
 * Polls until `b` leads. The member `clock` of the result says how long the previous leader had led by then, in
 * milliseconds by the database's clock.
 */
async function takenAt(store: ReturnType<typeof postgresLeaderStore>, name: string) {
	let clock = 0;
	for (let polls = 0; polls < 1_000; polls += 1) {
		const result = await store.take(name, "b", 60_000, signal);
		if (result.isTaken) return { clock };
		clock = result.leader.ledForMs + Math.min(10, result.leader.expiresInMs);
	}
	return expect.fail("nobody could lead");
}
