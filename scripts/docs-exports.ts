/** Fails when something that a published package exports has no TSDoc sentence. Needs built packages. */
import { relative, resolve } from "node:path";
import { packageFolders, undocumented } from "./undocumented.ts";

const repository = resolve(import.meta.dirname, "..");
for (const { folder, subpath, name } of undocumented(packageFolders(repository))) {
	console.error(`${relative(repository, folder)}, ${subpath}: ${name} has no TSDoc sentence`);
	process.exitCode = 1;
}
