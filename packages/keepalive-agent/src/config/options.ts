import type { IbkrHttpOptions } from "@x/ibkr-session";
import type { GatewayFetchOptions } from "@x/ibkr-session/gateway";
import type { IbkrBearerOptions } from "@x/ibkr-session/oauth";
import type { IbkrConsumerOptions, IbkrUserCredentials } from "@x/ibkr-session/oauth1";
import type { BackoffOptions, KeeperOptions } from "@x/keepalive";
import type { BybitSessionClientOptions, BybitSessionOptions } from "@x/keepalive/bybit";
import type { DeribitClientOptions, DeribitSessionOptions } from "@x/keepalive/deribit";
import type { IbkrSessionOptions, IbkrSessionSocketOptions } from "@x/keepalive/ibkr";

/**
 * Where an option comes from.
 *
 * - `file`: written in the configuration as it is.
 * - `secret`: the configuration says where the secret is: `env:NAME`, `credential:NAME`, or a path under the same key with `File`.
 * - `nested`: an object, whose options are listed in a separate map below.
 * - `agent`: the agent sets it itself.
 * - `code`: a function or an object of a program, which a file cannot hold.
 */
type Origin = "file" | "secret" | "nested" | "agent" | "code";

type KeysOf<Options> = Options extends unknown ? keyof Options : never;

/** The origin of each option of a type. If an option is missing here, it is a compile error. */
type Origins<Options> = { readonly [Name in KeysOf<Options>]-?: Origin };

const origins =
	<Options>() =>
	<const Given extends Origins<Options>>(given: Given): Given =>
		given;

/** The origins of all options, grouped by the section of the configuration to which they belong. */
export const optionOrigins = {
	keeper: origins<KeeperOptions>()({
		backoff: "nested",
		restarts: "nested",
		stableMs: "file",
		openTimeoutMs: "file",
		closeTimeoutMs: "file",
		stopTimeoutMs: "file",
		blockedRetryMs: "file",
		stallMs: "file",
		ordersOnDispose: "agent",
		logger: "agent",
		gate: "code",
		gates: "agent",
		random: "code",
		now: "code",
		tracing: "code",
	}),
	"keeper.backoff": origins<BackoffOptions>()({
		firstMs: "file",
		baseMs: "file",
		capMs: "file",
		factor: "file",
		unreachableCapMs: "file",
	}),
	"keeper.restarts": origins<NonNullable<KeeperOptions["restarts"]>>()({ burst: "file", everyMs: "file" }),
	deribit: origins<DeribitSessionOptions>()({
		name: "agent",
		client: "nested",
		armingPermission: "file",
		intervalSeconds: "file",
		pingMs: "file",
		pongTimeoutMs: "file",
		cancelScope: "file",
		verifyEveryMs: "file",
		onOpen: "code",
		connectionLimiter: "code",
	}),
	"deribit.client": origins<DeribitClientOptions>()({
		credentials: "nested",
		url: "file",
		connectTimeoutMs: "file",
		callTimeoutMs: "file",
		closeTimeoutMs: "file",
		whenCreditsAreSpent: "file",
		credits: "agent",
		crypto: "code",
		onNotification: "code",
		onProtectionChanged: "code",
		onUnexpected: "code",
		sessionNames: "code",
		WebSocket: "code",
	}),
	"deribit.client.credentials": origins<DeribitClientOptions["credentials"]>()({
		clientId: "secret",
		clientSecret: "secret",
		grant: "file",
		authScope: "file",
		signer: "code",
	}),
	bybit: origins<BybitSessionOptions>()({
		name: "agent",
		client: "nested",
		products: "file",
		windowSeconds: "file",
		maxActiveTimeSeconds: "file",
		settleMs: "file",
		pingMs: "file",
		pongTimeoutMs: "file",
		verifyEveryMs: "file",
		callTimeoutMs: "file",
		othersKeepAlive: "file",
		onOpen: "code",
		connectionLimiter: "code",
	}),
	"bybit.client": origins<BybitSessionClientOptions>()({
		apiKey: "secret",
		apiSecret: "secret",
		signer: "code",
		restUrl: "file",
		wsUrl: "file",
		recvWindowMs: "file",
		fetch: "code",
		WebSocket: "code",
		onTopic: "code",
		onUnexpected: "code",
	}),
	ibkr: origins<IbkrSessionOptions>()({
		name: "agent",
		mode: "agent",
		renew: "agent",
		client: "nested",
		compete: "file",
		logoutOnClose: "file",
		tickleMs: "file",
		ttlMs: "file",
		pollMs: "file",
		readyTimeoutMs: "file",
		yieldMs: "file",
		initBackoffMs: "file",
		maxTakeoversPerDay: "file",
		maxInitsPerDay: "file",
		region: "file",
		socket: "nested",
		expect: "nested",
		onOpen: "code",
	}),
	"ibkr.client": origins<IbkrHttpOptions>()({
		baseUrl: "file",
		callTimeoutMs: "file",
		userAgent: "file",
		authorize: "agent",
		fetch: "agent",
		pacing: "code",
		penaltyBox: "code",
	}),
	"ibkr.socket": origins<IbkrSessionSocketOptions>()({
		ticMs: "file",
		deadMs: "file",
		token: "agent",
		WebSocket: "code",
		onTopic: "code",
	}),
	"ibkr.expect": origins<NonNullable<IbkrSessionOptions["expect"]>>()({ accounts: "file", loginType: "file" }),
	"ibkr.gateway": origins<GatewayFetchOptions>()({ ca: "secret", fingerprint256: "file", baseUrl: "agent" }),
	"ibkr.oauth1": origins<IbkrConsumerOptions & IbkrUserCredentials>()({
		consumerKey: "secret",
		signatureKey: "secret",
		encryptionKey: "secret",
		dhParameters: "secret",
		accessToken: "secret",
		accessTokenSecret: "secret",
		realm: "file",
		origin: "file",
		renewBeforeMs: "file",
		fetch: "agent",
		userAgent: "agent",
		callTimeoutMs: "agent",
		penaltyBox: "code",
	}),
	"ibkr.oauth2": origins<IbkrBearerOptions>()({
		clientId: "secret",
		keyId: "secret",
		privateKey: "secret",
		credential: "secret",
		ip: "file",
		origin: "file",
		renewBeforeMs: "file",
		fetch: "agent",
		userAgent: "agent",
		callTimeoutMs: "agent",
		penaltyBox: "code",
	}),
} as const;

type Maps = typeof optionOrigins;

/** The part of an options type that the configuration holds: the options with the origin `file` or `secret`. */
export type Configured<Options, Map extends keyof Maps> = {
	[Name in keyof Options as Name extends keyof Maps[Map]
		? Maps[Map][Name] extends "file" | "secret"
			? Name
			: never
		: never]: Options[Name];
};
