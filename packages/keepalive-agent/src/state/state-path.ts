import { basename, dirname, extname, join, resolve } from "node:path";
import type { Environment } from "../config/secrets.ts";
import { stateFolder } from "../config/state-folder.ts";

/**
 * Where the state is kept: as configured; else in the folder that systemd provides (`StateDirectory=`); else beside the configuration,
 * under its name, so that two agents with two configurations never share a state file.
 *
 * @param configured - the configured path, relative to the folder of the configuration.
 */
export function statePath(config: string, configured: string | undefined, environment: Environment): string {
	if (configured !== undefined) return resolve(dirname(config), configured);
	return join(stateFolder(config, environment), `${basename(config, extname(config))}.state.json`);
}
