/** The program `keepalive`, run from its sources, for tests that need it as a process of its own. */
import { main } from "../main.ts";

process.exitCode = await main(process.argv.slice(2));
