namespace Coco.Messages;

/// <summary>Tells progress now and then.</summary>
internal sealed class ProgressReporter(IProgress<FileProgress>? progress, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private long _last;

    public void Report(FileProgress state)
    {
        if (progress is null || (_last != 0 && time.GetElapsedTime(_last) < Interval)) { return; }
        _last = time.GetTimestamp();
        progress.Report(state);
    }

    public void ReportEnd(FileProgress state) => progress?.Report(state);
}
