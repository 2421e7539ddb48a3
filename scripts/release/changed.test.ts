import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { git } from "../flow/copy.ts";
import { announcedSince, baseOf, changedSince } from "./changed.ts";

let repository: string;
const write = (file: string, text: string): void => {
	mkdirSync(dirname(join(repository, file)), { recursive: true });
	writeFileSync(join(repository, file), text);
};
const commit = (): void => {
	git(repository, "add", "--all");
	git(repository, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", "x");
};
const changed = (): string[] => changedSince(repository, "main").map(({ name }) => name);

beforeEach(() => {
	repository = mkdtempSync(join(tmpdir(), "changed-"));
	git(repository, "init", "--quiet", "--initial-branch", "main");
	const scripts = { generate: "node ../../scripts/generate/main.ts client ../../specs/a.yaml src/generated" };
	write("packages/a/package.json", JSON.stringify({ name: "@x/a", scripts }));
	write("packages/b/package.json", JSON.stringify({ name: "@x/b" }));
	write("packages/secret/package.json", JSON.stringify({ name: "@x/secret", private: true }));
	write("packages/a/src/index.ts", "1");
	write(".changeset/old.md", '---\n"@x/a": patch\n---\n\nOld.\n');
	commit();
	git(repository, "checkout", "--quiet", "-b", "change");
});
afterEach(() => rmSync(repository, { recursive: true, force: true }));

describe("a published package has changed", () => {
	it.each([
		["its source", "packages/a/src/index.ts"],
		["a new file of its source, not yet committed", "packages/a/src/new.ts"],
		["its package.json", "packages/a/package.json"],
		["the spec that it is generated from", "specs/a.yaml"],
	])("by %s", (_, file) => {
		write(file, '{"name":"@x/a","scripts":{"generate":"x ../../specs/a.yaml y"},"changed":true}');
		expect(changed()).toEqual(["@x/a"]);
		commit();
		expect(changed()).toEqual(["@x/a"]);
	});

	it.each(["packages/a/src/index.test.ts", "packages/a/src/testing/help.ts", "packages/a/README.md", "specs/z.yaml"])(
		"not by %s",
		(file) => {
			write(file, "changed");
			expect(changed()).toEqual([]);
		},
	);

	it("never when it is private", () => {
		write("packages/secret/src/index.ts", "changed");
		expect(changed()).toEqual([]);
	});
});

describe("a changeset announces", () => {
	it("the packages it names, when it came since: an old one covers no new change", () => {
		expect(announcedSince(repository, "main")).toEqual(new Set());
		write(
			".changeset/new.md",
			'---\n"@x/a": minor\n\'@x/b\': patch\n---\n\nNew, with "@x/secret": patch in its text.\n',
		);
		expect(announcedSince(repository, "main")).toEqual(new Set(["@x/a", "@x/b"]));
		commit();
		expect(announcedSince(repository, "main")).toEqual(new Set(["@x/a", "@x/b"]));
	});
});

it("the base is where the branch left main, however far main has gone on", () => {
	const [left] = git(repository, "rev-parse", "HEAD").split("\n");
	write("packages/a/src/index.ts", "2");
	commit();
	git(repository, "checkout", "--quiet", "main");
	write("packages/b/src/index.ts", "2");
	commit();
	git(repository, "checkout", "--quiet", "change");
	expect(baseOf(repository)).toBe(left);
});
