// Checks that live session tokens are computed correctly on this runtime: each token, computed with fresh keys, has to equal the one that
// the simulator computes. RSA PKCS#1 decryption differs between releases of Node, and some releases have disabled it.
import { createIbkrConsumer } from "@x/ibkr-session/oauth1";
import { createIbkrSimKeys, IbkrVenue, Link, memoryFetch } from "@x/venue-sims";

const count = 20;
const { consumer, oauth1 } = await createIbkrSimKeys();
const link = new Link(new IbkrVenue({ mode: "oauth1", pacing: false, consumer }));

let equal = 0;
for (let made = 0; made < count; made += 1) {
	// The cast is safe: the simulated venue documents this type as the result of its fault `issue`.
	const issued = link.faults["issue"]?.({}) as { token: string; secret: string };
	const { consumerKey, signatureKey, encryptionKey, dhPrime: dhParameters, ...token } = oauth1(issued);
	const keys = { consumerKey, signatureKey, encryptionKey, dhParameters };
	const session = await createIbkrConsumer({ ...keys, fetch: memoryFetch(link) })
		.user(token)
		.liveSession();
	if (session.token.reveal() === link.faults["liveSessionToken"]?.({})) equal += 1;
}
link.close();
console.log(`${equal} of ${count} live session tokens equal`);
