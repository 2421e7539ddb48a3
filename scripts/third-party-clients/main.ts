/**
 * Runs third-party clients against the simulators: ccxt, ccxt pro, bybit-api, pybit and ibind, unmodified; ccxt pro and ibind also over the
 * agent's relay.
 *
 * Each client plays one trading scenario: log in, arm, place, amend, cancel, be disconnected, see the cancel and its reason. A line per
 * client and step shows the outcome. A step marked "peer-fault" did not work because of a bug in that client; the line describes the bug,
 * and the run does not fail.
 *
 * The clients are installed into a temporary folder, with the versions in `clients/`. If the registry cannot be reached, the scenarios are
 * skipped. Fails when an install or a step has failed.
 */
import { cpSync, mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveVenues } from "@x/venue-sims";
import { type Finished, howEnded, run } from "../testing/run-command.ts";
import { type Install, installNode, installPython, pythonOf } from "./install-clients.ts";
import { startDeribitRelay, startIbkrRelay } from "./relay-agent.ts";

/** One third-party client and its scenario. */
interface Client {
	readonly name: string;
	readonly language: "node" | "python";
	/** The scenario's file in `clients/`, followed by its arguments. */
	readonly scenario: readonly string[];
}

/** A row of the table. The scenarios print their rows as JSON. */
interface Row {
	readonly client: string;
	readonly step: string;
	readonly outcome: "ok" | "peer-fault" | "not-offered" | "skipped" | "failed";
	readonly detail: string;
}

/**
 * These scenarios run one after the other, because they share one account, and the venue's protection cancels all orders of the account
 * together.
 */
const bybitClients: readonly Client[] = [
	{ name: "ccxt, Bybit", language: "node", scenario: ["ccxt-bybit.mjs"] },
	{ name: "ccxt pro, Bybit", language: "node", scenario: ["ccxt-pro-bybit.mjs"] },
	{ name: "bybit-api", language: "node", scenario: ["bybit-api.mjs"] },
	{ name: "pybit", language: "python", scenario: ["pybit_scenario.py"] },
];
/** Two scenarios at Deribit: directly at the venue, and over the agent's relay. The constant below has the same two for IBKR's gateway. */
const atDeribit = [
	{ name: "ccxt pro, Deribit", language: "node", scenario: ["ccxt-pro-deribit.mjs"] },
	{ name: "ccxt pro, relay", language: "node", scenario: ["ccxt-pro-deribit-relay.mjs"] },
] as const;
const atIbkr = [
	{ name: "ibind, gateway", language: "python", scenario: ["ibind_scenario.py", "gateway"] },
	{ name: "ibind, relay", language: "python", scenario: ["ibind_scenario.py", "relay"] },
] as const;
/** This scenario has a simulator that no other scenario uses, so it can run at the same time as the others. */
const withOAuth: Client = { name: "ibind, OAuth 1.0a", language: "python", scenario: ["ibind_scenario.py", "oauth1"] };

/** How long the whole run may take, in milliseconds. */
const deadlineMs = 170_000;
const scenarioTimeoutMs = 60_000;

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());
process.once("SIGTERM", () => interrupted.abort());
const signal = AbortSignal.any([interrupted.signal, AbortSignal.timeout(deadlineMs)]);

async function playScenarios(folder: string): Promise<Row[]> {
	// Here the simulated Bybit applies a new time window at once and not after ten seconds, because the scenarios set the window and test its
	// effect.
	await using sims = await serveVenues({ bybit: { settleMs: 0 } });
	const [node, python] = await Promise.all([installNode(folder, signal), installPython(folder, signal)]);
	const installs: Readonly<Record<Client["language"], Install>> = { node, python };
	const env = { SIMS: JSON.stringify(sims.addresses), PYTHONDONTWRITEBYTECODE: "1" };
	const play = (client: Client): Promise<readonly Row[]> => rowsOf(client, installs[client.language], folder, env);
	/**
	 * Plays a client directly at the venue, and then a client over an agent. The agent starts only after the first scenario, because that
	 * scenario drops the venue's connections.
	 */
	const alsoRelayed = async (
		[direct, relayed]: readonly [Client, Client],
		start: typeof startDeribitRelay | typeof startIbkrRelay,
	): Promise<readonly Row[]> => {
		const first = await play(direct);
		const install = installs[relayed.language];
		if (install.kind !== "installed") return [...first, ...(await play(relayed))];
		const agent = await start(sims.addresses, folder, signal);
		const relayEnv = { ...env, SIMS: JSON.stringify({ ...sims.addresses, ...agent.addresses }) };
		return [...first, ...(await rowsOf(relayed, install, folder, relayEnv).finally(agent.close))];
	};
	const others = Promise.all([
		alsoRelayed(atDeribit, startDeribitRelay),
		alsoRelayed(atIbkr, startIbkrRelay),
		play(withOAuth),
	]);
	const rows: Row[] = [];
	for (const client of bybitClients) rows.push(...(await play(client)));
	return [...rows, ...(await others).flat()];
}

async function rowsOf(
	{ name, language, scenario }: Client,
	install: Install,
	folder: string,
	env: Readonly<Record<string, string>>,
): Promise<readonly Row[]> {
	if (install.kind !== "installed") {
		return [{ client: name, step: "install", outcome: install.kind, detail: install.reason }];
	}
	const command = language === "node" ? process.execPath : pythonOf(folder);
	const ended = await run(command, scenario, {
		cwd: folder,
		env,
		timeoutMs: scenarioTimeoutMs,
		signal,
		ownGroup: true,
	});
	const rows = ended.stdout
		.split("\n")
		.filter((line) => line.startsWith("{"))
		// The cast is safe: the scenarios print only rows.
		.map((line): Row => ({ client: name, ...(JSON.parse(line) as Omit<Row, "client">) }));
	return rows.some(({ outcome }) => outcome === "failed") || ended.code === 0 ? rows : [...rows, broken(name, ended)];
}

function broken(client: string, { code, stderr }: Finished): Row {
	const limits = `it took ${scenarioTimeoutMs / 1_000} s, or the whole run took ${deadlineMs / 1_000} s`;
	const end = code === null ? `was stopped, because ${limits}` : howEnded(code);
	return { client, step: "the scenario", outcome: "failed", detail: `${end}: ${stderr.slice(-500).trim()}` };
}

function summarize(rows: readonly Row[]): void {
	for (const { client, step, outcome, detail } of rows) {
		console.log(`${client.padEnd(18)} ${step.padEnd(50)} ${outcome}${detail && `: ${detail}`}`);
	}
	const count = (wanted: Row["outcome"]): number => rows.filter(({ outcome }) => outcome === wanted).length;
	const [ok, faults, skipped, failed] = [count("ok"), count("peer-fault"), count("skipped"), count("failed")];
	console.log(`\n${ok} ok, ${faults} peer faults, ${skipped} skipped, ${failed} failed`);
	process.exitCode = failed === 0 ? 0 : 1;
}

using folder = mkdtempDisposableSync(join(tmpdir(), "third-party-clients-"));
cpSync(join(import.meta.dirname, "clients"), folder.path, { recursive: true });
const rows = await playScenarios(folder.path);
if (interrupted.signal.aborted) {
	console.error("interrupted");
	process.exitCode = 1;
} else {
	summarize(rows);
}
