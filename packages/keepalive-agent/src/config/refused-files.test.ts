import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadConfig } from "./load-config.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-files-"));
const file = join(folder, "keepalive.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = "planted-9f2c71d8";
writeFileSync(join(folder, "key"), secret);
symlinkSync(join(folder, "key"), join(folder, "link"));

const load = (top: string, ibkr = "") => {
	writeFileSync(file, `ordersOnStop: keep\n${top}\nsessions:\n  broker: { venue: ibkr, ${ibkr} }\n`);
	return () => loadConfig(file, {});
};

describe("loadConfig", () => {
	it("loadConfig refuses a configuration or a secret that is not a regular file, without blocking", () => {
		execFileSync("mkfifo", [join(folder, "pipe"), join(folder, "pipe.yaml")]);
		expect(() => loadConfig(join(folder, "pipe.yaml"), {})).toThrow("it is not a regular file");
		expect(load("http: { tokenFile: pipe }")).toThrow(`cannot read ${join(folder, "pipe")}: it is not a regular file`);
		expect(load("http: { tokenFile: /dev/zero }")).toThrow("it is not a regular file");
		expect(load("http: { tokenFile: . }")).toThrow("it is not a regular file");
	});

	it("loadConfig refuses a secret that is longer than 1 MB", () => {
		writeFileSync(join(folder, "large"), "");
		truncateSync(join(folder, "large"), 1_000_001);
		expect(load("http: { tokenFile: large }")).toThrow("it is too large");
	});

	it.each([
		["state: { file: keepalive.yaml }", "state.file"],
		["state: { file: key }\nhttp: { tokenFile: link }", "state.file"],
		["history: { file: keepalive.yaml }", "history.file"],
		["state: { file: same }\nhistory: { file: same }", "history.file"],
	])("loadConfig refuses a path at which the agent would overwrite another file: %s", (top, key) => {
		expect(load(top)).toThrow(
			`${key} is this configuration, a file with a secret, or another file that the agent writes`,
		);
	});

	it("loadConfig shows neither the content of a wrong certificate file nor an invalid session name in an error", () => {
		expect(load("", "gateway: { caFile: key }")).toThrow(
			"must be the PEM text of a certificate, got a value of type string",
		);
		writeFileSync(file, `ordersOnStop: keep\nsessions: { "${secret}/x": { venue: deribit } }\n`);
		expect(() => loadConfig(file, {})).toThrow("sessions.(key not shown).client is required");
		expect(() => loadConfig(file, {})).not.toThrow(secret);
	});
});

it("loadConfig accepts a `state.file` that has no other use", () => {
	expect(load("state: { file: state.json }\nhttp: { tokenFile: link }")()).toMatchObject({
		state: { file: join(folder, "state.json") },
	});
});
