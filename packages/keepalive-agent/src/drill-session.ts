/**
 * The program of the process that holds the session under test. Only `keepalive drill` starts it.
 *
 * @module
 */
import { serveDrillSession } from "./drill/serve-drill-session.ts";

serveDrillSession();
