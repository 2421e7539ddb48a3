import { keepalive } from "@x/keepalive";

await keepalive([]).ready();
