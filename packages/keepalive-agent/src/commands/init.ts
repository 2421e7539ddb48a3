import { writeFileSync } from "node:fs";
import { type Command, configFileOf, configHelp, configOption } from "../command-definition.ts";
import { exitCodes } from "../exit-codes.ts";
import { readSampleConfig } from "../read-own-package-files.ts";

/** Writes a commented configuration. */
export const init: Command = {
	summary: "write a commented keepalive.yaml",
	usage: "",
	help: `Writes a configuration with comments. An existing file is left as it is.\n\n${configHelp}`,
	options: configOption,
	positionals: 0,
	async run(args, { print, report }) {
		const file = configFileOf(args);
		try {
			writeFileSync(file, readSampleConfig(), { flag: "wx", mode: 0o640 });
		} catch (error) {
			const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
			report(
				code === "EEXIST" ? `${file} exists already: it is left as it is.` : `${file} cannot be written: ${code}.`,
			);
			return exitCodes.configuration;
		}
		print(`${file} is written. Fill it in, then run \`keepalive check\`.`);
		return exitCodes.ready;
	},
};
