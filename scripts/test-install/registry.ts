import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import type { Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { runOrThrow } from "../testing/run-command.ts";
import { tool } from "./runtimes.ts";

/** A package registry on 127.0.0.1, which exists only during this run. */
export type Registry = Awaited<ReturnType<typeof startRegistry>>;

/** Starts verdaccio, which serves our packages itself and proxies all others. */
export async function startRegistry(folder: string) {
	// The cast is needed because verdaccio has no type here: it is installed when this runs, not when it is compiled.
	const { runServer } = createRequire(import.meta.url)(tool("verdaccio")) as {
		runServer(config: object): Promise<Server>;
	};
	const upstream = (await runOrThrow("npm", ["config", "get", "registry"])).trim();
	const server = await runServer({
		self_path: folder,
		storage: join(folder, "storage"),
		uplinks: { upstream: { url: upstream, timeout: "60s" } },
		packages: { "@x/*": { access: "$all", publish: "$all" }, "**": { access: "$all", proxy: "upstream" } },
		log: { type: "stdout", format: "pretty", level: "error" },
	});
	await once(server.listen(0, "127.0.0.1"), "listening");
	// The cast is safe: a server that listens on TCP has an address of this type.
	const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
	const npmrc = join(folder, ".npmrc");
	mkdirSync(folder, { recursive: true });
	// npm requires a token, but any token works, because this registry lets everybody publish.
	writeFileSync(npmrc, `registry=http://${host}/\n//${host}/:_authToken=anybody\n`);
	return {
		/** The path of an `.npmrc` file that makes npm use this registry. */
		npmrc,
		publish: (tarball: string) => runOrThrow("npm", ["publish", tarball, "--userconfig", npmrc, "--provenance=false"]),
		[Symbol.asyncDispose]: () => {
			server.closeAllConnections();
			return server[Symbol.asyncDispose]();
		},
	};
}
