import { basename } from "node:path";
import { serveVenues } from "@x/venue-sims";
import { howEnded, run } from "../testing/run-command.ts";
import { type Runtime, runtimeCommand, runtimes } from "./runtimes.ts";
import { type Row, row } from "./runtimes-page.ts";
import { copyProgram, type Project } from "./test-project.ts";

/** A program of a README, how to run it, and how to tell whether it has succeeded. */
export interface Program {
	readonly file: string;
	readonly says: string;
	/** Other files that must be in the same folder as the program. */
	readonly beside?: readonly string[];
	/** Further environment variables, in addition to the addresses of the simulators. */
	readonly env?: Readonly<Record<string, string>>;
	/** The text after which the program is interrupted by SIGINT. If absent, it ends by itself. */
	readonly until?: string;
	/** Whether the program is a test, which Bun runs with a separate command. */
	readonly test?: boolean;
}

/** Runs a program on every runtime, each time against new simulators. */
export async function runEverywhere(project: Project, program: Program): Promise<Row[]> {
	const rows: Row[] = [];
	for (const runtime of runtimes) {
		const started = Date.now();
		const problem = await runOn(project, runtime, program);
		const seconds = ((Date.now() - started) / 1_000).toFixed(1);
		const what = `${basename(program.file)} on ${runtime.name}`;
		rows.push(row(what, problem, `ran, ${seconds} s`));
	}
	return rows;
}

async function runOn(project: Project, runtime: Runtime, program: Program): Promise<string | undefined> {
	const { file, says, until, test, beside = [] } = program;
	const name = copyProgram(project, file);
	for (const other of beside) copyProgram(project, other);
	const args = test && runtime.name === "Bun" ? ["test", `./${name}`] : [...runtime.args, name];
	await using sims = await serveVenues();
	let asked = false;
	const { code, stdout, stderr } = await run(runtimeCommand(runtime), args, {
		cwd: project.folder,
		env: { ...sims.environment, ...program.env },
		timeoutMs: 60_000,
		onOutput: (text, child) => {
			if (!asked && until !== undefined && text.includes(until)) asked = child.kill("SIGINT");
		},
	});
	const said = `${stdout}${stderr}`.trim().split("\n").slice(-4).join(" / ");
	if (code !== 0) return `${howEnded(code)}; its last lines: ${said}`;
	return stdout.includes(says) ? undefined : `did not print "${says}"; its last lines: ${said}`;
}
