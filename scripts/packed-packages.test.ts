import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ServedVenues, serveVenues } from "@x/venue-sims";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entriesOf } from "./build/entry-points.ts";
import { packAll, published } from "./test-install/tarballs.ts";
import { repository, run } from "./testing/run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "packages-"));
let tarballs: ReadonlyMap<string, string>;
let sims: ServedVenues;
/** The path of a package's tarball. */
const tarballOf = (name: string): string => tarballs.get(`@x/${name}`) ?? "";

beforeAll(async () => {
	sims = await serveVenues();
	tarballs = await packAll(folder);
});
afterAll(async () => {
	await sims.close();
	rmSync(folder, { recursive: true, force: true });
});

/** Creates an empty project, and installs these packages from their tarballs. Returns the folder of the project. */
async function install(project: string, ...names: string[]): Promise<string> {
	const cwd = join(folder, project);
	mkdirSync(cwd);
	writeFileSync(join(cwd, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
	const files = names.map(tarballOf);
	// If the registry hangs, npm gives the request up after 20 s. So npm can ask again before the test times out.
	const flags = ["--no-audit", "--no-fund", "--prefer-offline", "--fetch-timeout=20000"];
	const { code, stderr } = await run("npm", ["install", ...flags, ...files], {
		cwd,
		timeoutMs: 100_000,
	});
	expect(code, stderr).toBe(0);
	return cwd;
}

const installedOf = (cwd: string): string[] => readdirSync(join(cwd, "node_modules/@x")).sort();

async function runProgram(cwd: string, program: string): Promise<string> {
	copyFileSync(join(repository, "examples", program), join(cwd, program));
	const { code, stdout, stderr } = await run("node", [program], { cwd, env: sims.environment });
	expect(stderr.replaceAll(/^deribit has stopped; .*\n/gm, "")).toBe("");
	expect(code).toBe(0);
	return stdout;
}

describe("a client package, packed and installed into an empty folder", () => {
	it.each([
		["deribit-session", "deribit.mjs"],
		["ibkr-session", "ibkr.mjs"],
		["bybit-dcp", "bybit.mjs"],
	])("an install of %s brings no other package, and the program of its README then runs", async (name, program) => {
		const cwd = await install(name, name);
		expect(await runProgram(cwd, program)).not.toBe("");
		expect(installedOf(cwd)).toEqual([name]);
		const others = readdirSync(join(cwd, "node_modules")).filter((entry) => !entry.startsWith(".") && entry !== "@x");
		expect(others).toEqual([]);
	});
});

describe("@x/keepalive, packed and installed", () => {
	it("@x/keepalive loads if neither a client package nor OpenTelemetry is installed", async () => {
		const cwd = await install("keepalive-alone", "keepalive");
		const load = (entry: string, name: string) =>
			run("node", ["-e", `import("@x/keepalive${entry}").then((it) => console.log(typeof it.${name}))`], { cwd });
		for (const [entry, name] of [
			["", "keepalive"],
			["/node", "installShutdown"],
			["/worker", "keepaliveInWorker"],
		] as const) {
			expect(await load(entry, name)).toMatchObject({ code: 0, stdout: "function\n", stderr: "" });
		}
		expect((await load("/opentelemetry", "openTelemetryTracing")).stderr).toContain("'@opentelemetry/api'");
		expect(installedOf(cwd)).toEqual(["keepalive"]);
		expect(readdirSync(join(cwd, "node_modules")).filter((entry) => !entry.startsWith("."))).toEqual(["@x"]);
	});

	it("the program in the README of @x/keepalive runs when only the client of its venue is installed", async () => {
		const cwd = await install("keepalive-deribit", "keepalive", "deribit-session");
		expect(await runProgram(cwd, "keepalive.mjs")).toContain("armed");
		expect(installedOf(cwd)).toEqual(["deribit-session", "keepalive"]);
	});
});

describe("@x/venue-sims, packed and installed", () => {
	it("@x/venue-sims has a command that serves all simulated venues until it is interrupted", async () => {
		const cwd = await install("venue-sims", "venue-sims");
		const { code, stdout } = await run("node_modules/.bin/venue-sims", [], {
			cwd,
			onOutput: (text, child) => text.includes("\n") && child.kill("SIGINT"),
		});
		expect(code).toBe(0);
		expect(Object.keys(JSON.parse(stdout) as object)).toContain("deribit");
	});
});

/**
 * For each package, matches the files that no other package has. The agent reads its files, or users copy them: program, page, systemd
 * unit, schema, sample configuration, dashboard and alert rules.
 */
const ownFiles: Readonly<Record<string, RegExp>> = {
	"venue-sims": /^package\/bin\/venue-sims\.js$/,
	"keepalive-agent":
		/^package\/(bin\/keepalive\.js|page\/[a-z-]+\.(js|css|html|svg)|systemd\/keepalive\.service|keepalive\.(schema\.json|sample\.yaml)|grafana\/keepalive\.json|prometheus\/keepalive\.rules\.yaml)$/,
};

describe("the tarball of a package", () => {
	it.each(published)("the tarball of %s contains what a user needs, and no source, test or report", async (name) => {
		const { stdout } = await run("tar", ["-tzf", tarballOf(name)]);
		const files = stdout.trim().split("\n");
		const needed = ["package.json", "LICENSE", "README.md", "dist/index.js", "dist/index.d.ts"];
		expect(files).toEqual(expect.arrayContaining(needed.map((file) => `package/${file}`)));
		const allowed = /^package\/(CHANGELOG\.md|dist\/(.+\.(js|js\.map|d\.ts)|THIRD-PARTY-LICENSES\.txt))$/;
		const folders = ownFiles[name] ?? /^$/;
		const others = files.filter(
			(file) => !needed.includes(file.replace("package/", "")) && !allowed.test(file) && !folders.test(file),
		);
		expect(others).toEqual([]);
		expect(files.filter((file) => /\.test\.|\/testing\//.test(file))).toEqual([]);
		const { version } = JSON.parse(readFileSync(join(repository, "packages", name, "package.json"), "utf8")) as {
			version: string;
		};
		expect(tarballOf(name)).toContain(version);
	});
});

describe("the tarball of a client package", () => {
	it.each(["deribit-session", "ibkr-session", "bybit-dcp"])(
		"the tarball of %s contains the license of each package whose code is bundled",
		async (name) => {
			const file = "package/dist/THIRD-PARTY-LICENSES.txt";
			const { stdout } = await run("tar", ["-xOzf", tarballOf(name), file]);
			const license = readFileSync(join(repository, "node_modules/openapi-fetch/LICENSE"), "utf8").trim();
			expect(stdout).toBe(`openapi-fetch 0.17.0\n\n${license}\n`);
		},
	);

	it.each([
		["deribit-session", 227],
		["ibkr-session", 260],
		["bybit-dcp", 200],
	])("the tarball of %s has at most %i kB when unpacked", async (name, maxKb) => {
		const { stdout } = await run("tar", ["-xOzf", tarballOf(name)]);
		expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(maxKb * 1_000);
	});
});

describe("the declarations of the packages", () => {
	it.each(published)("the declarations of %s contain no `any`", (name) => {
		const dist = join(repository, "packages", name, "dist");
		const loose = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => {
			if (!file.endsWith(".d.ts")) return false;
			const code = readFileSync(join(dist, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
			return /\bany\b/.test(code.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""'));
		});
		expect(loose).toEqual([]);
	});

	it("the declarations of all packages compile without skipLibCheck, so they name no file that the build has removed", async () => {
		const folders = published.map((name) => join(repository, "packages", name));
		const files = folders.flatMap((each) => entriesOf(each).map(({ name }) => join(each, "dist", `${name}.d.ts`)));
		const compilerOptions = {
			strict: true,
			exactOptionalPropertyTypes: true,
			module: "nodenext",
			target: "es2024",
			lib: ["es2024", "esnext.disposable", "dom"],
			types: ["node"],
			typeRoots: [join(repository, "node_modules/@types")],
			noEmit: true,
		};
		writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
		const { code, stdout } = await run("tsc", ["-p", join(folder, "tsconfig.json")]);
		expect(stdout).toBe("");
		expect(code).toBe(0);
	});
});
