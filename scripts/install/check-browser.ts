import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { startSims } from "../start-simulators.ts";
import { copyProgram, type Project } from "./project.ts";
import type { Row } from "./report.ts";
import { tool } from "./tools.ts";

interface Page {
	goto(url: string): Promise<unknown>;
	waitForFunction(expression: string, argument: undefined, options: { timeout: number }): Promise<unknown>;
	evaluate(expression: string): Promise<unknown>;
	on(event: "pageerror", listener: (error: Error) => void): void;
}
interface Browser {
	newPage(): Promise<Page>;
	version(): string;
	close(): Promise<void>;
}
interface Playwright {
	readonly chromium: {
		launch(options: { executablePath: string; args: readonly string[]; headless: boolean }): Promise<Browser>;
	};
}

/** Bundles a page for each of the two WebSocket clients and runs it in headless Chromium. */
export async function checkBrowser(project: Project): Promise<Row[]> {
	const ibkr = {
		what: "@x/ibkr-session in a browser",
		ok: undefined,
		detail: "not possible: a page can neither trust a gateway's self-signed certificate nor set Cookie and User-Agent",
	};
	const found = await chromium();
	if (!found) {
		const detail = "there is no Chromium here (CHROMIUM, /usr/bin/chromium or @sparticuz/chromium)";
		return [{ what: "the two WebSocket clients in a browser", ok: undefined, detail }, ibkr];
	}
	const { chromium: engine } = createRequire(tool("x.js"))("playwright-core") as Playwright;
	const sims = await startSims();
	const { deribit, bybit, credentials } = sims.addresses;
	const browser = await engine.launch({ ...found, headless: true });
	const run = (name: string, given: object): Promise<Row> => visit(browser, project, name, given);
	try {
		return [
			await run("deribit", { url: deribit.ws, ...credentials.deribit }),
			await run("bybit", { wsUrl: bybit.ws, ...credentials.bybit }),
			ibkr,
		];
	} finally {
		await browser.close();
		await sims.close();
	}
}

async function visit(browser: Browser, project: Project, name: string, given: object): Promise<Row> {
	const { outputFiles } = await build({
		// Bundled inside the project, so that the installed packages are used.
		entryPoints: [join(project.folder, copyProgram(project, `scripts/install/browser/${name}.ts`))],
		bundle: true,
		minify: true,
		format: "esm",
		platform: "browser",
		write: false,
		outdir: "out",
	});
	const script = outputFiles[0]?.text.replaceAll("</script", "<\\/script") ?? "";
	const head = `<!doctype html><title>${name}</title><script>globalThis.given = ${JSON.stringify(given)}</script>`;
	const server = createServer((_, response) => {
		response.setHeader("content-type", "text/html; charset=utf-8");
		response.end(`${head}<script type="module">${script}</script>`);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const page = await browser.newPage();
	let fault = "";
	page.on("pageerror", (error) => {
		fault = error.message;
	});
	const what = `@x/${name === "bybit" ? "bybit-dcp" : "deribit-session"} in Chromium ${browser.version()}`;
	try {
		await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
		await page.waitForFunction("globalThis.told", undefined, { timeout: 30_000 });
		const told = String(await page.evaluate("globalThis.told"));
		return { what, ok: told.includes("left"), detail: `${told}; ${script.length} bytes of page script` };
	} catch (error) {
		return { what, ok: false, detail: fault || String(error).split("\n")[0] || "" };
	} finally {
		server.closeAllConnections();
		server.close();
	}
}

/** Finds a Chromium: the one named, Debian's, or the one among the tools. */
async function chromium(): Promise<{ executablePath: string; args: readonly string[] } | undefined> {
	const named = [process.env["CHROMIUM"], "/usr/bin/chromium"].find((path) => path && existsSync(path));
	if (named) return { executablePath: named, args: ["--no-sandbox"] };
	const own = tool("@sparticuz/chromium");
	if (process.platform !== "linux" || process.arch !== "x64" || !existsSync(own)) return undefined;
	const entry = createRequire(tool("x.js")).resolve("@sparticuz/chromium");
	const packed = (await import(pathToFileURL(entry).href)) as {
		default: { executablePath(): Promise<string>; args: readonly string[] };
	};
	return { executablePath: await packed.default.executablePath(), args: packed.default.args };
}
