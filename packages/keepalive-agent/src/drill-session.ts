/**
 * The program of a child process of `keepalive drill`. It holds the test session that the drill makes fail.
 *
 * @module
 */
import { serveDrillSession } from "./drill/serve-drill-session.ts";

serveDrillSession();
