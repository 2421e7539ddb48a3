import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The file in `dist` with the licenses of the packages whose code is in the bundle. */
export const licensesFile = "THIRD-PARTY-LICENSES.txt";

/**
 * The names, versions and license texts of the packages that these files belong to.
 *
 * @param files - paths. Files outside of `node_modules` belong to this repository and are skipped.
 * @throws Error when a package has no license file, because its code may then not be distributed.
 */
export function licensesOf(files: readonly string[]): string {
	const folders = files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file) ?? []);
	return [...new Set(folders)]
		.sort()
		.map((folder) => {
			const manifest = readFileSync(join(folder, "package.json"), "utf8");
			// The cast is safe: npm requires these members.
			const { name, version } = JSON.parse(manifest) as { name: string; version: string };
			const license = readdirSync(folder).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
			if (license === undefined) throw new Error(`${folder}: no license file for ${name}, which is bundled`);
			return `${name} ${version}\n\n${readFileSync(join(folder, license), "utf8").trim()}\n`;
		})
		.join("\n---\n\n");
}
