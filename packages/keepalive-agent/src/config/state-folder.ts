import { dirname, resolve } from "node:path";
import type { Environment } from "./resolve-secrets.ts";

/** Where the agent keeps files of its own: `$STATE_DIRECTORY` (StateDirectory= of systemd), else the folder of the configuration. */
export function stateFolder(configFile: string, environment: Environment): string {
	// systemd separates several folders by colons.
	const [given = ""] = (environment["STATE_DIRECTORY"] ?? "").split(":");
	return given === "" ? dirname(resolve(configFile)) : given;
}
