namespace Coco.Topics.Core;

/// <summary>One filter of a node's, with how much of what was said before it wants.</summary>
internal readonly record struct Interest(string Filter, ulong HistoryCount, ulong HistorySeconds);
