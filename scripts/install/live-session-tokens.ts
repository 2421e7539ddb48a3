// Computes live session tokens with fresh keys on this runtime. Each has to equal the simulator's own.
// RSA PKCS#1 decryption differs between releases of Node, and some disabled it.
import { generateKeyPairSync, getDiffieHellman } from "node:crypto";
import { createIbkrConsumer } from "@x/ibkr-session/oauth1";
import { IbkrVenue, Link, memoryFetch } from "@x/venue-sims";

const count = 20;
const consumerKey = "ABCDEFGHI";
const pair = () =>
	generateKeyPairSync("rsa", {
		modulusLength: 2_048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
const [signature, encryption] = [pair(), pair()];
const dhPrime = getDiffieHellman("modp14").getPrime("hex");
const consumer = { key: consumerKey, signatureKey: signature.publicKey, encryptionKey: encryption.publicKey, dhPrime };
const link = new Link(new IbkrVenue({ mode: "oauth1", pacing: false, consumer }));

let equal = 0;
for (let made = 0; made < count; made += 1) {
	const issued = link.faults["issue"]?.({});
	// What the fault answers, by its own description.
	const { token, secret } = issued as { token: string; secret: string };
	const user = createIbkrConsumer({
		consumerKey,
		signatureKey: signature.privateKey,
		encryptionKey: encryption.privateKey,
		dhParameters: dhPrime,
		fetch: memoryFetch(link),
	}).user({ accessToken: token, accessTokenSecret: secret });
	const session = await user.liveSession();
	if (session.token.reveal() === link.faults["liveSessionToken"]?.({})) equal += 1;
}
link.close();
console.log(`${equal} of ${count} live session tokens equal`);
