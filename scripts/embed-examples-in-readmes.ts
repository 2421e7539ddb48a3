/**
 * Puts the programs of `examples/` into the READMEs, after each `<!-- examples/<name> -->`. readme-programs.test.ts checks that both are
 * identical.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./testing/run-command.ts";

const marker = /<!-- (examples\/[\w-]+\.(?:mjs|ts|py)) -->\n```(js|ts|python)\n[\s\S]*?```/g;

/** The READMEs that contain programs. */
export function readmes(): string[] {
	return globSync(["README.md", "packages/*/README.md"], { cwd: repository }).map((file) => join(repository, file));
}

/** Returns the text of a README with the current programs in it. */
export function embedded(text: string): string {
	return text.replace(marker, (_, file: string, language: string) => {
		const program = readFileSync(join(repository, file), "utf8");
		return `<!-- ${file} -->\n\`\`\`${language}\n${program}\`\`\``;
	});
}

if (import.meta.main) {
	for (const file of readmes()) writeFileSync(file, embedded(readFileSync(file, "utf8")));
}
