import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../testing/run.ts";
import type { Project } from "./project.ts";
import type { Row } from "./report.ts";
import { tool } from "./tools.ts";

/** Uses every entry, and does not compile when a type is `any`. */
const consumer = `import { connectBybit, createBybitHttp, isBybitError } from "@x/bybit-dcp";
import { connectDeribit, isDeribitError } from "@x/deribit-session";
import { createIbkrHttp, isIbkrError } from "@x/ibkr-session";
import { gatewayFetch } from "@x/ibkr-session/gateway";
import * as oauth from "@x/ibkr-session/oauth";
import * as oauth1 from "@x/ibkr-session/oauth1";
import { keepalive, type Session } from "@x/keepalive";
import { bybit } from "@x/keepalive/bybit";
import { deribit } from "@x/keepalive/deribit";
import { ibkr } from "@x/keepalive/ibkr";
import { DeribitVenue } from "@x/venue-sims";

type IsAny<T> = 0 extends 1 & T ? true : false;
const notAny: [
	IsAny<Awaited<ReturnType<typeof connectDeribit>>>,
	IsAny<ReturnType<typeof createBybitHttp>>,
	IsAny<Awaited<ReturnType<typeof connectBybit>>>,
	IsAny<ReturnType<typeof createIbkrHttp>>,
	IsAny<ReturnType<typeof gatewayFetch>>,
	IsAny<ReturnType<typeof keepalive>>,
	IsAny<ReturnType<typeof bybit>>,
	IsAny<ReturnType<typeof ibkr>>,
] = [false, false, false, false, false, false, false, false];
export const session: Session = deribit({ client: { credentials: { clientId: "a", clientSecret: "b" } } });
export const used = [notAny, isBybitError, isDeribitError, isIbkrError, oauth, oauth1, DeribitVenue];
export async function read(): Promise<boolean | undefined> {
	const connection = await connectDeribit();
	// @ts-expect-error the interval is a number
	await connection.request("public/set_heartbeat", { interval: "30" });
	return (await connection.request("private/get_cancel_on_disconnect", { scope: "connection" })).enabled;
}
`;

/** CommonJS with TypeScript, which supports \`require\` of ES modules. */
const required = `import deribit = require("@x/deribit-session");
import bybit = require("@x/bybit-dcp");
import ibkr = require("@x/ibkr-session");
import keeper = require("@x/keepalive");
export const used = [deribit.connectDeribit, bybit.createBybitHttp, ibkr.createIbkrHttp, keeper.keepalive];
`;

const settings = [
	{ name: "nodenext", file: "consumer.ts", text: consumer, options: { module: "nodenext" } },
	{
		name: "bundler",
		file: "consumer.ts",
		text: consumer,
		options: { module: "esnext", moduleResolution: "bundler" },
	},
	{ name: "nodenext, CommonJS", file: "consumer.cts", text: required, options: { module: "nodenext" } },
];

/** Type-checks programs that use the installed packages, including the packages' declarations. */
export async function checkTypes(project: Project): Promise<Row[]> {
	const rows: Row[] = [];
	for (const compiler of ["typescript-5", "typescript-7"]) {
		for (const { name, file, text, options } of settings) {
			const folder = join(project.folder, `${compiler}-${name.replaceAll(/\W+/g, "-")}`);
			mkdirSync(folder, { recursive: true });
			writeFileSync(join(folder, file), text);
			const compilerOptions = {
				...options,
				target: "es2022",
				lib: ["es2024", "esnext.disposable", "dom"],
				strict: true,
				exactOptionalPropertyTypes: true,
				noUncheckedIndexedAccess: true,
				skipLibCheck: false,
				noEmit: true,
				types: ["node"],
			};
			writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
			const args = [tool(`${compiler}/bin/tsc`), "-p", folder];
			const { code, stdout, stderr } = await run("node", args, { cwd: project.folder, timeoutMs: 120_000 });
			const faults = `${stdout}${stderr}`.trim().split("\n");
			const detail = code === 0 ? "compiles" : `${faults.length} faults: ${faults[0]}`;
			rows.push({ what: `${compiler.replace("-", " ")}, ${name}`, ok: code === 0, detail });
		}
	}
	return rows;
}
