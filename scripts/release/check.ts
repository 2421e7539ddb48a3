/**
 * Fails when a published package's source or spec changed without a changeset that names it.
 *
 *   node check.ts [--since <commit>]   default: where this branch left main
 */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { announcedSince, baseOf, changedSince } from "./changed.ts";

const repository = resolve(import.meta.dirname, "../..");
const { values } = parseArgs({ options: { since: { type: "string" } } });
const base = values.since ?? baseOf(repository);

if (base === undefined) console.log("changesets not checked: there is no main branch to compare with");
else {
	const announced = announcedSince(repository, base);
	const silent = changedSince(repository, base).filter(({ name }) => !announced.has(name));
	for (const { name, files } of silent) {
		const more = files.length > 1 ? ` and ${files.length - 1} more` : "";
		console.error(`${name} changed (${files[0]}${more}) and no changeset names it: run "npm run changeset"`);
	}
	process.exitCode = silent.length === 0 ? 0 : 1;
	if (silent.length === 0) console.log(`every changed package has its changeset (since ${base.slice(0, 9)})`);
}
