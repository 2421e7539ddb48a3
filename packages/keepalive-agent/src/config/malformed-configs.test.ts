import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { isMap, isScalar, LineCounter, parseDocument, stringify } from "yaml";
import { runMain } from "../testing/run-main.ts";
import { fullConfig } from "./testing/full-config.ts";

const folder = mkdtempSync(join(tmpdir(), "agent-malformed-"));
const file = join(folder, "keepalive.yaml");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = "planted-9f2c71d8";
const text = stringify({
	...fullConfig,
	http: { host: "127.0.0.1", port: 7300, token: "env:SECRET" },
	log: { level: "info" },
});

/** A configuration with one mistake, and the line that an error has to name. */
interface Mistake {
	readonly what: string;
	readonly text: string;
	readonly line: number;
}

/**
 * Returns configurations with one mistake each: every key is misspelt once, and every value is replaced once by a value of another type.
 */
function mistakes(): Mistake[] {
	const lines = new LineCounter();
	const found: Mistake[] = [];
	const replace = (what: string, [start, end]: readonly [number, number], by: string): void => {
		found.push({ what, text: text.slice(0, start) + by + text.slice(end), line: lines.linePos(start).line });
	};
	const visit = (node: unknown, path: string): void => {
		if (!isMap(node)) return;
		for (const { key, value } of node.items) {
			if (!isScalar(key) || !key.range) continue;
			const name = `${path}${String(key.value)}`;
			// The names of sessions, strategies and channels are chosen by the user, so another spelling is no mistake.
			const isName = ["sessions.", "strategies.", "alerts.channels.", "relay.bots."].includes(path);
			const range = [key.range[0], key.range[1]] as const;
			if (!isName) replace(`${name} misspelt`, range, `${String(key.value)}x`);
			// A session without its venue and a channel without its type cannot be checked any further.
			if (key.value !== "venue" && key.value !== "type")
				replace(`${name} as a secret`, range, isName ? `"${secret} /"` : secret);
			if (isScalar(value) && value.range) {
				const scalar = [value.range[0], value.range[1]] as const;
				for (const wrong of ["[1]", "{ a: 1 }", "null"]) replace(`${name}: ${wrong}`, scalar, wrong);
				if (typeof value.value !== "string") replace(`${name}: a text`, scalar, `"${secret}"`);
				else if (value.value.startsWith("env:")) replace(`${name}: in the file`, scalar, secret);
			}
			visit(value, `${name}.`);
		}
	};
	visit(parseDocument(text, { lineCounter: lines }).contents, "");
	return found;
}

it("keepalive check exits 2 for each of over 200 malformed configurations, with an error that names the right line and shows no value", async () => {
	const all = mistakes();
	expect(all.length).toBeGreaterThanOrEqual(200);
	writeFileSync(file, text);
	const wrong: string[] = [];
	for (const mistake of all) {
		writeFileSync(file, mistake.text);
		const { code, out, err } = await runMain(["check", "-c", file, "--timeout", "0.001"], {
			environment: { SECRET: `postgres://${secret}`, ADDRESS: `https://${secret}.example/` },
		});
		const isFound = err.split("\n").some((line) => line.startsWith(`${file}:${mistake.line}: `));
		if (code !== 2 || out !== "" || !isFound || err.includes(secret)) wrong.push(`${mistake.what}: ${code} ${err}`);
	}
	expect(wrong).toEqual([]);
}, 180_000);
