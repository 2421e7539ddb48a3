import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { repository } from "./testing/run.ts";
import { packageFolders, undocumented } from "./undocumented.ts";

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "exports-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("every export of a published package has a sentence about it", () => {
	const found = undocumented(packageFolders(repository));
	expect(found.map(({ folder: of, subpath, name }) => `${of} ${subpath}: ${name}`)).toEqual([]);
});

it("an export without a comment is found by its name, and so is one whose comment is tags alone", () => {
	mkdirSync(join(folder, "dist"));
	const target = { types: "./dist/index.d.ts", default: "./dist/index.js" };
	writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", exports: { ".": target } }));
	writeFileSync(
		join(folder, "dist/other.d.ts"),
		"/** Said. */\nexport declare const said: 1;\nexport interface Bare {}\n",
	);
	writeFileSync(
		join(folder, "dist/index.d.ts"),
		'export { said, type Bare } from "./other.js";\n/** @see somewhere */\nexport declare const tagged: 2;\n',
	);
	expect(undocumented([folder])).toEqual([
		{ folder, subpath: ".", name: "Bare" },
		{ folder, subpath: ".", name: "tagged" },
	]);
});
