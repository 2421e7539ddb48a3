import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../testing/run.ts";
import type { Project } from "./project.ts";
import type { Row } from "./report.ts";
import { runtimeFolder, runtimes } from "./tools.ts";

const program = `const { connectDeribit } = require("@x/deribit-session");
const { createBybitHttp } = require("@x/bybit-dcp");
const { createIbkrHttp } = require("@x/ibkr-session");
const { gatewayFetch } = require("@x/ibkr-session/gateway");
const { keepalive } = require("@x/keepalive");
const { deribit } = require("@x/keepalive/deribit");
const all = [connectDeribit, createBybitHttp, createIbkrHttp, gatewayFetch, keepalive, deribit];
console.log(all.every((each) => typeof each === "function") ? "required" : "something is missing");
`;

/** A CommonJS program that loads the packages with \`require\`. */
export async function checkRequire(project: Project): Promise<Row[]> {
	writeFileSync(join(project.folder, "required.cjs"), program);
	const rows: Row[] = [];
	for (const runtime of runtimes) {
		const [command = "", ...args] = runtime.command(runtimeFolder(runtime));
		const { stdout, stderr } = await run(command, [...args, "required.cjs"], { cwd: project.folder });
		const ok = stdout.trim() === "required";
		rows.push({
			what: `\`require\` on ${runtime.name}`,
			ok,
			detail: ok ? "loads" : `${stdout}${stderr}`.trim().slice(0, 200),
		});
	}
	return rows;
}
