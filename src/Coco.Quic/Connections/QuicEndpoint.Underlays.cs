using System.Runtime.InteropServices;

namespace Coco.Quic.Connections;

/// <summary>Back-pressure from byte streams below paths (<see cref="Paths.PathInfo.Underlay"/>): connections wait, in turn, instead of losing packets.</summary>
public sealed partial class QuicEndpoint
{
    private readonly Dictionary<int, Underlay> _underlays = [];

    /// <summary>A byte stream takes nothing more for now: nothing is handed out for its paths but the end of a connection, until
    /// <see cref="ReleaseUnderlay"/>. Connections on other paths go on.</summary>
    /// <param name="number">As in <see cref="Paths.PathInfo.Underlay"/>.</param>
    /// <param name="now">The time.</param>
    public void HoldUnderlay(int number, TimeSpan now)
    {
        ref var underlay = ref CollectionsMarshal.GetValueRefOrAddDefault(_underlays, number, out _);
        underlay ??= new();
        if (underlay.IsFull) { return; }
        (underlay.IsFull, underlay.LastChange) = (true, now.Ticks);
    }

    /// <summary>The stream takes packets again: those who waited go on in the order in which they came.</summary>
    public void ReleaseUnderlay(int number, TimeSpan now)
    {
        if (!_underlays.TryGetValue(number, out var underlay) || !underlay.IsFull) { return; }
        (underlay.IsFull, underlay.LastChange) = (false, now.Ticks);
        foreach (var connection in underlay.Waiting) { Schedule(connection); }
        underlay.Waiting.Clear();
    }

    /// <summary>The stream is gone. Who waited is free to find out, or to go elsewhere.</summary>
    public void ForgetUnderlay(int number, TimeSpan now)
    {
        ReleaseUnderlay(number, now);
        _underlays.Remove(number);
    }

    internal bool IsFull(int underlay) => underlay != 0 && _underlays.TryGetValue(underlay, out var found) && found.IsFull;

    /// <summary>Whether a connection has to wait for the stream; it is scheduled again when it need not.</summary>
    internal bool HasToWait(int underlay, QuicConnection connection)
    {
        if (underlay == 0 || !_underlays.TryGetValue(underlay, out var found) || !found.IsFull) { return false; }
        found.Waiting.Add(connection);
        return true;
    }

    /// <summary>When the stream last became full or writable; 0 if it never was full.</summary>
    internal long LastChangeOf(int underlay) => underlay != 0 && _underlays.TryGetValue(underlay, out var found) ? found.LastChange : 0;

    internal void StopWaiting(int underlay, QuicConnection connection)
    {
        if (underlay != 0 && _underlays.TryGetValue(underlay, out var found)) { found.Waiting.Remove(connection); }
    }
}
