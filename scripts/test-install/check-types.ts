import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../testing/run-command.ts";
import { tool } from "./runtimes.ts";
import { type Row, row } from "./runtimes-page.ts";
import type { Project } from "./test-project.ts";

/** A program that imports every entry point. packed-packages.test.ts checks that no declaration contains `any`. */
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

export const session: Session = deribit({ client: { credentials: { clientId: "a", clientSecret: "b" } } });
export const errors = [isBybitError, isDeribitError, isIbkrError];
export const clients = [createBybitHttp, connectBybit, createIbkrHttp, gatewayFetch, oauth, oauth1];
export const others = [keepalive, bybit, ibkr, DeribitVenue];
export async function read(): Promise<boolean | undefined> {
	const connection = await connectDeribit();
	// @ts-expect-error the interval is a number
	await connection.request("public/set_heartbeat", { interval: "30" });
	return (await connection.request("private/get_cancel_on_disconnect", { scope: "connection" })).enabled;
}
`;

/** A CommonJS program in TypeScript. Its `require` loads ES modules. */
const required = `import deribit = require("@x/deribit-session");
import bybit = require("@x/bybit-dcp");
import ibkr = require("@x/ibkr-session");
import keeper = require("@x/keepalive");
export const used = [deribit.connectDeribit, bybit.createBybitHttp, ibkr.createIbkrHttp, keeper.keepalive];
`;

const settings = [
	{ name: "nodenext", file: "consumer.ts", options: ["--module", "nodenext"] },
	{ name: "bundler", file: "consumer.ts", options: ["--module", "esnext", "--moduleResolution", "bundler"] },
	{ name: "nodenext, CommonJS", file: "consumer.cts", options: ["--module", "nodenext"] },
];
const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--skipLibCheck", "false"];
const usual = ["--target", "es2022", "--lib", "es2024,esnext.disposable,dom", "--types", "node", "--noEmit", ...strict];

/** Type-checks programs that use the installed packages, including the packages' declarations. */
export async function checkTypes({ folder }: Project): Promise<Row[]> {
	writeFileSync(join(folder, "consumer.ts"), consumer);
	writeFileSync(join(folder, "consumer.cts"), required);
	const rows: Row[] = [];
	for (const compiler of ["typescript-5", "typescript-7"]) {
		for (const { name, file, options } of settings) {
			const args = [tool(`${compiler}/bin/tsc`), ...usual, ...options, file];
			const { code, stdout, stderr } = await run("node", args, { cwd: folder, timeoutMs: 120_000 });
			const faults = `${stdout}${stderr}`.trim().split("\n");
			const problem = code === 0 ? undefined : `${faults.length} faults: ${faults[0]}`;
			rows.push(row(`${compiler.replace("-", " ")}, ${name}`, problem, "compiles"));
		}
	}
	return rows;
}
