import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { published } from "../test-install/tarballs.ts";
import { repository } from "../testing/run-command.ts";
import { addresses } from "./package-json-links.ts";

interface Step {
	readonly uses?: string;
	readonly run?: string;
	readonly with?: Readonly<Record<string, unknown>>;
	readonly env?: Readonly<Record<string, string>>;
}
interface Job {
	readonly uses?: string;
	readonly needs?: string;
	readonly permissions?: Readonly<Record<string, string>>;
	readonly "timeout-minutes"?: number;
	readonly env?: Readonly<Record<string, string>>;
	readonly steps?: readonly Step[];
}
interface Workflow {
	readonly on: Readonly<Record<string, unknown>>;
	readonly permissions: Readonly<Record<string, string>>;
	readonly jobs: Readonly<Record<string, Job>>;
}
interface Manifest {
	readonly scripts: Readonly<Record<string, string>>;
	readonly devDependencies: Readonly<Record<string, string>>;
	readonly engines: { readonly node: string };
	readonly publishConfig?: object;
	readonly license?: string;
}

const folder = join(repository, ".github/workflows");
const textOf = (file: string): string => readFileSync(join(folder, file), "utf8");
const workflowOf = (file: string): Workflow => parse(textOf(file)) as Workflow;
const manifestOf = (path: string): Manifest =>
	JSON.parse(readFileSync(join(repository, path, "package.json"), "utf8")) as Manifest;
const root = manifestOf(".");
const stepsOf = (job: Job | undefined): readonly Step[] => job?.steps ?? [];

describe.each(readdirSync(folder))("the workflow %s", (file) => {
	const { permissions, jobs } = workflowOf(file);

	it("a workflow grants only read access to the repository, unless a job asks for more", () => {
		expect(permissions).toEqual({ contents: "read" });
	});

	it("a workflow runs only npm scripts that exist", () => {
		const commands = Object.values(jobs).flatMap((job) =>
			stepsOf(job).flatMap(({ run = "", with: given = {} }) => [run, ...Object.values(given).map(String)]),
		);
		const scripts = commands.flatMap((command) => /^npm run ([\w:-]+)/.exec(command)?.[1] ?? []);
		expect(scripts.length).toBeGreaterThan(1);
		expect(scripts.filter((script) => root.scripts[script] === undefined)).toEqual([]);
	});

	it("a workflow gives every job a timeout and a supported Node version", () => {
		const least = Number(/\d+/.exec(manifestOf("packages/keepalive").engines.node)?.[0]);
		for (const job of Object.values(jobs)) {
			if (job.uses !== undefined) continue;
			expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
			const node = stepsOf(job).find(({ uses }) => uses?.startsWith("actions/setup-node@"));
			expect(node?.with?.["node-version"]).toBeGreaterThanOrEqual(least);
		}
	});

	it("a workflow pins every action by its commit, and names the version in a comment", () => {
		const actions = textOf(file).match(/uses: .*/g) ?? [];
		for (const action of actions.filter((each) => !each.startsWith("uses: ./"))) {
			expect(action).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
		}
	});

	it("a workflow uses no secret except the token that GitHub creates for each run", () => {
		expect(
			textOf(file)
				.match(/secrets\.\w+/g)
				?.filter((name) => name !== "secrets.GITHUB_TOKEN") ?? [],
		).toEqual([]);
	});
});

describe("the release workflow", () => {
	const { on, jobs } = workflowOf("release.yml");
	const release = jobs["release"];
	const steps = stepsOf(release);
	const at = (wanted: (step: Step) => boolean): number => steps.findIndex(wanted);

	it("the release workflow runs only from main, after all checks that a pull request has to pass", () => {
		expect(on).toEqual({ push: { branches: ["main"] } });
		expect(release?.needs).toBe("test");
		expect(jobs["test"]?.uses).toBe("./.github/workflows/ci.yml");
		expect(workflowOf("ci.yml").on).toHaveProperty("workflow_call");
		const commands = Object.values(workflowOf("ci.yml").jobs).flatMap((job) => stepsOf(job).map(({ run }) => run));
		for (const command of [
			"bash .ci/run",
			"npm run test:install",
			"npm run test:foreign",
			"npm run test:flow",
			"npm run test:signals",
		]) {
			expect(commands).toContain(command);
		}
		// The test of a fourth venue has no separate command, because `.ci/run` calls `npm test`, which includes it.
		expect(commands).not.toContain("npm run test:venue");
	});

	it("the release workflow gives only the release job the id-token permission, which provenance needs", () => {
		expect(release?.permissions).toEqual({
			contents: "write",
			"pull-requests": "write",
			"id-token": "write",
		});
		expect(Object.values(jobs).filter((job) => job.permissions?.["id-token"] !== undefined)).toHaveLength(1);
		expect(release?.env).toEqual({ NPM_CONFIG_PROVENANCE: "true" });
		expect(textOf("release.yml")).not.toContain("NODE_AUTH_TOKEN");
	});

	it("the release workflow checks out the full history, installs from the lockfile, builds, and then releases", () => {
		const order = [
			at(({ uses, with: given }) => uses?.startsWith("actions/checkout@") === true && given?.["fetch-depth"] === 0),
			at(({ uses, with: given }) => {
				const registry = given?.["registry-url"] === "https://registry.npmjs.org";
				return uses?.startsWith("actions/setup-node@") === true && registry;
			}),
			at(({ run }) => run?.startsWith("npm ci") === true),
			at(({ run }) => run === "npm run build"),
			at(({ uses }) => uses?.startsWith("changesets/action@") === true),
		];
		expect(order).toEqual([0, 1, 2, 3, 4]);
		expect(steps[4]?.with).toMatchObject({ version: "npm run version-packages", publish: "npm run release" });
	});

	it("the release workflow uses the Node version of the repository, whose npm supports trusted publishing", () => {
		const [major] = root.devDependencies["node"]?.split(".") ?? [];
		expect(String(steps[1]?.with?.["node-version"])).toBe(major);
		expect(Number(major)).toBeGreaterThanOrEqual(24);
	});

	it.each(published)("the package %s is published with public access, its author and its addresses", (name) => {
		const manifest = manifestOf(`packages/${name}`);
		expect(manifest).toMatchObject({ publishConfig: { access: "public" }, license: "MIT", author: expect.any(String) });
		expect(addresses("owner/name", name)).toEqual({
			homepage: `https://github.com/owner/name/tree/main/packages/${name}#readme`,
			bugs: { url: "https://github.com/owner/name/issues" },
			repository: { type: "git", url: "git+https://github.com/owner/name.git", directory: `packages/${name}` },
		});
	});
});
