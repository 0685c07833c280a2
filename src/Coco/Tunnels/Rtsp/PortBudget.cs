namespace Coco.Tunnels.Rtsp;

/// <summary>How many ports for media there may be at one place. Thread-safe.</summary>
internal sealed class PortBudget(int most)
{
    private int _used;

    public int Used => Volatile.Read(ref _used);

    public bool TryTake(int count)
    {
        if (Interlocked.Add(ref _used, count) <= most) { return true; }
        Give(count);
        return false;
    }

    public void Give(int count) => Interlocked.Add(ref _used, -count);
}
