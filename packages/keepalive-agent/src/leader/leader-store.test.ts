import postgres from "postgres";
import { expect, it, onTestFinished } from "vitest";
import {
	PostgresServer,
	postgresFolder,
	postgresMissing,
} from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import { openLeaderStore } from "./leader-store.ts";

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);
const { signal } = new AbortController();

it.skipIf(!postgresFolder && !process.env["CI"])(
	"openLeaderStore creates the table again after the database was replaced by an empty one",
	async () => {
		const server = await PostgresServer.start();
		onTestFinished(() => server.close());
		const store = openLeaderStore({ postgresUrl: server.url });
		onTestFinished(() => store.close());
		const take = () => store.take("hedge", "desk-a/1", 60_000, signal);
		expect(await take()).toMatchObject({ isTaken: true });
		const sql = postgres(server.url);
		onTestFinished(() => sql.end());
		await sql`DROP TABLE keepalive_leader`;
		await expect(take()).rejects.toThrow("does not exist");
		expect(await take()).toMatchObject({ isTaken: true });
	},
);
