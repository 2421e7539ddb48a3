import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serveVenues } from "@x/venue-sims";
import { build } from "esbuild";
import { chromium, type LaunchOptions } from "playwright-core";
import { tool } from "./runtimes.ts";
import { type Row, row } from "./runtimes-page.ts";
import { copyProgram, type Project } from "./test-project.ts";

/** Checks that the two WebSocket clients work in a headless Chromium. */
export async function checkBrowser(project: Project): Promise<Row[]> {
	const ibkr = {
		what: "@x/ibkr-session in a browser",
		ok: undefined,
		detail: "not possible: a page can neither trust a gateway's self-signed certificate nor set Cookie and User-Agent",
	};
	const browser = await findChromium();
	if (!browser) {
		const detail = "no Chromium was found (looked at $CHROMIUM, /usr/bin/chromium and @sparticuz/chromium)";
		return [{ what: "the two WebSocket clients in a browser", ok: undefined, detail }, ibkr];
	}
	const results = await runPage(browser, project).catch((error: Error) => [error.message, error.message]);
	const rowOf = (name: string, said = "no result"): Row =>
		row(`${name} in Chromium`, said.startsWith("left") ? undefined : said, said);
	return [rowOf("@x/deribit-session", results[0]), rowOf("@x/bybit-dcp", results[1]), ibkr];
}

/** Runs run-in-browser.ts in the browser. @returns the outcome of each client. */
async function runPage(launched: LaunchOptions, project: Project): Promise<readonly string[]> {
	await using sims = await serveVenues();
	const { deribit, bybit, credentials } = sims.addresses;
	const settings = [
		{ url: deribit.ws, ...credentials.deribit },
		{ wsUrl: bybit.ws, ...credentials.bybit },
	].map((each) => JSON.stringify(each));
	await using browser = await chromium.launch(launched);
	const page = await browser.newPage({ permissions: ["local-network-access"] });
	// The page is served from localhost, because browsers let a page on localhost create signatures (Web Crypto), but not an empty page.
	await page.route("http://localhost/", (route) => route.fulfill({ body: "<!doctype html>" }));
	await page.goto("http://localhost/");
	await page.addScriptTag({ content: await bundlePage(project) });
	// The cast is safe: the function `runPage` in the page returns this type.
	return (await page.evaluate(`page.runPage(${settings})`)) as readonly string[];
}

async function bundlePage(project: Project): Promise<string> {
	const { outputFiles } = await build({
		// The page is bundled inside the project, so that it imports the installed packages.
		entryPoints: [join(project.folder, copyProgram(project, "scripts/test-install/run-in-browser.ts"))],
		bundle: true,
		minify: true,
		globalName: "page",
		platform: "browser",
		write: false,
	});
	return outputFiles[0]?.text ?? "";
}

/** Finds a Chromium: the path in the variable CHROMIUM, the one that Debian installs, or one that `installTools` has installed. */
async function findChromium(): Promise<LaunchOptions | undefined> {
	const named = [process.env["CHROMIUM"], "/usr/bin/chromium"].find((path) => path && existsSync(path));
	if (named) return { executablePath: named, args: ["--no-sandbox"] };
	if (process.platform !== "linux" || process.arch !== "x64") return undefined;
	const entry = createRequire(tool("x.js")).resolve("@sparticuz/chromium");
	// The cast is needed because the package has no type here: it is installed when this runs, not when it is compiled.
	const { default: packed } = (await import(pathToFileURL(entry).href)) as {
		default: { executablePath(): Promise<string>; args: string[] };
	};
	return { executablePath: await packed.executablePath(), args: packed.args };
}
