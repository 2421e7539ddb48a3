import { neverAborted, withDeadline } from "@x/base/clock";
import type { BybitProduct } from "@x/bybit-dcp";
import type { Config, SessionConfig } from "../config/config.ts";
import { lockOwnFiles } from "../state/lock-agent-files.ts";
import { bybitDrill } from "./bybit-drill.ts";
import { deribitDrill } from "./deribit-drill.ts";
import { runningAgent } from "./detect-running-agent.ts";
import { DrillRefused, explain } from "./drill-error.ts";
import { appendDrill, drillFileOf } from "./drill-file.ts";
import type { DrillRecord } from "./drill-record.ts";
import type { AccountLook, DrillVenue, GivenPlan } from "./drill-venue-interface.ts";
import { ibkrDrill, type Standby } from "./ibkr-drill.ts";
import type { Kill } from "./kill-kinds.ts";
import { type DrillContext, runKill } from "./kill-one-session.ts";

/** Deadline for all steps before the first order, in milliseconds. */
const lookMs = 60_000;

/** What the user asks a drill to do. */
export interface DrillRequest {
	readonly config: Config;
	readonly session: string;
	readonly kills: readonly Kill[];
	readonly given: GivenPlan;
	/** Bybit only: the product at which the order is placed. Default: the first product of the session. */
	readonly product: string | undefined;
	/** IBKR only: the session whose login takes over after the kill. */
	readonly takeover: string | undefined;
	readonly controlMs: number | undefined;
	/** True if the drill may run where real money is at stake. */
	readonly allowsProduction: boolean;
	/** The account's name as the user typed it. */
	readonly accountName: string | undefined;
	/** How many other open orders the account has, according to the user. */
	readonly otherOrders: number | undefined;
	readonly signal: AbortSignal;
	onStep(step: string): void;
	onRecord(record: DrillRecord): void;
}

/**
 * Kills a session in each of the given ways while an order of the session is in the book, and appends the results to the drill file. Ends
 * early after a fill, after a failed cleanup, and when it is interrupted.
 *
 * @throws DrillRefused if the drill does not start. No order was placed then.
 * @throws ConfigError if a running agent has locked the files of this configuration.
 */
export async function runDrill(request: DrillRequest): Promise<readonly DrillRecord[]> {
	const { config, session, signal } = request;
	const sessionConfig = config.sessions[session];
	if (!sessionConfig) throw new DrillRefused(`there is no session ${session} in ${config.file}`);
	const running = await runningAgent(config, signal);
	if (running !== undefined) throw new DrillRefused(`${running}: stop it before a drill`);
	// The lock keeps an agent from being started during the drill: its session could keep the venue from cancelling the drill's order.
	const releaseFiles = await lockOwnFiles(config, request.onStep);
	try {
		return await runKills(request, sessionConfig);
	} finally {
		releaseFiles();
	}
}

async function runKills(request: DrillRequest, sessionConfig: SessionConfig): Promise<readonly DrillRecord[]> {
	const { config, kills, signal } = request;
	const venue = venueOf(sessionConfig, request);
	try {
		const context = await prepare(request, sessionConfig, venue);
		const records: DrillRecord[] = [];
		for (const kill of kills) {
			const record = await runKill(kill, context);
			records.push(record);
			request.onRecord(record);
			append(drillFileOf(config.state), record, request);
			if (signal.aborted || record.cleanup === "failed" || record.result.verdict === "filled") break;
		}
		return records;
	} finally {
		await withDeadline({ ms: 5_000, signal: neverAborted, onTimeout: () => undefined }, () => venue.close()).catch(
			() => undefined,
		);
	}
}

function venueOf(config: SessionConfig, request: DrillRequest): DrillVenue {
	const { session, product, kills, takeover } = request;
	if (takeover !== undefined && config.venue !== "ibkr")
		throw new DrillRefused("--takeover is only for sessions at IBKR");
	if (product !== undefined && config.venue !== "bybit")
		throw new DrillRefused("--product is only for sessions at Bybit");
	switch (config.venue) {
		case "deribit":
			return deribitDrill(config);
		case "bybit":
			return bybitDrill(config, productOf(config.products, product));
		case "ibkr":
			if (config.logoutOnClose === true && kills.includes("close")) {
				throw new DrillRefused("logoutOnClose ends the login that the drill needs: choose another --kill");
			}
			return ibkrDrill(session, config, standbyOf(request));
	}
}

function standbyOf({ config, session, kills, takeover: name }: DrillRequest): Standby | undefined {
	if (name === undefined) return undefined;
	const standby = config.sessions[name];
	if (standby?.venue !== "ibkr" || name === session) {
		throw new DrillRefused("--takeover needs the name of another session at IBKR, with a login of the same user");
	}
	if (kills.length > 1)
		throw new DrillRefused(
			"--takeover needs a single --kill, because the other login holds the session after the first kill: give one --kill",
		);
	return { name, config: standby };
}

function productOf(products: readonly BybitProduct[], given: string | undefined): BybitProduct | undefined {
	const product = given === undefined ? products[0] : products.find((each) => each === given);
	if (product === undefined)
		throw new DrillRefused(`the session does not have this product (it has ${products.join(", ")})`);
	return product;
}

/** Takes all steps that come before the first order. */
async function prepare(request: DrillRequest, sessionConfig: SessionConfig, venue: DrillVenue): Promise<DrillContext> {
	const { config, session, signal, onStep, controlMs } = request;
	const onTimeout = (): Error => new DrillRefused(`the venue did not answer within ${lookMs / 1_000} s`);
	try {
		return await withDeadline({ ms: lookMs, signal, onTimeout }, async (deadline) => {
			onStep(`${session}: read the account at ${venue.hosts.join(" and ")}`);
			const isTestHost = await venue.isTest(deadline);
			// The address is checked before anything logs in at production.
			if (!isTestHost && !request.allowsProduction && !venue.hasPaperAccounts) throw notTest(venue);
			const account = await venue.account(deadline);
			const isProduction = !(isTestHost || account.isPaper === true);
			if (isProduction) confirmProduction(request, venue, account);
			confirmOpenOrders(request, account);
			const { clockAheadMs, roundTripMs } = await venue.clock(deadline);
			onStep(`${session}: clock ${Math.round(clockAheadMs)} ms ahead, round trip ${Math.round(roundTripMs)} ms`);
			const plan = await venue.plan(request.given, deadline);
			return { config, session, sessionConfig, venue, plan, isProduction, controlMs, signal, onStep };
		});
	} catch (error) {
		if (error instanceof DrillRefused) throw error;
		throw new DrillRefused(signal.aborted ? "interrupted before an order was placed" : explain(error));
	}
}

function notTest(venue: DrillVenue): DrillRefused {
	return new DrillRefused(
		`${venue.hosts.join(" and ")} is not a test system. A drill places an order: use the venue's test host, or --production with --account`,
	);
}

function confirmProduction(
	{ allowsProduction, accountName }: DrillRequest,
	venue: DrillVenue,
	account: AccountLook,
): void {
	if (!allowsProduction) throw notTest(venue);
	if (accountName === undefined || !account.names.includes(accountName)) {
		throw new DrillRefused("--production needs --account with the name of the account, as the venue shows it");
	}
}

/**
 * Refuses an account with other open orders, unless the user has given their number: the venue may cancel them too when the session dies.
 */
function confirmOpenOrders({ otherOrders }: DrillRequest, { openOrders }: AccountLook): void {
	if (openOrders === (otherOrders ?? 0)) return;
	throw new DrillRefused(
		`the account has ${openOrders} open orders, which the drill may cancel. Use an account without orders, or say how many may be lost: --other-orders N`,
	);
}

function append(file: string, record: DrillRecord, { onStep }: DrillRequest): void {
	try {
		appendDrill(file, record);
	} catch (error) {
		const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
		onStep(`${file} cannot be written (${code}): the agent will not know of this drill`);
	}
}
