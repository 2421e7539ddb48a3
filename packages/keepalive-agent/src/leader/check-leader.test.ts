import { describe, expect, it } from "vitest";
import { postgresFolder, postgresMissing } from "../../../keepalive-postgres/src/testing/postgres-server.ts";
import { runMain } from "../testing/run-main.ts";
import { planted } from "../testing/serve-venues.ts";
import { otherLeads } from "./testing/two-machines.ts";

if (!postgresFolder) console.warn(`skipped: ${postgresMissing}`);
const { signal } = new AbortController();

describe.skipIf(!postgresFolder && !process.env["CI"])("keepalive check with a section `leader`", () => {
	it("keepalive check says who leads and that this machine could lead, and changes nothing: it does not even create the database table", async () => {
		const { configOf, environment, lead, store } = await otherLeads(["deribit", "ibkr"]);
		const check = () => runMain(["check", "-c", configOf(2)], { environment });
		const first = await check();
		expect([first.code, first.out]).toEqual([
			0,
			expect.stringMatching(/leader +nobody now\n +takeover +this machine could/),
		]);
		await expect(store.take("hedge", "desk-a/1", 60_000, signal)).rejects.toThrow("does not exist");
		await lead();
		const { code, out } = await check();
		expect([code, out.match(/leader +desk-a\/1, for \d+ s \(epoch 1\)/g)?.length]).toEqual([0, 2]);
		expect(await store.inspect("hedge")).toMatchObject({ leader: { holder: "desk-a/1", epoch: 1 } });
	});

	it("keepalive check exits with 3 when nobody has logged in at the gateway of this machine", async () => {
		const { configOf, environment, lead } = await otherLeads(["ibkr"], { ibkr: { start: "none" } });
		await lead();
		const { code, out } = await runMain(["check", "-c", configOf(2)], { environment });
		expect([code, out]).toEqual([
			3,
			expect.stringMatching(/leader +desk-a\/1.*\n +takeover +this machine could NOT lead/),
		]);
	});

	it("keepalive check says that this machine could lead, even if the current leader holds the brokerage session of the IBKR user", async () => {
		const { configOf, environment, lead, ibkr } = await otherLeads(["ibkr"]);
		await lead();
		ibkr.faults.compete({});
		const { code, out } = await runMain(["check", "-c", configOf(2)], { environment });
		expect([code, out]).toEqual([
			0,
			expect.stringMatching(/brokerage session +competing\n(.*\n)+.* this machine could lead/),
		]);
	});

	it("keepalive check exits with 3 when orderLabel is set, but the API key lacks the permission to cancel the previous leader's orders", async () => {
		const { configOf, environment } = await otherLeads(["deribit"], { deribit: { keyScope: "account:read_write" } });
		const check = (last: string) => runMain(["check", "-c", configOf(2, "", last)], { environment });
		expect((await check("")).code).toBe(0);
		const { code, out } = await check("    orderLabel: hedge\n");
		expect([code, out]).toEqual([3, expect.stringMatching(/lacks permission trade:read_write.*account:read_write/)]);
	});

	it("keepalive check exits with 1 when the database does not answer, and shows no secret", async () => {
		const { configOf, environment, server } = await otherLeads(["deribit"]);
		await server.halt();
		const { code, out, err } = await runMain(["check", "-c", configOf(2)], { environment });
		expect([code, out]).toEqual([1, expect.stringMatching(/leader +not known/)]);
		expect(out + err).not.toMatch(planted);
	});
});
