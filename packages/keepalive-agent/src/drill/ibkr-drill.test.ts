import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IbkrVenue, Link, selfSignedCertificate, serve } from "@x/venue-sims";
import { describe, expect, it } from "vitest";
import { planted } from "../testing/serve-venues.ts";
import { drillStage } from "./testing/start-drill-venues.ts";

const quick = ["--session", "broker", "--control", "1", "--instrument", "265598", "--price", "10"];
const accounts = ["DU-planted"];

async function stage(ibkr: NonNullable<Parameters<typeof drillStage>[0]>["ibkr"] = {}, top = "", last = "") {
	const venues = await drillStage({ ibkr: { accounts, loadMs: 100, ...ibkr } });
	venues.configure(["ibkr"], top, last);
	return venues;
}

const at = (text: string, action: () => unknown) => (line: string) => void (line.includes(text) && action());

describe.concurrent("keepalive drill at IBKR", () => {
	it("keepalive drill answers IBKR's usual questions about an order, proves that the order stays open however the session dies, and then cancels it", async () => {
		const strategies = "strategies: { bot: { sessions: [broker], toleranceMs: 1000 } }\n";
		const { drill, ibkr, written } = await stage({ orderQuestions: ["o163", "o354"] }, strategies);
		const { code, records, err } = await drill(quick);
		const survived = { expects: "survival", result: { verdict: "proved" }, cleanup: "cancelled" };
		expect(records, err).toMatchObject(["close", "kill", "freeze", "gate"].map((kill) => ({ kill, ...survived })));
		expect(records.every(({ measured, statedMs }) => measured === undefined && statedMs === undefined)).toBe(true);
		const order = { state: "cancelled", cancelReason: "Cancelled by user", orderType: "LMT", side: "BUY", price: 10 };
		expect(ibkr.orders()).toMatchObject([order, order, order, order]);
		expect(JSON.stringify([records, written()]) + err).not.toMatch(planted);
		expect(code).toBe(0);
	});

	it("keepalive drill proves that another login of the user takes over from a frozen process and sees the order", async () => {
		const { drill, ibkr, folder } = await stage();
		const standby = new IbkrVenue({ accounts, loadMs: 100, start: "login", initAfterLogin: false, user: ibkr.user });
		const certificate = await selfSignedCertificate();
		const served = await serve(new Link(standby), { tls: certificate });
		writeFileSync(join(folder, "standby.pem"), certificate.cert);
		appendFileSync(
			join(folder, "keepalive.yaml"),
			`  standby: { venue: ibkr, client: { baseUrl: "${served.http}/v1/api" }, gateway: { caFile: standby.pem } }\n`,
		);
		const { code, records, err } = await drill([...quick, "--kill", "freeze", "--takeover", "standby"]);
		expect(records, err).toMatchObject([{ result: { verdict: "proved" }, cleanup: "cancelled" }]);
		expect(records[0]?.notes[0]).toMatch(/^standby took over the brokerage session in \d+ ms with compete: true/);
		expect([ibkr.truth().brokerage, standby.truth().brokerage]).toEqual(["taken", "live"]);
		expect(ibkr.orders()).toMatchObject([{ state: "cancelled" }]);
		expect(code).toBe(0);
		for (const args of [
			["--takeover", "standby"],
			["--kill", "kill", "--takeover", "broker"],
		]) {
			expect((await drill([...quick, ...args])).code).toBe(2);
		}
		await served.close();
	});

	it('keepalive drill reports "wrong reason" for an order that was cancelled instead of staying open, and "filled" for an order that was filled', async () => {
		const { drill, ibkr } = await stage();
		const args = [...quick, "--kill", "kill"];
		const last = () => String(ibkr.orders().at(-1)?.id);
		const wrong = await drill(
			args,
			at("watch for up to", () => ibkr.faults.cancel({ orderId: last() })),
		);
		expect(wrong.records, wrong.err).toMatchObject([{ result: { verdict: "wrong-reason", reason: "Cancelled" } }]);
		const filled = await drill(
			args,
			at("control period", () => ibkr.faults.fill({ orderId: last() })),
		);
		expect(filled.records, filled.err).toMatchObject([{ result: { verdict: "filled", amount: "1.0" } }]);
		expect([wrong.code, filled.code]).toEqual([3, 3]);
	});

	it('keepalive drill reports "inconclusive", and places no order, when the venue asks a question that the drill does not know', async () => {
		const { drill, ibkr } = await stage({ orderQuestions: ["o999"] });
		const { code, records, err } = await drill([...quick, "--kill", "kill"]);
		expect(records, err).toMatchObject([{ result: { verdict: "inconclusive" }, cleanup: "not-needed" }]);
		expect([code, ibkr.orders()]).toEqual([1, []]);
	});

	it("keepalive drill refuses a live account unless --production and the name of the account are given", async () => {
		const { drill, ibkr } = await stage({ accounts: ["U-planted"] });
		const args = [...quick, "--kill", "kill"];
		const refused = [[], ["--production"], ["--production", "--account", "U-other"]];
		for (const more of refused) {
			const { code, err } = await drill([...args, ...more]);
			expect(code, err).toBe(2);
			expect(err).not.toMatch(planted);
		}
		expect(ibkr.orders()).toEqual([]);
		const { code, records, err } = await drill([...args, "--production", "--account", "U-planted"]);
		expect([code, records], err).toMatchObject([0, [{ isProduction: true }]]);
	});

	it("keepalive drill refuses to start without a login, without a contract, with other open orders, and with the option logoutOnClose", async () => {
		const { drill, ibkr, configure } = await stage({ start: "none" });
		expect((await drill(quick)).err).toContain("there is no login");
		ibkr.faults.login({ accounts });
		expect((await drill(["--control", "1"])).err).toContain("give --instrument with a contract ID");
		ibkr.faults.place({});
		expect((await drill(quick)).err).toContain("has 1 open orders");
		configure(["ibkr"], "", "    logoutOnClose: true\n");
		const { code, err } = await drill(quick);
		expect([code, err]).toMatchObject([2, expect.stringContaining("logoutOnClose ends the login")]);
	});
});
