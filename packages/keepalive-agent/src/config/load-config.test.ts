import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load-config.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-config-"));
const file = join(folder, "keepalive.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = "planted-9f2c71d8";
const environment = {
	ID: "an-id",
	SECRET: secret,
	BROKEN: `${secret}\n`,
	UMLAUT: `${secret}ä`,
	CREDENTIALS_DIRECTORY: folder,
};

const load = (text: string) => {
	writeFileSync(file, text);
	return loadConfig(file, environment);
};

/** Loads this text and returns the lines of the error message, without the path of the folder. */
function problemsOf(text: string): string[] {
	try {
		load(text);
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		expect(error.message).not.toContain(secret);
		return error.message.replaceAll(`${folder}/`, "").split("\n");
	}
	return [];
}

const deribit = `
ordersOnStop: keep
sessions:
  hedge:
    venue: deribit
    client:
      credentials:
        clientId: env:ID
        clientSecret: env:SECRET
`;

describe("loadConfig", () => {
	it("loadConfig reads secrets from a systemd credential and from files in the configuration's folder, and trims them", () => {
		mkdirSync(join(folder, "secrets"), { recursive: true });
		writeFileSync(join(folder, "secrets/key"), `${secret}\n`);
		writeFileSync(join(folder, "bybit-key"), "a-key\n");
		const { sessions, http } = load(`
ordersOnStop: cancel
http: { tokenFile: secrets/key }
sessions:
  maker:
    venue: bybit
    client: { apiKey: "credential:bybit-key", apiSecretFile: secrets/key }
    products: [DERIVATIVES]
`);
		expect(sessions["maker"]).toMatchObject({ client: { apiKey: "a-key", apiSecret: secret } });
		expect(http).toEqual({ host: "127.0.0.1", port: 7300, token: secret });
	});

	it("loadConfig accepts the example of the README", () => {
		const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
		const example = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? "";
		writeFileSync(join(folder, "deribit"), secret);
		writeFileSync(join(folder, "bybit-key"), "a-key");
		writeFileSync(join(folder, "bybit-secret"), secret);
		writeFileSync(file, example.replace("/run/secrets", folder));
		const { sessions } = loadConfig(file, { ...environment, DERIBIT_CLIENT_ID: "an-id" });
		expect(Object.keys(sessions)).toEqual(["hedge", "maker"]);
	});

	it("loadConfig accepts several sessions at one venue, under different names", () => {
		const second = deribit.slice(deribit.indexOf("  hedge")).replace("hedge", "maker");
		expect(Object.keys(load(deribit + second.trimStart().replace(/^/, "  ")).sessions)).toEqual(["hedge", "maker"]);
	});

	it("loadConfig takes the text `env:ID` literally in an option that is not a secret", () => {
		const text = `${deribit}    armingPermission: env:ID\n`;
		expect(load(text).sessions["hedge"]).toMatchObject({ armingPermission: "env:ID" });
	});

	it.each([
		[
			"a misspelt key",
			`${deribit}    intervalSecnds: 30\n`,
			"keepalive.yaml:10: sessions.hedge.intervalSecnds is not known. Did you mean intervalSeconds?",
		],
		[
			"a secret in the file",
			deribit.replace("env:SECRET", secret),
			"keepalive.yaml:9: sessions.hedge.client.credentials.clientSecret is a secret, and must not be in this file. Write env:NAME or credential:NAME, or add File to the key and write a path.",
		],
		[
			"a secret as a key",
			`${deribit}    ${secret}: 1\n`,
			"keepalive.yaml:10: sessions.hedge.(key not shown) is not known (known: venue, leader, orderLabel, client, armingPermission, intervalSeconds, pingMs, pongTimeoutMs, cancelScope, verifyEveryMs).",
		],
		[
			"a missing secret",
			deribit.replace(/ +clientSecret.*\n/, ""),
			"keepalive.yaml:7: sessions.hedge.client.credentials needs clientSecret or clientSecretFile.",
		],
		[
			"a secret given twice",
			`${deribit}        clientSecretFile: x\n`,
			"keepalive.yaml:7: sessions.hedge.client.credentials needs only one of clientSecret and clientSecretFile.",
		],
		[
			"a variable that is not set",
			deribit.replace("env:SECRET", "env:NOTHING"),
			"keepalive.yaml:9: sessions.hedge.client.credentials.clientSecret needs the environment variable NOTHING, which is not set.",
		],
		[
			"a credential that is missing",
			deribit.replace("env:SECRET", "credential:nothing"),
			"keepalive.yaml:9: sessions.hedge.client.credentials.clientSecret cannot read the credential nothing: ENOENT.",
		],
		[
			"a token with a line break",
			`${deribit}http: { token: "env:BROKEN" }\n`,
			"keepalive.yaml:10: http.token holds a space, a line break or another character that cannot be in an HTTP header.",
		],
		[
			"a key with a character that is not ASCII",
			`${deribit}  maker:\n    venue: bybit\n    products: [SPOT]\n    client: { apiKey: "env:UMLAUT", apiSecret: "env:SECRET" }\n`,
			"keepalive.yaml:13: sessions.maker.client.apiKey holds a space, a line break or another character that cannot be in an HTTP header.",
		],
		[
			"a bracket that is not closed",
			"sessions: [",
			"keepalive.yaml:1:12: is not valid YAML: a bracket [ is not closed, or what is in it is not indented.",
		],
		[
			"a quote that is not closed",
			`a: "x ${secret}`,
			`keepalive.yaml:1:${7 + secret.length}: is not valid YAML: a quote (") is not closed.`,
		],
		[
			"a key without a value",
			deribit.replace("ordersOnStop: keep", "ordersOnStop:"),
			'keepalive.yaml:2: ordersOnStop has no value: it must be "keep" or "cancel".',
		],
		[
			"an unknown venue",
			deribit.replace("venue: deribit", "venue: derbit"),
			'keepalive.yaml:5: sessions.hedge.venue must be "deribit" or "bybit" or "ibkr".',
		],
		["no venue", deribit.replace("    venue: deribit\n", ""), "keepalive.yaml:4: sessions.hedge.venue is required."],
		[
			"a wrong type",
			`${deribit}    intervalSeconds: soon\n`,
			"keepalive.yaml:10: sessions.hedge.intervalSeconds must be a number.",
		],
		[
			"a number out of range",
			`${deribit}    intervalSeconds: 5\n`,
			"keepalive.yaml:10: sessions.hedge.intervalSeconds must be a number from 10, got 5.",
		],
		[
			"a wrong URL",
			deribit.replace("    client:\n", "    client:\n      url: https://x\n"),
			'keepalive.yaml:7: sessions.hedge.client.url must be a wss:// URL, got "https://x".',
		],
		[
			"no decision on orders",
			deribit.replace("ordersOnStop: keep", "log: {}"),
			"keepalive.yaml:2: ordersOnStop is required.",
		],
		[
			"a session name that is no label",
			deribit.replace("hedge", '"a b"'),
			"keepalive.yaml:4: sessions.(key not shown) is not allowed as a name (letters, digits, dot, dash and underscore; at most 64).",
		],
		[
			"a key that is there twice",
			`${deribit}    venue: deribit\n`,
			"keepalive.yaml:10:5: is not valid YAML: this key is there twice.",
		],
		[
			"a secret that YAML takes for an alias",
			deribit.replace("env:SECRET", `*${secret}`),
			"keepalive.yaml:9:23: is not valid YAML: an alias (*) has no anchor; put a text that begins with * in quotes.",
		],
		[
			"another address without a token",
			`${deribit}http: { host: 0.0.0.0 }\n`,
			"keepalive.yaml:10: http.host is not this machine's own address, so http.token is required.",
		],
		[
			"a keeper's option out of range",
			`${deribit}keeper:\n  stallMs: -1\n`,
			"keepalive.yaml:11: keeper.stallMs must be a number of milliseconds above 0, got -1.",
		],
	])("loadConfig reports file, line and key of %s", (_, text, expected) => {
		expect(problemsOf(text)).toEqual([expected]);
	});

	it("loadConfig reports all problems at once, in the order of the lines", () => {
		const text = `${deribit}    intervalSeconds: 5\n    verifyEveryMs: -1\n    cancelScope: all\n    foo: 1\n`;
		expect(problemsOf(text).map((line) => line.split(" ")[0])).toEqual(["keepalive.yaml:12:", "keepalive.yaml:13:"]);
		const fixed = text.replace(/ +(cancelScope|foo).*\n/g, "");
		expect(problemsOf(fixed).map((line) => line.split(" ")[1])).toEqual([
			"sessions.hedge.intervalSeconds",
			"sessions.hedge.verifyEveryMs",
		]);
	});

	it("loadConfig names the whole key of an option that a venue's client refuses", () => {
		const text = `
ordersOnStop: keep
sessions:
  maker:
    venue: bybit
    client:
      apiKey: env:ID
      apiSecret: env:SECRET
      recvWindowMs: 0
    products: [SPOT]
  broker:
    venue: ibkr
    client: { callTimeoutMs: -1 }
`;
		expect(problemsOf(text)).toEqual([
			expect.stringMatching(/^keepalive\.yaml:9: sessions\.maker\.client\.recvWindowMs must be /),
			expect.stringMatching(/^keepalive\.yaml:13: sessions\.broker\.client\.callTimeoutMs must be /),
		]);
	});

	it("loadConfig says that a configuration cannot be read, and how to create one", () => {
		expect(() => loadConfig(join(folder, "none.yaml"), {})).toThrow(
			/none\.yaml: cannot be read: ENOENT\. `keepalive init`/,
		);
	});

	it("loadConfig refuses a file that is not text, is empty, or expands to a huge document by YAML aliases of aliases", () => {
		writeFileSync(file, Uint8Array.of(0xff, 0xfe, 0x80));
		expect(() => loadConfig(file, {})).toThrow("is not UTF-8");
		expect(problemsOf("")).toEqual(["keepalive.yaml:1: must be an object."]);
		const bomb = Array.from(
			{ length: 9 },
			(_, i) => `l${i}: &l${i} [${Array.from({ length: 9 }, () => (i ? `*l${i - 1}` : "x")).join(",")}]`,
		);
		expect(problemsOf(bomb.join("\n"))).toEqual(["keepalive.yaml:1: is not valid YAML: it has too many aliases."]);
	});
});
