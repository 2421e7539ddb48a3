import { keepalive } from "@x/keepalive";
import { deribit } from "@x/keepalive/deribit";

const keeper = keepalive([deribit({ client: { credentials: { clientId: "id", clientSecret: "secret" } } })]);
await keeper.ready();
