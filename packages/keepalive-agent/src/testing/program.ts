/** The program without a build, for tests that need a process of its own. */
import { main } from "../main.ts";

process.exitCode = await main(process.argv.slice(2));
