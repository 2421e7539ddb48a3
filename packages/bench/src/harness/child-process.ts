import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";

interface Waiting {
	resolve(value: unknown): void;
	reject(reason: Error): void;
}

interface Reply {
	readonly id: number;
	readonly value?: unknown;
	readonly error?: string;
}

/** Options of a child process. */
export interface ChildOptions {
	readonly execArgv?: readonly string[];
	readonly env?: Readonly<Record<string, string>>;
}

const running = new Set<Child>();

/** A compared program or server in its own process. The process ends together with the benchmark. */
export class Child {
	readonly name: string;
	readonly #process: ChildProcess;
	readonly #waiting = new Map<number, Waiting>();
	#last = 0;
	#ended: string | undefined;
	#said = "";

	private constructor(file: string, name: string, { execArgv = [], env = {} }: ChildOptions) {
		this.name = name;
		const options = { stdio: ["ignore", "ignore", "pipe", "ipc"] as const, execArgv: ["--expose-gc", ...execArgv] };
		this.#process = fork(join(import.meta.dirname, "child-entry-point.ts"), [file, name], {
			...options,
			stdio: [...options.stdio],
			env: { ...process.env, NODE_NO_WARNINGS: "1", ...env },
		});
		this.#process.on("message", (reply: Reply) => this.#hear(reply));
		this.#process.stderr?.on("data", (chunk) => {
			this.#said = `${this.#said}${chunk}`.slice(-2_000);
		});
		this.#process.on("exit", (code, signal) => {
			this.#ended = `${name} ended with ${signal ?? code}: ${this.#said}`;
			running.delete(this);
			for (const { reject } of this.#waiting.values()) reject(new Error(this.#ended));
			this.#waiting.clear();
		});
		running.add(this);
	}

	/** Starts a process with the factory `name` of a module, and waits until its functions can be called. */
	static async start(file: string, name: string, options: ChildOptions = {}): Promise<Child> {
		const child = new Child(file, name, options);
		await child.#wait(0, 60_000);
		return child;
	}

	/**
	 * Returns a function that takes a name, and returns the child process with that name. The child is started, and passed to `prepare`,
	 * when its name is used for the first time.
	 */
	static each(
		file: string,
		prepare: (child: Child, name: string) => Promise<unknown> = async () => undefined,
	): (name: string) => Promise<Child> {
		const started = new Map<string, Promise<Child>>();
		const start = async (name: string): Promise<Child> => {
			const child = await Child.start(file, name);
			await prepare(child, name);
			return child;
		};
		return (name) => {
			const child = started.get(name) ?? start(name);
			started.set(name, child);
			return child;
		};
	}

	/** Whether the process has ended. */
	get ended(): boolean {
		return this.#ended !== undefined;
	}

	/** Calls a function of the child. The caller states the type of the result, which is not checked. */
	call<Value = unknown>(call: string, argument?: unknown, timeoutMs = 60_000): Promise<Value> {
		if (this.#ended !== undefined) return Promise.reject(new Error(this.#ended));
		this.#last += 1;
		this.#process.send({ id: this.#last, call, argument });
		// The cast is safe if the caller states the right type, because the caller knows which function it calls.
		return this.#wait(this.#last, timeoutMs) as Promise<Value>;
	}

	async end(): Promise<void> {
		if (this.#ended !== undefined) return;
		const ended = new Promise<void>((resolve) => this.#process.once("exit", () => resolve()));
		this.#process.kill("SIGKILL");
		await ended;
	}

	#wait(id: number, timeoutMs: number): Promise<unknown> {
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#waiting.delete(id);
				reject(new Error(`${this.name} did not reply within ${timeoutMs} ms`));
			}, timeoutMs);
			const settle = <Argument>(settled: (argument: Argument) => void) => {
				return (argument: Argument): void => {
					clearTimeout(timer);
					settled(argument);
				};
			};
			this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
		});
	}

	#hear({ id, value, error }: Reply): void {
		const waiting = this.#waiting.get(id);
		this.#waiting.delete(id);
		if (error === undefined) waiting?.resolve(value);
		else waiting?.reject(new Error(`${this.name}: ${error}`));
	}
}

/** Ends all child processes. */
export async function endChildren(): Promise<void> {
	await Promise.all([...running].map((child) => child.end()));
}

process.on("exit", () => {
	for (const child of running) void child.end();
});
