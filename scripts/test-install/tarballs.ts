import { join } from "node:path";
import { tidy } from "../build/reachable-files.ts";
import { repository, run, runOrThrow } from "../testing/run-command.ts";
import { tool } from "./runtimes.ts";
import { type Row, row } from "./runtimes-page.ts";

/** The names of the published packages, each after the packages that it depends on. */
export const published = [
	"deribit-session",
	"ibkr-session",
	"bybit-dcp",
	"keepalive",
	"keepalive-kubernetes",
	"keepalive-postgres",
	"keepalive-nats",
	"venue-sims",
	"keepalive-agent",
] as const;

/** Packs every package as a release would. Returns the paths of the tarballs by the names of the packages. */
export async function packAll(folder: string): Promise<ReadonlyMap<string, string>> {
	for (const name of published) tidy(join(repository, "packages", name));
	const workspaces = published.map((name) => `--workspace=@x/${name}`);
	const stdout = await runOrThrow("npm", ["pack", "--json", "--pack-destination", folder, ...workspaces]);
	// npm 10 and 11 print a list; later versions print an object whose keys are package names.
	const packed = Object.values(JSON.parse(stdout) as Record<string, { name: string; filename: string }>);
	return new Map(packed.map(({ name, filename }) => [name, join(folder, filename)]));
}

/** Checks every tarball with publint and are-the-types-wrong. packed-packages.test.ts checks the contents of the tarballs. */
export async function checkTarballs(tarballs: ReadonlyMap<string, string>): Promise<Row[]> {
	const rows: Row[] = [];
	for (const [name, tarball] of tarballs) {
		const check = async (what: string, ...command: string[]): Promise<void> => {
			const { code, stdout, stderr } = await run("node", command, { timeoutMs: 120_000 });
			const said = `${stdout}${stderr}`.trim().split("\n").slice(-6).join(" ");
			rows.push(row(`${name}: ${what}`, code === 0 ? undefined : said || `exit code ${code}`, "clean"));
		};
		await check("publint --strict", tool("publint/src/cli.js"), "run", tarball, "--strict");
		const attw = ["--profile", "esm-only", "--no-emoji", "--no-color", "--format", "table-flipped", tarball];
		await check("are the types wrong (ESM only)", tool("@arethetypeswrong/cli/dist/index.js"), ...attw);
	}
	return rows;
}
