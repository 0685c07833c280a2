using Coco.Cluster.Certificates;
using Coco.Crypto;
using Coco.Transport;

namespace Coco.Hosting;

/// <content>
/// How links do: their round trips, which the mesh tells others, and whether their peers still answer. Both are known from packets that are
/// sent anyway; asked for a sign of life is only who was told something and has not answered, or whom another neighbour has lost.
/// </content>
internal sealed partial class MemberLoop
{
    // Chosen: keep-alives come about as often, so that each look has something to see; and soon after something was said, when a peer that is
    // gone does not acknowledge it.
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SoonInterval = TimeSpan.FromSeconds(5);

    // Chosen: several probe timeouts of the longest round trips; whoever is given up wrongly is called again.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(3);

    // Chosen: a node with many neighbours is noticed to be gone by any of them, so that each may ask more seldom: one ping in 27 s, for all together.
    private static readonly TimeSpan PingEach = TimeSpan.FromSeconds(27);
    private static readonly TimeSpan LeastSilence = TimeSpan.FromSeconds(80);
    private static readonly TimeSpan MostSilence = TimeSpan.FromMinutes(5);

    // On one LAN round trips tell how busy the machines are, and a site that starts would tell its whole mesh twice, busy and at rest.
    private static readonly TimeSpan LanRoundTrip = TimeSpan.FromMilliseconds(1);

    private TimeSpan _lookAt = TimeSpan.MaxValue;

    private void LookSoon()
    {
        var soon = Now + SoonInterval;
        if (soon < _lookAt) { _lookAt = soon; }
    }

    private void LookAtLinks(TimeSpan now)
    {
        _lookAt = _current.Count > 0 ? now + LookInterval : TimeSpan.MaxValue;
        var silence = PingEach * _current.Count;
        foreach (var link in _current.Values)
        {
            if (link.IsClosing) { continue; }
            // What an app uses is to notice by itself when its peer is gone.
            link.Connection.MaxKeepAlive = link.HasSessions || silence <= LeastSilence || _options.Class is NodeClass.Backbone
                ? null
                : silence < MostSilence ? silence : MostSilence;
            Tasks.TryRun(() => LookAsync(link));
        }
    }

    private async Task LookAsync(PeerLink link)
    {
        if (await FiguresOfAsync(link).ConfigureAwait(false) is { } figures) { await PostAsync(() => HandleFigures(link, figures)).ConfigureAwait(false); }
    }

    private void HandleFigures(PeerLink link, TransportStatistics figures)
    {
        if (!IsCurrent(link)) { return; }
        var (sent, received) = link.Packets;
        link.Packets = (figures.PacketsSent, figures.PacketsReceived);
        if (figures.PacketsReceived == received && figures.PacketsSent > sent) { Probe(link.Peer); }
        else { _member.HandleRtt(link.Peer, RoundTripOf(link.Connection.ActivePath, figures), Now); }
    }

    private static TimeSpan RoundTripOf(PathSnapshot? path) => path is { IsOnLan: true } ? LanRoundTrip : path?.RoundTripTime ?? TimeSpan.Zero;

    // The least that was seen on this way, unless it has become much longer meanwhile: the smoothed one begins with what the first packets met,
    // and comes down slowly.
    private static TimeSpan RoundTripOf(PathSnapshot? path, TransportStatistics figures) =>
        path is { IsOnLan: true } ? LanRoundTrip
        : figures.RoundTripTime > figures.MinimumRoundTripTime * 4 ? figures.RoundTripTime : figures.MinimumRoundTripTime;

    // The mesh wants to know whether a peer is there still; a connection that apps use looks for ways of its own and decides that itself.
    private void Probe(NodeId peer)
    {
        if (!_current.TryGetValue(peer, out var link) || link.IsClosing || link.IsProbed || link.HasSessionsOfApps) { return; }
        link.IsProbed = Tasks.TryRun(() => ProbeAsync(link));
    }

    private async Task ProbeAsync(PeerLink link)
    {
        var before = await FiguresOfAsync(link).ConfigureAwait(false);
        link.Connection.CheckAlive();
        await Task.Delay(AnswerTime, _options.TimeProvider, _leaving.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var after = await FiguresOfAsync(link).ConfigureAwait(false);
        await PostAsync(() => HandleProbed(link, isAlive: after is null || after.PacketsReceived > before?.PacketsReceived)).ConfigureAwait(false);
    }

    private void HandleProbed(PeerLink link, bool isAlive)
    {
        link.IsProbed = false;
        if (isAlive || _isLeaving || link.HasSessionsOfApps || !IsCurrent(link)) { return; }
        _logger.LinkSilent(link.Peer);
        link.Close(WireError.Unused, "no answer", TimeSpan.Zero);
    }

    private bool IsCurrent(PeerLink link) => _current.TryGetValue(link.Peer, out var current) && current == link && !link.IsClosing;

    // Null once nobody can tell.
    private static async Task<TransportStatistics?> FiguresOfAsync(PeerLink link)
    {
        try
        {
            return await link.Connection.CountAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or TransportException or OperationCanceledException)
        {
            return null;
        }
    }
}
