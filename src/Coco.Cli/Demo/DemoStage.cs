using Coco.Cli.Api;
using Coco.Cli.Client;

namespace Coco.Cli.Demo;

/// <summary>What the steps of the demo have in common: who takes part, where, and how it is told.</summary>
internal sealed record DemoStage(DemoGround Ground, DemoFolder Folder, DemoTale Tale) : IDisposable
{
    public const string Network = "demo";

    // Chosen: far above what anything takes on a busy machine, and short enough that a failed demo still ends.
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    public DemoMember Hub { get; } = new("hub", Folder, Ground);

    public DemoMember Alice { get; } = new("alice", Folder, Ground);

    public DemoMember Bob { get; } = new("bob", Folder, Ground);

    public IReadOnlyList<DemoMember> Members => [Hub, Alice, Bob];

    /// <summary>Whether hub's relay is that of a control plane, whose program is on this machine.</summary>
    public bool HasControlPlane { get; init; }

    /// <summary>How nodes are told of the hub's relay; nothing where none is needed.</summary>
    public string[] RelayOptions { get; set; } = [];

    /// <summary>The kinds of way from alice to bob that pings took, one after the other.</summary>
    public List<string> Ways { get; } = [];

    /// <summary>Asks for the way from alice to bob until it is right.</summary>
    public async Task<PingView> PingUntilAsync(Func<PingView, bool> isRight, string otherwise, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (true)
            {
                try
                {
                    await foreach (var ping in Alice.Daemon.LinesAsync<PingWish, PingView>(Route.To("/v1/ping"), new(Bob.Name, 0, 20), patience.Token))
                    {
                        if (ping is { RoundTripMs: not null, Path: { } way } && (Ways.Count == 0 || Ways[^1] != way)) { Ways.Add(way); }
                        if (isRight(ping)) { return ping; }
                    }
                }
                catch (CommandException)
                {
                    await Task.Delay(50, patience.Token); // no way at this moment
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            DemoTale.Require(holds: false, otherwise);
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var member in Members) { member.Dispose(); }
    }
}
