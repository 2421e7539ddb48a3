/**
 * Builds the package in the current folder: the compiler writes the declarations, and a bundler writes one JavaScript file per entry point.
 * With one file per module, an import would have to read dozens of files.
 *
 *   node main.ts            replaces dist/
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { bundle } from "./bundle.ts";
import { finishDeclarations } from "./declarations.ts";
import { entriesOf } from "./entry-points.ts";
import { tidy } from "./reachable-files.ts";

const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

const folder = process.cwd();
rmSync(join(folder, "dist"), { recursive: true, force: true });
const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], { stdio: "inherit" });
if (status !== 0) throw new Error(`compiling the declarations of ${folder} failed`);
finishDeclarations(folder);
await bundle(folder, entriesOf(folder));
tidy(folder);
