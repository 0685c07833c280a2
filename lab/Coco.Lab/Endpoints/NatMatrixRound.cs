using Coco.Lab.Nat;
using Coco.Traversal.Relays;

namespace Coco.Lab.Endpoints;

/// <summary>
/// Endpoints on all hosts of a <see cref="NatMatrixLab"/>, made for one round: no NAT knows their ports yet. Each caller meets each callee
/// once, so no cell profits from another's holes.
/// </summary>
internal sealed class NatMatrixRound : IAsyncDisposable
{
    // Chosen: two cores are not the bottleneck then, and the slow cells wait side by side.
    private const int CellsAtOnce = 6;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);

    private readonly List<LabNode> _relays = [];
    private readonly Dictionary<NatKind, LabNode> _callers = [];
    private readonly Dictionary<NatKind, (LabNode Node, EchoService Service)> _callees = [];
    private IReadOnlyList<RelayInfo> _hints = [];

    private NatMatrixRound()
    {
    }

    public static async Task<NatMatrixRound> StartAsync(NatMatrixLab lab)
    {
        var round = new NatMatrixRound();
        try
        {
            foreach (var host in lab.Relays) { round._relays.Add(await LabNode.StartRelayAsync(host)); }
            round._hints = [.. round._relays.Select(relay => relay.ToRelay())];
            foreach (var kind in NatMatrix.Kinds)
            {
                round._callers[kind] = await LabNode.StartAsync(lab.Callers[kind], round._hints);
                var callee = await LabNode.StartAsync(lab.Callees[kind], round._hints);
                round._callees[kind] = (callee, new(callee.Endpoint));
            }
            await Task.WhenAll(round.Nodes.Select(node => node.ReadyAsync(lab.Relays.Count, StartPatience)));
            return round;
        }
        catch
        {
            await round.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tries cells, several at a time, the slow ones first.</summary>
    public async Task<IReadOnlyList<NatCellResult>> RunAsync(IEnumerable<(NatKind Caller, NatKind Callee)> cells, Action<NatCellResult>? progress = null)
    {
        using var turn = new SemaphoreSlim(CellsAtOnce);
        return await Task.WhenAll(cells.OrderByDescending(cell => NatMatrix.Expected(cell.Caller, cell.Callee)).Select(async cell =>
        {
            await turn.WaitAsync();
            try
            {
                var (callee, service) = _callees[cell.Callee];
                var result = await NatCell.RunAsync(cell, _callers[cell.Caller], callee, service, _hints);
                progress?.Invoke(result);
                return result;
            }
            finally
            {
                turn.Release();
            }
        }));
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_callers.Values.Select(node => node.DisposeAsync().AsTask()));
        foreach (var (node, service) in _callees.Values)
        {
            await node.DisposeAsync();
            await service.DisposeAsync();
        }
        foreach (var relay in _relays) { await relay.DisposeAsync(); }
    }

    private IEnumerable<LabNode> Nodes => [.. _callers.Values, .. _callees.Values.Select(callee => callee.Node)];
}
