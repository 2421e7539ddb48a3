/**
 * The process of one compared program or server.
 *
 *   node child-entry-point.ts <module> <export>
 *
 * The export is a factory function. The parent process calls the functions of the object that the factory returns. Every child also has the
 * functions `cpuMicros` and `memory`.
 */
import { pathToFileURL } from "node:url";

interface Request {
	readonly id: number;
	readonly call: string;
	readonly argument: unknown;
}

const [file = "", name = ""] = process.argv.slice(2);
// The cast is safe: the parent names an export that is such a factory.
const module = (await import(pathToFileURL(file).href)) as Record<
	string,
	() => Record<string, (argument: never) => unknown>
>;
const maker = module[name];
if (!maker) throw new Error(`${file} has no export ${name}`);

const members: Record<string, (argument: never) => unknown> = {
	cpuMicros: () => {
		const { user, system } = process.cpuUsage();
		return user + system;
	},
	memory: async () => {
		for (let round = 0; round < 4; round++) {
			globalThis.gc?.();
			await new Promise((resolve) => setTimeout(resolve, 25));
		}
		const { rss, heapUsed } = process.memoryUsage();
		return { rss, heap: heapUsed };
	},
	...maker(),
};

process.on("message", ({ id, call, argument }: Request) => {
	void (async () => {
		try {
			const member = members[call];
			if (!member) throw new Error(`${name} has no member ${call}`);
			// The cast is safe: the parent passes the argument that the function takes.
			process.send?.({ id, value: await member(argument as never) });
		} catch (error) {
			process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
		}
	})();
});
process.on("disconnect", () => process.exit());
process.send?.({ id: 0, value: "ready" });
