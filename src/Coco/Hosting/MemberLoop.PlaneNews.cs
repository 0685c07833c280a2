using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.News;
using Coco.Cluster.Statements;
using Coco.Crypto;
using Coco.Transport;
using Coco.Traversal.Relays;

namespace Coco.Hosting;

/// <content>
/// What is new in the network, told to the control planes that it lists: members that joined, and statements. Nodes of the owner and of admins tell it, on their own,
/// when they have a home at a relay, so that nothing is tried without a way out; a control plane where nobody has brought the network is asked again an hour later
/// at most. Every other node shows itself there once: that its own key agrees to be of the network is what nobody else can tell, and what keeps others from
/// having it in their books instead.
/// </content>
internal sealed partial class MemberLoop
{
    // Chosen: what comes together is told together, and newcomers are served within some seconds. Who is refused is not told again and again.
    private static readonly TimeSpan NewsSettle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstNewsRetry = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LastNewsRetry = TimeSpan.FromHours(1);
    private static readonly TimeSpan NewsPatience = TimeSpan.FromSeconds(30);

    private readonly Dictionary<NodeId, HashSet<StatementId>> _told = []; // the loop's: what each control plane is known to have
    private readonly HashSet<NodeId> _shown = []; // the loop's: control planes that have seen this node itself
    private bool _isTelling;
    private bool _hasNews;
    private CancellationTokenSource? _newsWait;

    /// <summary>Somebody has brought the network somewhere: whoever was asked and did not have it may have it now.</summary>
    public void HandleBrought()
    {
        _newsWait?.Cancel();
        TellPlanes();
    }

    private bool HasNewsToTell => !_isRemoved && (TellsAll(_member) ? _planes.Count > 0 : _planes.Any(plane => !_shown.Contains(plane.Id))) && _endpoint.RecordOf(Self) is { Relays.Count: > 0 };

    private static bool TellsAll(NetworkMember member) => member.State.RoleOf(member.Keys.UserId) is Role.Owner or Role.Admin;

    // There may be something new, or a way out.
    private void TellPlanes()
    {
        _hasNews = true;
        if (_isTelling || !HasNewsToTell) { return; }
        _isTelling = Tasks.TryRun(TellPlanesAsync);
    }

    private async Task TellPlanesAsync()
    {
        try
        {
            for (var wait = FirstNewsRetry; ; wait = wait * 2 < LastNewsRetry ? wait * 2 : LastNewsRetry)
            {
                await Task.Delay(NewsSettle, _options.TimeProvider, _ended.Token).ConfigureAwait(false);
                var planes = await AskAsync((_, _) => TakeNewsToTell(), _ended.Token).ConfigureAwait(false);
                var isDone = true;
                foreach (var plane in planes) { isDone &= await TellAsync(plane).ConfigureAwait(false); }
                if (isDone && await AskAsync((_, _) => !(_isTelling = _hasNews && HasNewsToTell), _ended.Token).ConfigureAwait(false)) { return; }
                if (isDone) { wait = FirstNewsRetry / 2; }
                else { await WaitForNewsAsync(wait).ConfigureAwait(false); }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
        {
            // The node has ended.
        }
    }

    private RelayInfo[] TakeNewsToTell()
    {
        _hasNews = false;
        foreach (var gone in _told.Keys.Where(told => _planes.All(plane => plane.Id != told)).ToArray()) { _told.Remove(gone); }
        _shown.RemoveWhere(shown => _planes.All(plane => plane.Id != shown));
        return HasNewsToTell ? [.. _planes] : [];
    }

    private async Task WaitForNewsAsync(TimeSpan wait)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        await PostAsync(() => _newsWait = waiting).ConfigureAwait(false);
        try
        {
            await Task.Delay(wait, _options.TimeProvider, waiting.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!_ended.IsCancellationRequested)
        {
            // Another try is worth it.
        }
        await AskAsync((_, _) => _newsWait = null, _ended.Token).ConfigureAwait(false);
    }

    // Whether it has all that there is to tell.
    private async Task<bool> TellAsync(RelayInfo plane)
    {
        try
        {
            while (await AskAsync((member, _) => NextOf(plane.Id, member), _ended.Token).ConfigureAwait(false) is { } next)
            {
                if (!await TryTellAsync(plane, next).ConfigureAwait(false)) { return false; }
                await PostAsync(() => HandleTold(plane.Id, next)).ConfigureAwait(false);
            }
            return true;
        }
        catch (Exception exception) when (exception is TransportException or TimeoutException or IOException || (exception is OperationCanceledException && !_ended.IsCancellationRequested))
        {
            _logger.DialFailed(plane.Id, exception.Message);
            return false;
        }
    }

    private void HandleTold(NodeId plane, NewsBatch news)
    {
        _shown.Add(plane);
        Told(plane).UnionWith(news.Ids);
    }

    private HashSet<StatementId> Told(NodeId plane) => _told.TryGetValue(plane, out var told) ? told : _told[plane] = [];

    // As much as one question has and one answer takes: statements first, so that removals hold before anybody is added. Null where there is nothing.
    private NewsBatch? NextOf(NodeId plane, NetworkMember member)
    {
        if (member.Certificates.FirstOrDefault(certificate => certificate.Node == Self) is not { } own) { return null; }
        var (told, statements, nodes, room) = (Told(plane), new List<Statement>(), new List<NodeCertificate>(), PlaneNews.MaxNews);
        if (!TellsAll(member)) { return _shown.Contains(plane) ? null : new(own, [], []); }
        foreach (var statement in member.EffectiveStatements)
        {
            if (told.Contains(statement.Id)) { continue; }
            if (statements.Count == PlaneNews.MaxEntries || (room -= statement.Encoded.Length + 4) < 0) { return new(own, statements, []); }
            statements.Add(statement);
        }
        foreach (var certificate in member.Certificates)
        {
            if (told.Contains(certificate.Id)) { continue; }
            if (statements.Count + nodes.Count == PlaneNews.MaxEntries || (room -= certificate.Encoded.Length + 4) < 0) { break; }
            nodes.Add(certificate);
        }
        return statements.Count + nodes.Count > 0 || !_shown.Contains(plane) ? new(own, statements, nodes) : null;
    }

    private async Task<bool> TryTellAsync(RelayInfo plane, NewsBatch news)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_ended.Token);
        patience.CancelAfter(NewsPatience);
        var connection = await _endpoint.ConnectAsync(plane.Id, HintsOf(plane, NewsPatience), patience.Token).ConfigureAwait(false);
        await using var held = connection.ConfigureAwait(false);
        var stream = await connection.OpenStreamAsync(cancellationToken: patience.Token).ConfigureAwait(false);
        await using var open = stream.ConfigureAwait(false);
        await stream.WriteAsync(PlaneNews.Question(news.Own, news.Statements, news.Nodes), patience.Token).ConfigureAwait(false);
        var answer = new byte[PlaneNews.AnswerSize(news.Count)];
        await stream.ReadExactlyAsync(answer, patience.Token).ConfigureAwait(false);
        if ((PlaneOutcome)answer[0] is not PlaneOutcome.Taken) { return false; }
        ReadOnlyMemory<byte>[] lacks = [.. news.Signed.Where((_, entry) => PlaneNews.Lacks(answer, entry))];
        if (lacks.Length == 0) { return true; }
        await stream.WriteAsync(PlaneNews.News(lacks), patience.Token).ConfigureAwait(false);
        await stream.CompleteWritesAsync(patience.Token).ConfigureAwait(false);
        var outcome = new byte[1];
        await stream.ReadExactlyAsync(outcome, patience.Token).ConfigureAwait(false);
        return (PlaneOutcome)outcome[0] is PlaneOutcome.Taken;
    }

    private sealed record NewsBatch(NodeCertificate Own, IReadOnlyList<Statement> Statements, IReadOnlyList<NodeCertificate> Nodes)
    {
        public int Count => Statements.Count + Nodes.Count;

        public IEnumerable<StatementId> Ids => Statements.Select(static statement => statement.Id).Concat(Nodes.Select(static node => node.Id));

        public IEnumerable<ReadOnlyMemory<byte>> Signed => Statements.Select(static statement => statement.Encoded).Concat(Nodes.Select(static node => node.Encoded));
    }
}
