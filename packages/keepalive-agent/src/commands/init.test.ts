import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSignedCertificate } from "@x/venue-sims";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../config/load-config.ts";
import { runMain } from "../testing/run-main.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "agent-init-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const environment = {
	KEEPALIVE_TOKEN: "t",
	DERIBIT_CLIENT_ID: "id",
	DERIBIT_CLIENT_SECRET: "secret",
	BYBIT_API_KEY: "key",
	BYBIT_API_SECRET: "secret",
	SLACK_WEBHOOK_URL: "https://slack.example/",
	PAGERDUTY_ROUTING_KEY: "key",
	TELEGRAM_BOT_TOKEN: "token",
	MARKET_MAKER_TOKEN: "a-token-of-16-or-more",
	WEBHOOK_URL: "https://hook.example/",
	HEALTHCHECK_URL: "https://ping.example/",
	LEADER_POSTGRES_URL: "postgres://keepalive:secret@db.example/trading",
};

describe("keepalive init", () => {
	it("keepalive init writes a configuration that is valid without any edit", async () => {
		const file = join(folder, "keepalive.yaml");
		const { code, out } = await runMain(["init", "--config", file]);
		expect(code).toBe(0);
		expect(out).toContain("keepalive check");
		expect(Object.keys(loadConfig(file, environment).sessions)).toEqual(["deribit"]);
	});

	it("keepalive init writes commented-out options, which are valid once the # before them is removed", async () => {
		const file = join(folder, "keepalive.yaml");
		await runMain(["init", "--config", file]);
		writeFileSync(join(folder, "gateway.pem"), (await selfSignedCertificate()).cert);
		writeFileSync(file, readFileSync(file, "utf8").replaceAll(/^( *)#(?! \S|$)/gm, "$1"));
		const { sessions, http, keeper, alerts } = loadConfig(file, environment);
		expect(Object.keys(alerts.channels ?? {})).toEqual(["team", "oncall", "phone", "own"]);
		expect(Object.keys(sessions)).toEqual(["deribit", "bybit", "ibkr"]);
		expect(http.token).toBe("t");
		expect(keeper.stopTimeoutMs).toBe(9_000);
	});

	it("keepalive init leaves an existing file as it is and exits 2", async () => {
		const file = join(folder, "keepalive.yaml");
		writeFileSync(file, "mine");
		const { code, err } = await runMain(["init", "-c", file]);
		expect([code, err]).toEqual([2, `${file} exists already: it is left as it is.`]);
		expect(readFileSync(file, "utf8")).toBe("mine");
	});

	it("keepalive init exits 2 when the file cannot be written", async () => {
		const { code, err } = await runMain(["init", "-c", join(folder, "none/keepalive.yaml")]);
		expect(code).toBe(2);
		expect(err).toMatch(/cannot be written: ENOENT\.$/);
	});
});
