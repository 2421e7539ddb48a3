import { generateKeyPairSync, getDiffieHellman, X509Certificate } from "node:crypto";
import { IbkrVenue, Link, memoryFetch, memoryWebSocket, selfSignedCertificate } from "@x/venue-sims";
import { expect, it } from "vitest";
import * as oauth1 from "./auth/oauth1/index.ts";
import * as oauth from "./auth/oauth2/index.ts";
import * as gateway from "./gateway/index.ts";
import * as main from "./index.ts";
import { allPrintedForms } from "./testing/printed-forms-of-value.ts";

const pair = generateKeyPairSync("rsa", {
	modulusLength: 2_048,
	publicKeyEncoding: { type: "spki", format: "pem" },
	privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const dhPrime = getDiffieHellman("modp14").getPrime("hex");
const consumerKey = "PLANTEDCK";
const planted = { userName: "planted-user", accounts: ["DUPLANTED1"] };
const never = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

it("no entry point of the package exports, returns or throws a value that prints a secret", async () => {
	const made: unknown[] = [main, gateway, oauth, oauth1];
	const secrets = [planted.userName, ...planted.accounts, consumerKey, dhPrime, pair.privateKey.slice(60, 120)];

	const venue = new IbkrVenue({ ...planted, pacing: false });
	const link = new Link(venue);
	const client = main.createIbkrHttp({
		fetch: memoryFetch(link),
		penaltyBox: main.createIbkrPenaltyBox(),
		pacing: false,
	});
	const tickle = await client.tickle();
	const session = "session" in tickle ? tickle.session : undefined;
	if (!session) throw new Error("no session");
	secrets.push(session.reveal());
	const socket = await main.connectIbkr({ session, WebSocket: memoryWebSocket(link) });
	await socket.tic();
	made.push(client, tickle, socket, await client.status(), await client.validate(), await client.accounts());
	secrets.push((venue.received.at(-1)?.headers["cookie"] ?? "=").split("=")[1] ?? "");
	for (const status of [401, 403, 429, 503]) {
		venue.faults["answer"]?.({ status, body: `${planted.userName} ${session.reveal()}` });
		made.push(await never(client.tickle()));
	}
	link.drop();
	await new Promise((resolve) => setTimeout(resolve, 10));
	made.push(socket.ended.reason, await never(socket.tic()));
	link.close();

	const consumer = { key: consumerKey, signatureKey: pair.publicKey, encryptionKey: pair.publicKey, dhPrime };
	const desk = new IbkrVenue({ ...planted, mode: "oauth1", consumer, pacing: false });
	const deskLink = new Link(desk);
	const { token, secret } = (desk.faults["issue"]?.({}) ?? {}) as { token: string; secret: string };
	const options = {
		consumerKey,
		signatureKey: pair.privateKey,
		encryptionKey: pair.privateKey,
		dhParameters: dhPrime,
		fetch: memoryFetch(deskLink),
		penaltyBox: main.createIbkrPenaltyBox(),
	};
	const first = oauth1.createIbkrConsumer(options);
	const user = first.user({ accessToken: token, accessTokenSecret: secret });
	const live = await user.liveSession();
	secrets.push(token, secret, live.token.reveal());
	made.push(first, user, live, user.authorize, await never(first.accessToken({ token, verifier: "planted-verifier" })));
	desk.faults["wrongProof"]?.({ times: 2 });
	made.push(await never(user.renew()));
	made.push(await never((async () => first.user({ accessToken: token, accessTokenSecret: "AAAA" }))()));
	deskLink.close();

	const bearerVenue = new IbkrVenue({ ...planted, mode: "oauth2", pacing: false });
	const bearerLink = new Link(bearerVenue);
	const bearer = oauth.createIbkrBearer({
		clientId: "planted-client",
		keyId: "main",
		privateKey: pair.privateKey,
		credential: planted.userName,
		ip: "192.0.2.77",
		fetch: memoryFetch(bearerLink),
		penaltyBox: main.createIbkrPenaltyBox(),
	});
	const bearerSession = await bearer.session();
	secrets.push(bearerSession.token.reveal(), "planted-client", "192.0.2.77");
	bearerVenue.faults["answer"]?.({ status: 400, body: `{"title":"${planted.userName}"}` });
	made.push(
		bearer,
		bearerSession,
		await never(bearer.renew()),
		oauth.createIbkrOAuth({ fetch: memoryFetch(bearerLink) }),
	);
	bearerLink.close();

	const { cert } = await selfSignedCertificate();
	const print = new X509Certificate(cert).fingerprint256;
	for (const trust of [{ ca: cert }, { fingerprint256: print }]) {
		const send = gateway.gatewayFetch({ baseUrl: "https://localhost:1/v1/api", ...trust });
		made.push(send, await never(send(`https://localhost:1/v1/api/tickle?session=${session.reveal()}`)));
		made.push(await never(send(`https://elsewhere/v1/api/tickle?session=${session.reveal()}`)));
	}

	for (const secretText of secrets) {
		expect(secretText.length).toBeGreaterThan(5);
		for (const value of made) expect(allPrintedForms(value)).not.toContain(secretText);
	}
	expect(made.length).toBeGreaterThan(25);
});
