import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { repository, run } from "../testing/run.ts";
import { tool } from "./tools.ts";

/** A registry on 127.0.0.1 for this run. */
export interface Registry {
	readonly url: string;
	/** Path of an `.npmrc` that uses it. */
	readonly npmrc: string;
	/** Publishes a tarball. */
	publish(tarball: string): Promise<void>;
	close(): Promise<void>;
}

/** Starts verdaccio, which serves our packages itself and proxies all others. */
export async function startRegistry(folder: string): Promise<Registry> {
	const port = await freePort();
	const url = `http://127.0.0.1:${port}/`;
	const upstream = (await run("npm", ["config", "get", "registry"])).stdout.trim();
	const config = join(folder, "verdaccio.json");
	const open = { access: "$all", publish: "$all" };
	const settings = {
		storage: join(folder, "storage"),
		uplinks: { upstream: { url: upstream, timeout: "60s" } },
		packages: { "@x/*": open, "**": { access: "$all", proxy: "upstream" } },
		log: { type: "stdout", format: "pretty", level: "error" },
	};
	mkdirSync(folder, { recursive: true });
	// JSON is valid YAML.
	writeFileSync(config, JSON.stringify(settings));
	const args = [tool("verdaccio/bin/verdaccio"), "--config", config, "--listen", `127.0.0.1:${port}`];
	const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
	let said = "";
	child.stderr.on("data", (chunk) => {
		said = `${said}${chunk}`.slice(-2_000);
	});
	await answering(url, child, () => said);
	// Any token works: publishing is open, but npm requires one.
	const npmrc = `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\n`;
	const userconfig = join(folder, ".npmrc");
	writeFileSync(userconfig, npmrc);
	return {
		url,
		npmrc,
		publish: async (tarball) => {
			const publishing = ["publish", tarball, "--registry", url, "--userconfig", userconfig, "--provenance=false"];
			const { code, stderr } = await run("npm", publishing, { cwd: repository });
			if (code !== 0) throw new Error(`publishing ${tarball} failed:\n${stderr}`);
		},
		close: () => ended(child),
	};
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once("error", reject);
		server.listen(0, "127.0.0.1", () => {
			const address = server.address();
			server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
		});
	});
}

async function answering(url: string, child: ChildProcess, said: () => string): Promise<void> {
	for (let attempt = 0; attempt < 300; attempt++) {
		if (child.exitCode !== null) break;
		const reply = await fetch(`${url}-/ping`).catch(() => undefined);
		if (reply?.ok) return;
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
	child.kill("SIGKILL");
	throw new Error(`the registry did not start: ${said()}`);
}

function ended(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		if (child.exitCode !== null) return resolve();
		child.once("exit", () => resolve());
		child.kill("SIGKILL");
	});
}
