import { basename, dirname, extname, join, resolve } from "node:path";
import type { Environment } from "../config/resolve-secrets.ts";
import { stateFolder } from "../config/state-folder.ts";

/**
 * Returns the path of the state file: the configured path; else a file in the folder that systemd provides (`StateDirectory=`); else a file
 * beside the configuration. The file is named after the configuration, so that two agents with two configurations never share a state file.
 *
 * @param configured - the configured path, relative to the folder of the configuration.
 */
export function statePath(config: string, configured: string | undefined, environment: Environment): string {
	if (configured !== undefined) return resolve(dirname(config), configured);
	return join(stateFolder(config, environment), `${basename(config, extname(config))}.state.json`);
}
