/**
 * The program of a child process of `keepalive drill`. It holds the session that the drill kills.
 *
 * @module
 */
import { serveDrillSession } from "./drill/serve-drill-session.ts";

serveDrillSession();
