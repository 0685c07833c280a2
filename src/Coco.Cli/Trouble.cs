namespace Coco.Cli;

/// <summary>What the system's own errors mean to somebody at a terminal.</summary>
internal static class Trouble
{
    private const int NoSpace = 28; // ENOSPC; .NET gives the number of the system as HResult
    private const int QuotaExceeded = 122; // EDQUOT, on Linux

    public static bool IsFullDisk(Exception? exception) =>
        exception is IOException { HResult: NoSpace or QuotaExceeded }
        || exception is Storage.StoreException { Code: Storage.StoreError.Full }
        || exception is { InnerException: { } inner } && IsFullDisk(inner);

    /// <summary>A sentence, or two with what to do.</summary>
    public static string Say(Exception exception) =>
        IsFullDisk(exception) ? "The disk is full. Free some space, then try again." : Sentence(exception.Message);

    public static string Sentence(string text) => text.Length > 0 && text[^1] is not ('.' or '!' or '?') ? text + "." : text;
}
