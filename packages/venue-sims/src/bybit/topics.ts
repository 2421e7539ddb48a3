import { bybitProducts, topicOfProduct } from "./options.ts";

/** Topics that also exist for a single category, such as `order.spot`, with their categories. */
const categorisedTopics: Readonly<Record<string, readonly string[]>> = {
	order: ["spot", "linear", "inverse", "option"],
	execution: ["spot", "linear", "inverse", "option"],
	"execution.fast": ["spot", "linear", "inverse"],
	position: ["linear", "inverse", "option"],
};

/** Every topic of the private WebSocket. */
const topics: ReadonlySet<string> = new Set([
	...bybitProducts.map((product) => topicOfProduct[product]),
	"dcp",
	"wallet",
	"greeks",
	...Object.entries(categorisedTopics).flatMap(([topic, categories]) => [
		topic,
		...categories.map((category) => `${topic}.${category}`),
	]),
]);

export function isTopic(topic: string): boolean {
	return topics.has(topic);
}

/**
 * The topics that push a change in a category: the topic for all categories, then the topic for this category alone.
 */
export function topicsOf(topic: string, category: string): string[] {
	const categories = categorisedTopics[topic];
	if (!categories) return [topic];
	return categories.includes(category) ? [topic, `${topic}.${category}`] : [];
}
