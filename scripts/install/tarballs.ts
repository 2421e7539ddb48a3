import { readFileSync } from "node:fs";
import { join } from "node:path";
import { tidy } from "../build/reachable.ts";
import { repository, run } from "../testing/run.ts";
import type { Row } from "./report.ts";
import { tool } from "./tools.ts";

/** The published packages, each after its dependencies. */
export const published = ["deribit-session", "ibkr-session", "bybit-dcp", "keepalive", "venue-sims"] as const;

/** Packs a package as a release would. */
export async function pack(name: string, folder: string): Promise<string> {
	const cwd = join(repository, "packages", name);
	tidy(cwd);
	const { code, stdout, stderr } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd });
	if (code !== 0) throw new Error(`packing ${name} failed:\n${stderr}`);
	// npm 10 and 11 print a list, later versions an object by package name.
	const packed = Object.values(JSON.parse(stdout) as Record<string, { filename: string }>)[0];
	return join(folder, packed?.filename ?? "");
}

/** The files that a tarball may contain. */
const wanted =
	/^package\/(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/(.+\.(js|js\.map|d\.ts)|THIRD-PARTY-LICENSES\.txt))$/;

/** Checks every tarball: publint, are-the-types-wrong, contents, and no `any` in the declarations. */
export async function checkTarballs(tarballs: ReadonlyMap<string, string>): Promise<Row[]> {
	const rows: Row[] = [];
	for (const [name, tarball] of tarballs) {
		const lint = await run("node", [tool("publint/src/cli.js"), "run", tarball, "--strict"]);
		const lintWords = lint.stdout.trim().split("\n").slice(1, 4).join(" ");
		rows.push({
			what: `${name}: publint --strict`,
			ok: lint.code === 0,
			detail: lint.code === 0 ? "clean" : lintWords,
		});

		const attw = ["--profile", "esm-only", "--no-emoji", "--no-color", "--format", "table-flipped", tarball];
		const types = await run("node", [tool("@arethetypeswrong/cli/dist/index.js"), ...attw], { timeoutMs: 120_000 });
		const typeWords = `${types.stdout}${types.stderr}`.trim().split("\n").slice(-6).join(" ");
		const profile = "are the types wrong (ESM only)";
		rows.push({ what: `${name}: ${profile}`, ok: types.code === 0, detail: types.code === 0 ? "clean" : typeWords });

		const files = (await run("tar", ["-tzf", tarball])).stdout.trim().split("\n");
		const unneeded = files.filter((file) => !wanted.test(file) || /\.test\.|\/testing\//.test(file));
		const missing = ["LICENSE", "README.md", "dist/index.js", "dist/index.d.ts"].filter(
			(file) => !files.includes(`package/${file}`),
		);
		const contents = [
			...unneeded.map((file) => `${file} is not needed`),
			...missing.map((file) => `${file} is missing`),
		];
		rows.push({
			what: `${name}: contents`,
			ok: contents.length === 0,
			detail: contents.join(", ") || `${files.length} files: code, maps, declarations, README, licence`,
		});
		const loose = await anyIn(name);
		rows.push({ what: `${name}: no \`any\` in its declarations`, ok: loose.length === 0, detail: loose[0] ?? "none" });
	}
	return rows;
}

/** Declarations that contain `any` outside comments. */
async function anyIn(name: string): Promise<string[]> {
	const { stdout } = await run("find", [
		join(repository, "packages", name.replace("@x/", ""), "dist"),
		"-name",
		"*.d.ts",
	]);
	return stdout
		.trim()
		.split("\n")
		.flatMap((file) => {
			const text = readFileSync(file, "utf8").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
			return /\bany\b/.test(text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')) ? [file.slice(repository.length + 1)] : [];
		});
}
