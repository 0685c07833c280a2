using Coco.Cluster;
using Coco.Cluster.Members;
using Coco.Cluster.Membership;
using Coco.Cluster.Statements;
using Coco.ControlPlane.Api;
using Coco.ControlPlane.Settings;
using Coco.ControlPlane.Storage;

namespace Coco.ControlPlane.Networks;

/// <summary>
/// The statements of networks, evaluated, as far as they fit into memory. What is here is a copy of a table: each use first reads whether the
/// last statement that it has is the table's in that place, takes what came after, and starts anew where it is not. So nothing has to be told when a
/// transaction is rolled back, and instances need not tell each other.
/// </summary>
internal sealed class NetworkLogs(ControlPlaneSettings settings)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<NetworkId, LinkedListNode<NetworkLog>> _logs = [];
    private readonly LinkedList<NetworkLog> _byUse = [];

    /// <summary>How often a log was read from the beginning, for tests.</summary>
    public long Loads { get; private set; }

    /// <summary>What the network's statements amount to, as the session sees them.</summary>
    /// <exception cref="ApiException">There is no such network.</exception>
    public async Task<NetworkState> StateAsync(Session session, NetworkId network)
    {
        var entry = Find(network);
        await entry.Gate.WaitAsync(session.CancellationToken);
        try
        {
            return (await LoadAsync(session, entry)).State;
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    /// <summary>Takes statements after those of the table. They count here only once the caller has written them there.</summary>
    /// <param name="session">A session that writes.</param>
    /// <param name="network">The network, which may be a new one.</param>
    /// <param name="statements">The statements, in order.</param>
    /// <param name="mayFork">Whether one may take the place of another of its issuer's, as where a key was stolen.</param>
    /// <exception cref="ApiException">One of them is not taken, or has no effect.</exception>
    public async Task<StatementChange> AddAsync(Session session, NetworkId network, IReadOnlyList<Statement> statements, bool mayFork)
    {
        var entry = Find(network);
        await entry.Gate.WaitAsync(session.CancellationToken);
        try
        {
            var log = await LoadAsync(session, entry, isNew: true);
            var before = log.State;
            var (first, added) = (entry.Number + 1, new List<Statement>());
            try
            {
                // A network whose past was forgotten begins with what stands for it.
                var begun = entry.Number == 0 ? WelcomeStatements.Install(log, [.. statements.Select(static statement => statement.Encoded)]) : 0;
                added.AddRange(statements.Take(begun));
                foreach (var statement in statements.Skip(begun))
                {
                    if (!mayFork) { RequireNext(log, statement); }
                    if (Add(log, statement)) { added.Add(statement); }
                }
                foreach (var statement in added) { RequireEffect(log, statement); }
            }
            catch (ApiException)
            {
                entry.Forget();
                throw;
            }
            entry.Reach(entry.Number + added.Count, added.Count == 0 ? entry.Last : added[^1].Id);
            return new(before, log.State, added, first);
        }
        finally
        {
            entry.Gate.Release();
        }
    }

    private static bool Add(MembershipLog log, Statement statement)
    {
        var result = log.Add(statement);
        return result.Outcome switch
        {
            StatementOutcome.Added => true,
            StatementOutcome.Known => false,
            StatementOutcome.Waiting => throw Refused(statement, "MissingDependency"),
            StatementOutcome.Refused when result.Refusal is Refusal.BeforeSnapshot => false, // the snapshot that is here stands for it
            _ => throw Refused(statement, result.Refusal.ToString()),
        };
    }

    // Two processes that sign with one key at once: the later one has to sign anew, or the earlier one's statement might lose its effect.
    private static void RequireNext(MembershipLog log, Statement statement)
    {
        var tip = log.TipOf(statement.Issuer);
        if (log.Find(statement.Id) is null && (statement.Sequence < tip.Count || (statement.Sequence == tip.Count && statement.Previous != tip.Last))) { throw Refused(statement, nameof(VoidReason.OtherBranch)); }
    }

    // What a later version means is carried for those who understand it; of a snapshot the parts themselves are all there is.
    private static void RequireEffect(MembershipLog log, Statement statement)
    {
        var reason = log.ReasonOf(statement.Id) ?? VoidReason.None;
        if (reason is VoidReason.None or VoidReason.Unknown || (reason is VoidReason.InSnapshot && statement.Body is StatementBody.SnapshotPart)) { return; }
        throw Refused(statement, reason.ToString());
    }

    private static ApiException Refused(Statement statement, string reason) => new(ProblemCode.StatementRefused, $"{reason}: the statement {statement.Id} ({statement.Body.Type}) is not taken.");

    private NetworkLog Find(NetworkId network)
    {
        lock (_lock)
        {
            if (_logs.TryGetValue(network, out var known)) { _byUse.Remove(known); }
            else { _logs.Add(network, known = new(new NetworkLog(network))); }
            _byUse.AddLast(known);
            var bytes = _byUse.Sum(static log => log.Bytes);
            while (_byUse.Count > 1 && (_byUse.Count > settings.Networks.CachedNetworks || bytes > settings.Networks.CachedBytes))
            {
                var oldest = _byUse.First!.Value;
                bytes -= oldest.Bytes;
                _byUse.RemoveFirst();
                _logs.Remove(oldest.Network); // who uses it now goes on with it
            }
            return known.Value;
        }
    }

    private async Task<MembershipLog> LoadAsync(Session session, NetworkLog entry, bool isNew = false)
    {
        var rows = await ReadAsync(session, entry.Network, entry.Number);
        if (entry.Log is null || rows.Count == 0 || rows[0].Id != entry.LastText)
        {
            entry.Forget();
            rows = await ReadAsync(session, entry.Network, 0);
            if (rows.Count == 0 && !isNew) { throw ApiException.NotFound("network"); }
            entry.Begin(new(entry.Network, new() { MaxBytes = settings.Networks.MaxStatementBytes, MaxStatementsOfIssuer = settings.Networks.MaxStatements }));
            Loads++;
        }
        else { rows.RemoveAt(0); }
        if (entry.Number == 0) { WelcomeStatements.Install(entry.Log!, [.. rows.Select(static row => (ReadOnlyMemory<byte>)row.Bytes)]); }
        foreach (var (number, _, bytes) in rows)
        {
            // They were verified when they came; whoever changed the table since makes a control plane that leaves things out.
            var read = Statement.Read(bytes, entry.Network, out _) ?? throw new InvalidOperationException($"Statement {number} of network {entry.Network} in the database is none.");
            entry.Log!.Add(read);
            entry.Reach(number, read.Id);
        }
        _ = entry.Log!.State;
        while (entry.Log.TryTakeEvent(out _)) { }
        return entry.Log;
    }

    private static Task<List<(long Number, string Id, byte[] Bytes)>> ReadAsync(Session session, NetworkId network, long from) => session.QueryAsync(
        $"SELECT number, id, statement FROM network_statements WHERE network = {network.ToString()} AND number >= {from} ORDER BY number",
        row => (row.Long("number"), row.Text("id"), row.Bytes("statement")));
}
