/**
 * Puts the programs of `examples/` into the READMEs, after each `<!-- examples/<name> -->`.
 *
 *   node embed-examples.ts           rewrites the READMEs
 *   node embed-examples.ts --check   fails when a README differs from the tested program
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const repository = resolve(import.meta.dirname, "..");
const marker = /<!-- (examples\/[\w-]+\.(?:mjs|py)) -->\n```(js|python)\n[\s\S]*?```/g;

/** The READMEs that contain programs. */
export function readmes(): string[] {
	const packages = readdirSync(join(repository, "packages")).map((name) =>
		join(repository, "packages", name, "README.md"),
	);
	return [join(repository, "README.md"), ...packages].filter((file) => existsSync(file));
}

/** The text of a README with the current programs. */
export function embedded(text: string): string {
	return text.replace(marker, (_, file: string, language: string) => {
		const program = readFileSync(join(repository, file), "utf8");
		return `<!-- ${file} -->\n\`\`\`${language}\n${program}\`\`\``;
	});
}

if (import.meta.main) {
	for (const file of readmes()) {
		const text = readFileSync(file, "utf8");
		if (embedded(text) === text) continue;
		if (process.argv.includes("--check")) {
			console.error(
				`${relative(repository, file)} shows another program than the one in examples/: run "npm run format"`,
			);
			process.exitCode = 1;
		} else writeFileSync(file, embedded(text));
	}
}
