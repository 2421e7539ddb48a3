/**
 * The program of the process that holds the session under test. `keepalive drill` starts it; it is of no use otherwise.
 *
 * @module
 */
import { serveDrillSession } from "./drill/serve-drill-session.ts";

serveDrillSession();
