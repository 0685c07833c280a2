using System.Buffers.Text;
using Coco.Cluster;
using Coco.Cluster.Certificates;
using Coco.Cluster.Membership;
using Coco.Cluster.News;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Networks;
using Coco.ControlPlane.Relaying;
using Coco.ControlPlane.Storage;
using Coco.Crypto;

namespace Coco.ControlPlane.Networks;

/// <summary>
/// Takes what nodes of owners and admins tell of networks that were brought here (<see cref="PlaneNews"/>), so that nobody has to bring what is new by hand. All
/// of it is signed and held to the same rules as where a caller of the API sends it; who tells has to have a role only so that strangers cost little. Whoever is a member may show itself, with a
/// question about nothing: that its key holds the connection is what no other has.
/// </summary>
internal sealed class NewsDesk(Database database, NetworkLogs logs, NetworkChanges changes, NetworkNodes nodes, TimeProvider time, ILogger<NewsDesk> logger)
{
    private static readonly Caller Member = new(CallerKind.Anonymous);

    private ulong Now => (ulong)Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>What of a question is not here.</summary>
    /// <param name="question">The question.</param>
    /// <param name="sender">Who asks, as the connection has proved.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<(PlaneOutcome Outcome, bool[] Lacks)> AskAsync(PlaneQuestion question, NodeId sender, CancellationToken cancellationToken)
    {
        var (outcome, lacks, isToProve) = await LookAsync(question, sender, cancellationToken);
        // Once for each node: whoever else brought it cannot have shown as much.
        if (isToProve) { await database.WriteInLaneAsync(question.Own.Network.ToString(), session => nodes.ComeAsync(session, question.Own.Network, sender), cancellationToken); }
        return (outcome, lacks);
    }

    /// <summary>Takes what was not here, each by itself: what is refused is the sender's loss, and does not come again.</summary>
    /// <param name="question">The question, which was answered.</param>
    /// <param name="lacks">With which answer.</param>
    /// <param name="news">What came, in that order.</param>
    /// <param name="cancellationToken">Takes back what has not begun.</param>
    public async Task<PlaneOutcome> TakeAsync(PlaneQuestion question, bool[] lacks, IReadOnlyList<byte[]> news, CancellationToken cancellationToken)
    {
        var (network, hasRoom) = (question.Own.Network, true);
        var statements = lacks.Take(question.Statements.Count).Count(static lack => lack);
        foreach (var bytes in news.Take(statements))
        {
            if (Statement.Read(bytes, network, out _) is not { } statement || !question.Statements.Contains(statement.Id)) { continue; }
            hasRoom &= await TryAsync(session => changes.ApplyAsync(session, network, [statement], mayFork: false), network, cancellationToken);
        }
        var taken = await Task.WhenAll(news.Skip(statements).Select(bytes => TryAsync(session => AddAsync(session, question.Own, bytes), network, cancellationToken)));
        hasRoom &= Array.TrueForAll(taken, static one => one);
        await database.WriteAsync(
            session => session.ExecuteAsync(
                $"INSERT INTO audit_events (id, at, caller, operation, subject) VALUES ({Identifiers.New("evt")}, {time.GetUtcNow()}, {"node:" + question.Own.Node}, {"memberNews"}, {"network=" + network})"),
            cancellationToken);
        NetworksLog.NewsTaken(logger, network.ToString(), statements, news.Count - statements);
        return hasRoom ? PlaneOutcome.Taken : PlaneOutcome.Later;
    }

    private Task<(PlaneOutcome Outcome, bool[] Lacks, bool IsToProve)> LookAsync(PlaneQuestion question, NodeId sender, CancellationToken cancellationToken) => database.ReadAsync(
        async session =>
        {
            var (network, id, lacks) = (question.Own.Network, question.Own.Network.ToString(), new bool[question.Count]);
            if (!await session.AnyAsync($"SELECT 1 FROM networks WHERE id = {id}")) { return (PlaneOutcome.NotHere, lacks, false); }
            if (await FindAsync(session, network) is not { } state) { return (PlaneOutcome.NotHere, lacks, false); }
            if (question.Own.Node != sender || state.Check(question.Own, Now) is not CertificateVerdict.Valid) { return (PlaneOutcome.NotHere, lacks, false); }
            var isKnown = await NetworkNodes.FindAsync(session, network, sender) is not null;
            var isToProve = isKnown && (await RelayNodes.FindAsync(session, sender))?.IsShownBy(id) is not true;
            if (isKnown && question.Count == 0) { return (PlaneOutcome.Taken, lacks, isToProve); } // it shows itself, as every member may
            if (state.RoleOf(state.SuccessorOf(question.Own.User)) is not (Role.Owner or Role.Admin)) { return (PlaneOutcome.NotHere, lacks, isToProve); }
            var statements = await KnownAsync(session, $"SELECT id FROM network_statements WHERE network = {id} AND id IN ", question.Statements.Select(NetworkText.Of), static row => (row.Text("id"), true));
            var certificates = await KnownAsync(
                session, $"SELECT node, certificate FROM network_nodes WHERE network = {id} AND node IN ", question.Nodes.Select(static node => node.Node.ToString()),
                static row => (row.Text("node"), StatementId.Of(row.Bytes("certificate"))));
            for (var i = 0; i < question.Statements.Count; i++) { lacks[i] = !statements.ContainsKey(NetworkText.Of(question.Statements[i])); }
            foreach (var (i, node) in question.Nodes.Index()) { lacks[question.Statements.Count + i] = !certificates.TryGetValue(node.Node.ToString(), out var known) || known != node.Certificate; }
            return (PlaneOutcome.Taken, lacks, isToProve);
        },
        cancellationToken);

    // Null where it went since it was seen: a reader has no transaction.
    private async Task<NetworkState?> FindAsync(Session session, NetworkId network)
    {
        try
        {
            return await logs.StateAsync(session, network);
        }
        catch (ApiException exception) when (exception.Code is ProblemCode.NotFound)
        {
            return null;
        }
    }

    // Whether there was room for it, taken or not.
    private async Task<bool> TryAsync<T>(Func<Session, Task<T>> work, NetworkId network, CancellationToken cancellationToken)
    {
        try
        {
            await database.WriteInLaneAsync(network.ToString(), work, cancellationToken);
            return true;
        }
        catch (ApiException exception)
        {
            return exception.Code is not ProblemCode.PlanExceeded;
        }
        catch (TextException)
        {
            return true; // a name that no database keeps
        }
    }

    private async Task<bool> AddAsync(Session session, NodeCertificate sender, byte[] bytes)
    {
        if (NodeCertificate.Read(bytes) is not { } certificate) { return false; }
        var known = await NetworkNodes.FindAsync(session, sender.Network, certificate.Node); // one of a developer's own users stays that user's
        await nodes.CreateAsync(session, Member, sender.Network, new CreateNodeRequest(Base64Url.EncodeToString(bytes), known?.ExternalUser), isItself: certificate.Node == sender.Node);
        return true;
    }

    private static async Task<Dictionary<string, T>> KnownAsync<T>(Session session, SqlText select, IEnumerable<string> names, Func<Row, (string Name, T Value)> read)
    {
        var isFirst = true;
        foreach (var name in names)
        {
            select.AppendLiteral(isFirst ? "(" : ", ");
            select.AppendFormatted(name);
            isFirst = false;
        }
        if (isFirst) { return []; }
        select.AppendLiteral(")");
        return (await session.QueryAsync(select, read)).ToDictionary(static row => row.Name, static row => row.Value, StringComparer.Ordinal);
    }
}
