import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { startSims } from "../start-simulators.ts";
import { run } from "../testing/run.ts";
import { copyProgram, type Project } from "./project.ts";
import { type Row, row } from "./report.ts";
import { tool } from "./tools.ts";

/** Opens a page that uses the two WebSocket clients in a headless Chromium. */
export async function checkBrowser(project: Project): Promise<Row[]> {
	const ibkr = {
		what: "@x/ibkr-session in a browser",
		ok: undefined,
		detail: "not possible: a page can neither trust a gateway's self-signed certificate nor set Cookie and User-Agent",
	};
	const browser = await chromium();
	if (!browser) {
		const detail = "there is no Chromium here (CHROMIUM, /usr/bin/chromium or @sparticuz/chromium)";
		return [{ what: "the two WebSocket clients in a browser", ok: undefined, detail }, ibkr];
	}
	const script = await bundlePage(project);
	const sims = await startSims();
	const { deribit, bybit, credentials } = sims.addresses;
	const settings = [
		{ url: deribit.ws, ...credentials.deribit },
		{ wsUrl: bybit.ws, ...credentials.bybit },
	].map((each) => JSON.stringify(each));
	const page = `<!doctype html><script type="module">${script}; page.runPage(${settings})</script>`;
	let results: readonly string[] = [];
	const posted = new AbortController();
	const server = createServer(async (request, response) => {
		response.setHeader("content-type", "text/html; charset=utf-8");
		if (request.method !== "POST") return void response.end(page);
		// Cast: the page posts nothing else.
		results = (await json(request)) as readonly string[];
		posted.abort();
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	try {
		// Cast: a server that listens on TCP has such an address.
		const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
		const args = [...browser.args, "--headless", `--user-data-dir=${join(project.folder, "chromium")}`, url];
		const options = { timeoutMs: 60_000, signal: posted.signal, ownGroup: true };
		const { stderr } = await run(browser.path, args, options);
		const rowOf = (name: string, said = `no result: ${stderr.slice(-300)}`): Row =>
			row(`${name} in Chromium`, said.startsWith("left") ? undefined : said, said);
		return [rowOf("@x/deribit-session", results[0]), rowOf("@x/bybit-dcp", results[1]), ibkr];
	} finally {
		server.close();
		server.closeAllConnections();
		await sims.close();
	}
}

async function bundlePage(project: Project): Promise<string> {
	const { outputFiles } = await build({
		// Bundled inside the project, so that the installed packages are used.
		entryPoints: [join(project.folder, copyProgram(project, "scripts/install/browser-page.ts"))],
		bundle: true,
		minify: true,
		globalName: "page",
		platform: "browser",
		write: false,
	});
	return outputFiles[0]?.text.replaceAll("</script", "<\\/script") ?? "";
}

/** Finds a Chromium: the one named, Debian's, or the one among the tools. */
async function chromium(): Promise<{ path: string; args: readonly string[] } | undefined> {
	const named = [process.env["CHROMIUM"], "/usr/bin/chromium"].find((path) => path && existsSync(path));
	if (named) return { path: named, args: ["--no-sandbox"] };
	if (process.platform !== "linux" || process.arch !== "x64") return undefined;
	const entry = createRequire(tool("x.js")).resolve("@sparticuz/chromium");
	// Cast: the package is installed when this runs, not when it is compiled.
	const { default: packed } = (await import(pathToFileURL(entry).href)) as {
		default: { executablePath(): Promise<string>; args: readonly string[] };
	};
	return { path: await packed.executablePath(), args: packed.args };
}
