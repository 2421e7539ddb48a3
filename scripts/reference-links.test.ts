import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { run } from "./testing/run-command.ts";

it("every link of the HTML reference leads to an existing file, and to an existing anchor in that file", async () => {
	const folder = mkdtempSync(join(tmpdir(), "reference-"));
	try {
		const { code, stderr } = await run("typedoc", ["--out", folder], { timeoutMs: 110_000 });
		expect(code, stderr).toBe(0);
		const pages = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
		const texts = new Map(pages.map((name) => [join(folder, name), readFileSync(join(folder, name), "utf8")]));
		expect(texts.size).toBeGreaterThan(100);
		const broken = [...texts].flatMap(([page, text]) =>
			Array.from(text.matchAll(/href="([^"]+)"/g), ([, link = ""]) => link)
				.filter((link) => !/^[a-z]+:/.test(link))
				.filter((link) => {
					const [path = "", place = ""] = link.split("#");
					const target = path === "" ? page : join(dirname(page), path);
					const hasPlace = place === "" || !texts.has(target) || texts.get(target)?.includes(`id="${place}"`);
					return !existsSync(target) || !hasPlace;
				})
				.map((link) => `${page.slice(folder.length + 1)}: ${link}`),
		);
		expect(broken).toEqual([]);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
});
