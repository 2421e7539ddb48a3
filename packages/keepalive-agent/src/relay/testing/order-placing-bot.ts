/** A bot that keeps placing orders and cancels some of them until it is killed. Its argument is the URL of the relay. */
import { BotClient, restingOrder } from "./bot-client.ts";

const bot = await (await BotClient.open(process.argv[2] ?? "")).login();
process.stdout.write("trading\n");
for (let order = 0; ; order += 1) {
	const label = order % 3 === 0 ? "" : `label-${order % 3}`;
	const placing = Array.from({ length: 3 }, () => bot.ask("private/buy", { ...restingOrder, label }));
	await placing[0];
	if (order % 10 === 9) await bot.ask("private/cancel_by_label", { label: "label-1" });
	bot.frames.splice(0, bot.frames.length - 20);
}
