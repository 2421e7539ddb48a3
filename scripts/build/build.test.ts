import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { decode, encode } from "@jridgewell/sourcemap-codec";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { repository, run } from "../testing/run-command.ts";
import { finishDeclarations } from "./declarations.ts";
import { entriesOf } from "./entry-points.ts";
import { licensesOf } from "./licenses.ts";
import { reachable, tidy, wantedOf } from "./reachable-files.ts";
import { linesOnly } from "./reduce-source-map.ts";
import { withoutComments } from "./remove-comments.ts";

const names = ["deribit-session", "ibkr-session", "bybit-dcp", "keepalive", "venue-sims"];
const folderOf = (name: string): string => join(repository, "packages", name);
/** The built files that an entry point of the package reaches. A restored cache may have put other files into `dist`. */
const filesOf = (name: string, ending: string): string[] =>
	[...wantedOf(folderOf(name))].filter((file) => file.endsWith(ending));

/** The source files from which a built file was made. */
function sourcesOf(file: string): string[] {
	const { sources } = JSON.parse(readFileSync(`${file}.map`, "utf8")) as { sources: string[] };
	return sources.map((source) => join(dirname(file), source));
}

/** Matches an import of a package or of a Node.js module, in code and in declarations. */
const bareImport = /\b(?:from\s+|import\s*\(?\s*)"((?:@[^/"]+\/)?[^./"@][^/"]*)[^"]*"/g;

describe.each(names)("the built package %s", (name) => {
	const entries = entriesOf(folderOf(name));

	it("a built package has one file per entry point, and no other files except those that several entry points share", () => {
		const wanted = entries.map((entry) => join(folderOf(name), "dist", `${entry.name}.js`));
		const others = filesOf(name, ".js").filter((file) => !wanted.includes(file));
		expect(wanted.every((file) => existsSync(file))).toBe(true);
		expect(others.filter((file) => !/\/shared-\w+\.js$/.test(file))).toEqual([]);
		if (entries.length === 1) expect(others).toEqual([]);
	});

	it("a built package contains each module once, because two copies of a class would not recognize each other's objects", () => {
		const sources = filesOf(name, ".js").flatMap((file) => sourcesOf(file));
		expect(sources.length).toBeGreaterThan(5);
		expect(sources.filter((source, at) => sources.indexOf(source) !== at)).toEqual([]);
	});

	it("a built package has the code, the source map and the declarations of each entry point", () => {
		expect([...wantedOf(folderOf(name))].filter((file) => !existsSync(file))).toEqual([]);
	});

	it("a built package does not import @x/base, which is not published", () => {
		const files = [...filesOf(name, ".js"), ...filesOf(name, ".d.ts")];
		expect(files.filter((file) => /(?:from|import)[\s(]*["']@x\/base\b/.test(readFileSync(file, "utf8")))).toEqual([]);
	});

	it("a built package imports only packages that its package.json installs", () => {
		const manifest = JSON.parse(readFileSync(join(folderOf(name), "package.json"), "utf8")) as Record<string, object>;
		// The package itself counts as installed, because an example in one of its comments may import it.
		const installed = [`@x/${name}`, ...Object.keys({ ...manifest["dependencies"], ...manifest["peerDependencies"] })];
		const imported = [...filesOf(name, ".js"), ...filesOf(name, ".d.ts")].flatMap((file) =>
			Array.from(readFileSync(file, "utf8").matchAll(bareImport), ([, module = ""]) => module),
		);
		const isNode = (module: string): boolean => module.startsWith("node:");
		expect(imported.filter((module) => !isNode(module) && !installed.includes(module))).toEqual([]);
	});

	it("a built package has source maps that cover all lines, but do not contain the sources", () => {
		for (const file of filesOf(name, ".js")) {
			const map = JSON.parse(readFileSync(`${file}.map`, "utf8")) as {
				sourcesContent?: unknown;
				sources: readonly string[];
				mappings: string;
			};
			expect(map.sourcesContent).toBeUndefined();
			// An entry point that only exports from shared files has no lines of its own in its map.
			if (map.sources.length > 0) expect(map.mappings.split(";").length).toBeGreaterThan(10);
			expect(sourcesOf(file).filter((source) => !existsSync(source))).toEqual([]);
		}
	});
});

describe("an entry point of @x/keepalive", () => {
	it.each([
		["./deribit", ["deribit"]],
		["./ibkr", ["ibkr"]],
		["./bybit", ["bybit"]],
		[".", []],
	])("the entry point %s of @x/keepalive loads the venues %j and no other venue", (subpath, venues) => {
		const entry = entriesOf(folderOf("keepalive")).find((each) => each.subpath === subpath);
		const loaded = reachable([join(folderOf("keepalive"), "dist", `${entry?.name}.js`)], ".js");
		const sources = [...loaded].flatMap((file) => sourcesOf(file));
		const found = sources.map((source) => /\/venues\/(\w+)\//.exec(source)?.[1]).filter((venue) => venue !== undefined);
		expect([...new Set(found)]).toEqual(venues);
	});

	it("@x/keepalive/bybit throws errors of the same classes that @x/keepalive itself exports", async () => {
		const { dispositionOf, SessionError } = await import("@x/keepalive");
		const { bybit } = await import("@x/keepalive/bybit");
		let thrown: unknown;
		try {
			bybit({ client: { apiKey: "key", apiSecret: "secret" }, products: ["SPOT"] }).requireArmed();
		} catch (error) {
			thrown = error;
		}
		expect(thrown).toBeInstanceOf(SessionError);
		expect(dispositionOf(thrown)).toMatchObject({ action: "retry" });
	});
});

describe("the stack trace of an error in a built package", () => {
	let project: string;
	beforeEach(() => {
		// The program is in a folder inside the repository, so that its imports of the packages are found.
		project = mkdtempSync(join(repository, "node_modules/.trace-"));
	});
	afterEach(() => rmSync(project, { recursive: true, force: true }));

	it("the stack trace of an error in a built package names the source file and line in the repository", async () => {
		const program =
			'import { connectDeribit } from "@x/deribit-session";\nawait connectDeribit({ url: "http://x" });\n';
		writeFileSync(join(project, "program.mjs"), program);
		const { stderr } = await run("node", ["--enable-source-maps", "program.mjs"], { cwd: project });
		const [, path = "", line = ""] = /(deribit-session\/src\/[\w/-]+\.ts):(\d+):\d+/.exec(stderr) ?? [];
		expect(path, stderr).not.toBe("");
		const text = readFileSync(join(repository, "packages", path), "utf8").split("\n")[Number(line) - 1];
		expect(text).toContain("checkOptions(");
	});
});

it("linesOnly drops a mapping to the same source line as the mapping before it in the built line", () => {
	// The columns of the first built line come from: 0 and 4 from line 1 of the first source, 8 from line 2 of the first source, 12 from
	// line 2 of the second source.
	const mappings = [
		[
			[0, 0, 0, 0],
			[4, 0, 0, 4],
			[8, 0, 1, 2],
			[12, 1, 1, 2],
		],
		[[0, 1, 1, 6]],
	] as const;
	const map = {
		version: 3,
		sources: ["a.ts", "b.ts"],
		mappings: encode(mappings.map((line) => line.map((at) => [...at]))),
	};
	const { mappings: kept, ...others } = JSON.parse(linesOnly(JSON.stringify(map))) as typeof map;
	expect(others).toEqual({ version: 3, sources: ["a.ts", "b.ts"] });
	expect(decode(kept)).toEqual([[mappings[0][0], mappings[0][2], mappings[0][3]], mappings[1]]);
});

describe("licensesOf", () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "licenses-"));
		for (const name of ["@scope/one", "two"]) {
			mkdirSync(join(folder, "node_modules", name), { recursive: true });
			writeFileSync(join(folder, "node_modules", name, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
		}
		writeFileSync(join(folder, "node_modules/@scope/one/LICENSE.md"), "One's license\n");
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));
	const file = (path: string): string => join(folder, path);

	it("licensesOf names each package once, with its license", () => {
		const files = ["src/index.ts", "node_modules/@scope/one/a.js", "node_modules/@scope/one/dist/b.js"].map(file);
		expect(licensesOf(files)).toBe("@scope/one 1.0.0\n\nOne's license\n");
	});

	it("licensesOf throws when a package has no license file", () => {
		expect(() => licensesOf([file("node_modules/two/index.js")])).toThrow("no license file for two, which is bundled");
	});
});

it("withoutComments keeps lines, columns, strings that look like comments, and annotations for bundlers", () => {
	const source = [
		"/** One. */",
		`const url = \`https://a/\${/* two */ b}\`; // three`,
		"const c = /* @__PURE__ */ f(/[/*]/); /* four",
		"*/ g(() => {",
		"\t// five",
		"}); // six",
	];
	expect(withoutComments(source.join("\n")).split("\n")).toEqual([
		"           ",
		`const url = \`https://a/\${          b}\`;         `,
		"const c = /* @__PURE__ */ f(/[/*]/);        ",
		"   g(() => {",
		"\t       ",
		"});       ",
	]);
});

describe("a package after the TypeScript build", () => {
	let folder: string;
	const write = (file: string, text: string): void => {
		mkdirSync(dirname(join(folder, file)), { recursive: true });
		writeFileSync(join(folder, file), text);
	};
	beforeEach(() => {
		folder = mkdtempSync(join(tmpdir(), "built-"));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	it("entriesOf rejects a package whose declarations are not in the same folder as the code of the entry point", () => {
		const target = { types: "./dist/other.d.ts", default: "./dist/index.js" };
		write("package.json", JSON.stringify({ exports: { ".": target } }));
		expect(() => entriesOf(folder)).toThrow('exports["."]');
	});

	it("finishDeclarations copies the declarations of @x/base that the entry points need, and makes their imports relative", () => {
		const target = { types: "./dist/index.d.ts", default: "./dist/index.js" };
		write("package.json", JSON.stringify({ exports: { ".": target } }));
		write("dist/index.d.ts", 'export * from "./deep/a.ts";\nexport type { A } from "@x/base/a";\n');
		write("dist/deep/a.d.ts", 'export type B = import("@x/base/a").A;\n');
		write("dist/index.js", "export {};\n");
		write("base/dist/a.d.ts", 'export type { A } from "./b.ts";\n');
		write("base/dist/b.d.ts", "export type A = 1;\n");
		write("base/dist/unused.d.ts", "export type C = 1;\n");
		finishDeclarations(folder, join(folder, "base"));
		tidy(folder);
		const left = readdirSync(join(folder, "dist"), { recursive: true, encoding: "utf8" });
		const declarations = ["base/a.d.ts", "base/b.d.ts", "deep/a.d.ts", "index.d.ts"];
		expect(left.filter((file) => file.endsWith(".d.ts")).sort()).toEqual(declarations);
		expect(readFileSync(join(folder, "dist/index.d.ts"), "utf8")).toContain('from "./base/a.js"');
		expect(readFileSync(join(folder, "dist/deep/a.d.ts"), "utf8")).toContain('import("../base/a.js")');
	});

	it("tidy removes from dist every file that no entry point reaches through imports", () => {
		const target = { types: "./dist/index.d.ts", default: "./dist/index.js" };
		write("package.json", JSON.stringify({ exports: { ".": target } }));
		const wanted = {
			"dist/index.js": 'import {\n  a\n} from "./shared-1.js";\nexport const b = () => import("./deep/late.js");\n',
			"dist/index.js.map": "{}",
			"dist/shared-1.js": 'import "node:crypto";\nexport const a = 1;\n',
			"dist/shared-1.js.map": "{}",
			"dist/deep/late.js": "export {};\n",
			"dist/deep/late.js.map": "{}",
			"dist/index.d.ts": 'export { type A } from "./a.ts";\n',
			"dist/a.d.ts": 'export type A = import("./deep/b.js").B;\n',
			"dist/deep/b.d.ts": "export type B = 1;\n",
		};
		for (const [file, text] of Object.entries(wanted)) write(file, text);
		for (const file of ["shared-2.js", "shared-2.js.map", "old.js", "old.d.ts", "deep/old.d.ts"])
			write(`dist/${file}`, "");
		tidy(folder);
		const left = readdirSync(folder, { recursive: true, encoding: "utf8" });
		expect(left.filter((file) => /dist\/.*\./.test(file)).sort()).toEqual(Object.keys(wanted).sort());
	});
});
