import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError } from "../config/config-error.ts";
import { loadConfig } from "../config/load-config.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-history-config-"));
const file = join(folder, "desk.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const environment = { ID: "an-id", SECRET: "planted", URL: "postgres://a:planted@127.0.0.1/b", ODD: "http://planted" };
const sessions = `
ordersOnStop: keep
sessions:
  hedge: { venue: deribit, client: { credentials: { clientId: "env:ID", clientSecret: "env:SECRET" } } }
`;

function load(history: string, more = {}) {
	writeFileSync(file, `${history}${sessions}`);
	return loadConfig(file, { ...environment, ...more }).history;
}

const bounds = { maxDays: 90, maxBytes: 200_000_000 };

describe("the section history of the configuration", () => {
	it.each([[""], ["history: true"], ["history: {}"]])(
		"the history is a file beside the configuration file (%j)",
		(text) => {
			expect(load(text)).toEqual({ kind: "sqlite", file: join(folder, "desk.history.sqlite"), ...bounds });
		},
	);

	it.each([
		["/var/lib/keepalive", "/var/lib/keepalive/desk.history.sqlite"],
		["/var/lib/one:/var/lib/two", "/var/lib/one/desk.history.sqlite"],
		["", join(folder, "desk.history.sqlite")],
	])("the history file is in the first folder of $STATE_DIRECTORY, if any (%j)", (STATE_DIRECTORY, expected) => {
		expect(load("", { STATE_DIRECTORY })).toMatchObject({ file: expected });
	});

	it("loadConfig resolves the path of the history file against the configuration's folder, and uses the configured limits", () => {
		const given = load("history: { file: log/h.sqlite, maxDays: 1, maxBytes: 1000000 }", { STATE_DIRECTORY: "/x" });
		const expected = { kind: "sqlite", file: join(folder, "log/h.sqlite"), maxDays: 1, maxBytes: 1_000_000 };
		expect(given).toEqual(expected);
	});

	it("loadConfig returns no history with `history: false`, and a history in Postgres with postgresUrl", () => {
		expect(load("history: false")).toEqual({ kind: "none" });
		const postgres = { kind: "postgres", url: environment.URL, ...bounds };
		expect(load("history: { postgresUrl: env:URL }")).toEqual({ ...postgres, schema: "keepalive" });
		writeFileSync(join(folder, "url"), `${environment.URL}\n`);
		const text = "history: { postgresUrlFile: url, postgresSchema: desk_2 }";
		expect(load(text)).toEqual({ ...postgres, schema: "desk_2" });
	});

	it.each([
		["{ postgresUrl: postgres://planted }", "postgresUrl is a secret, and must not be in this file"],
		["{ postgresUrl: env:ODD }", "postgresUrl must be a URL that begins with postgres://"],
		["{ postgresUrl: env:URL, postgresUrlFile: x }", "needs only one of postgresUrl and postgresUrlFile"],
		["{ postgresUrl: env:URL, file: x }", "file must not be given together with postgresUrl"],
		["{ postgresSchema: x }", "postgresSchema needs postgresUrl"],
		['{ postgresUrl: env:URL, postgresSchema: "a\\"; drop" }', "postgresSchema must be lower-case letters"],
		["{ maxDays: 0.5 }", "maxDays must be >= 1"],
		["{ maxBytes: 999999 }", "maxBytes must be >= 1000000"],
		["{ maxDay: 1 }", "maxDay is not known. Did you mean maxDays?"],
		["no", "must be a boolean or an object"],
	])("loadConfig refuses history: %s", (text, problem) => {
		try {
			load(`history: ${text}`);
			expect.unreachable();
		} catch (error) {
			if (!(error instanceof ConfigError)) throw error;
			expect(error.message).toMatch(/desk\.yaml:1: history/);
			expect(error.message).toContain(problem);
			expect(error.message).not.toContain("planted");
		}
	});
});
