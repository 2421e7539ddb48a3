import ts from "typescript";

/**
 * The source with spaces in place of its comments, so that every line and column stays the same. Comments with `@__PURE__`,
 * which bundlers read, are kept.
 */
export function withoutComments(source: string): string {
	const file = ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest);
	let blanked = source;
	const blank = ({ pos, end }: ts.TextRange): void => {
		const comment = source.slice(pos, end);
		if (comment.includes("@__PURE__")) return;
		blanked = blanked.slice(0, pos) + comment.replaceAll(/[^\n]/g, " ") + blanked.slice(end);
	};
	const visit = (node: ts.Node): void => {
		const children = node.getChildren(file).filter(({ kind }) => kind !== ts.SyntaxKind.JSDoc);
		for (const child of children) visit(child);
		// Only tokens, which have no children, can have comments before and after them.
		if (children.length > 0) return;
		const { pos, end } = node;
		for (const comment of ts.getLeadingCommentRanges(source, pos) ?? []) blank(comment);
		for (const comment of ts.getTrailingCommentRanges(source, end) ?? []) blank(comment);
	};
	visit(file);
	return blanked;
}
