/**
 * Builds the package in the current folder: declarations by the compiler, one JavaScript file per entry.
 *
 *   node main.ts            replaces dist/
 */
import { buildPackage } from "./package.ts";

await buildPackage(process.cwd());
