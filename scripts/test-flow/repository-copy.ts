import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempDisposableSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type Finished, repository, run } from "../testing/run-command.ts";

/** A copy of the repository. Commands that run in it use the tools of the copy. */
export interface Copy {
	readonly folder: string;
	/** Runs a shell command. */
	shell(line: string, cwd?: string): Promise<Finished>;
	/** Runs a shell command that has to succeed, and returns its stdout. */
	succeeds(line: string, cwd?: string): Promise<string>;
}

/**
 * Runs `work` in a copy of the working tree, including uncommitted files, and removes the copy afterwards. The copy is a
 * repository with one commit on `main`, and with a branch `change` checked out.
 *
 * @param cache - turbo's cache; default: a new one.
 */
export async function inCopy(work: (copy: Copy) => Promise<void>, cache?: string): Promise<void> {
	using temporary = mkdtempDisposableSync(join(tmpdir(), "flow-"));
	const folder = join(temporary.path, "copy");
	const env = {
		PATH: [join(folder, "node_modules/.bin"), process.env["PATH"]].join(delimiter),
		TURBO_CACHE_DIR: cache ?? join(temporary.path, "turbo"),
		TURBO_TELEMETRY_DISABLED: "1",
	};
	const shell: Copy["shell"] = (line, cwd = folder) => run("bash", ["-c", line], { cwd, env, timeoutMs: 300_000 });
	const succeeds: Copy["succeeds"] = async (line, cwd) => {
		const { code, stdout, stderr } = await shell(line, cwd);
		assert.equal(code, 0, `${line}\n${stdout}${stderr}`);
		console.log(`ok  ${line}`);
		return stdout;
	};
	const listed = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"]);
	copyFiles(listed.stdout.trim().split("\n"), folder);
	const author = "-c user.name=x -c user.email=x@example.org";
	const commit = `git add --all && git ${author} commit --quiet -m "As it was"`;
	await succeeds(`git init --quiet --initial-branch main && ${commit} && git checkout --quiet -b change`);
	await work({ folder, shell, succeeds });
}

/** Copies the given files of the repository and its installed dependencies, and links its workspaces to the copied packages. */
function copyFiles(files: readonly string[], to: string): void {
	for (const file of files) {
		mkdirSync(dirname(join(to, file)), { recursive: true });
		cpSync(join(repository, file), join(to, file), { force: true, errorOnExist: false });
	}
	const modules = join(to, "node_modules");
	// The dependencies are real folders and not symbolic links, because the compiler would follow links out of the copy. Files are
	// hard-linked if the disk allows it.
	const linked = spawnSync("cp", ["-al", join(repository, "node_modules"), modules], { timeout: 120_000 });
	if (linked.status !== 0)
		cpSync(join(repository, "node_modules"), modules, { recursive: true, verbatimSymlinks: true });
	rmSync(join(modules, "@x"), { recursive: true });
	mkdirSync(join(modules, "@x"));
	for (const name of readdirSync(join(to, "packages"))) {
		symlinkSync(join("../../packages", name), join(modules, "@x", name));
	}
}
