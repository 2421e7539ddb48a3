/**
 * Builds the package it is started in: declarations by the compiler, then one JavaScript file for each entry.
 *
 *   node main.ts            into dist/, whose former contents go
 */
import { buildPackage } from "./package.ts";

await buildPackage(process.cwd());
