/** The module of a worker with one Deribit session at a venue that is simulated in its memory. */
import { deribit } from "@x/keepalive/deribit";
import { serveKeeper } from "@x/keepalive/worker";
import { DeribitVenue, Link, memoryWebSocket } from "@x/venue-sims";

const { clientId, clientSecret } = DeribitVenue.defaults;
const WebSocket = memoryWebSocket(new Link(new DeribitVenue()));

export default serveKeeper([deribit({ client: { credentials: { clientId, clientSecret }, WebSocket } })]);
