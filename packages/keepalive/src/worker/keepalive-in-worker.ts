import { OptionError } from "@x/base/errors";
import { WorkerKeeper } from "./worker-keeper.ts";
import type { ServedModule } from "./worker-module-types.ts";
import { checkWorkerOptions, type WorkerKeeperOptions } from "./worker-options.ts";

/**
 * Starts a worker whose module calls `serveKeeper`, and resolves once its sessions are opening. From then on the sessions
 * stay alive even while this thread is blocked.
 *
 * The names of the sessions and the functions that can be called come from the type of the worker's module:
 *
 *     const url = new URL("./sessions.js", import.meta.url);
 *     const keeper = await keepaliveInWorker<typeof import("./sessions.js")>(url);
 *
 * @param url - the `file:` URL of the worker's module.
 * @throws OptionError for options that are not allowed; KeeperError (worker) with what the module threw, or when it does not
 * call `serveKeeper`.
 */
export async function keepaliveInWorker<Module extends ServedModule = ServedModule>(
	url: URL,
	options: WorkerKeeperOptions = {},
): Promise<WorkerKeeper<Module>> {
	checkWorkerOptions(options);
	if (!(url instanceof URL)) {
		throw new OptionError("@x/keepalive", "url", 'must be a URL, such as new URL("./sessions.js", import.meta.url)');
	}
	const keeper = new WorkerKeeper<Module>(url, options);
	await keeper.open();
	return keeper;
}
