namespace Coco.Topics.Core;

/// <summary>One filter of a node's, with how much of what was said before it wants.</summary>
internal readonly record struct Interest(string Filter, ulong HistoryCount, ulong HistorySeconds)
{
    /// <summary>Whether it wants nothing of what was said before.</summary>
    public bool IsPlain => HistoryCount == 0 && HistorySeconds == 0;
}
