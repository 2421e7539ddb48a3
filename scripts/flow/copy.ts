import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Copies the working tree, including uncommitted files, with its own copies of dependencies and packages.
 *
 * The copy is a repository with one commit on `main`, and a branch `change` checked out.
 */
export function copyRepository(from: string, to: string): void {
	const listed = git(from, "ls-files", "--cached", "--others", "--exclude-standard").split("\n");
	for (const file of listed.filter((name) => name !== "")) {
		mkdirSync(dirname(join(to, file)), { recursive: true });
		cpSync(join(from, file), join(to, file), { force: true, errorOnExist: false });
	}
	const modules = join(to, "node_modules");
	// Real folders, because the compiler resolves links; files are hard-linked where the disk allows it.
	const linked = spawnSync("cp", ["-al", join(from, "node_modules"), modules], { timeout: 120_000 });
	if (linked.status !== 0) cpSync(join(from, "node_modules"), modules, { recursive: true, verbatimSymlinks: true });
	rmSync(join(modules, "@x"), { recursive: true });
	mkdirSync(join(modules, "@x"));
	for (const name of readdirSync(join(to, "packages"))) {
		symlinkSync(join("../../packages", name), join(modules, "@x", name));
	}
	git(to, "init", "--quiet", "--initial-branch", "main");
	commit(to, "As it was");
	git(to, "checkout", "--quiet", "-b", "change");
}

/** Commits everything. */
function commit(cwd: string, message: string): void {
	git(cwd, "add", "--all");
	git(cwd, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", message);
}

export function git(cwd: string, ...args: string[]): string {
	const { status, stdout, stderr } = spawnSync("git", args, { cwd, encoding: "utf8", timeout: 60_000 });
	if (status !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
	return stdout;
}
