using Coco.Lab.Kernel;
using Coco.Lab.Nat;

namespace Coco.Lab.Endpoints;

/// <summary>Two homes of each kind with a host in each, one that calls and one that is called, and two hosts for relays.</summary>
internal sealed class NatMatrixLab : IDisposable
{
    private readonly KernelInternet _internet;

    /// <summary>Takes over a lab that does not stand yet.</summary>
    /// <param name="internet">The lab.</param>
    /// <param name="relayDelay">How long packets to and from relays take, each way; null for lines without a delay.</param>
    public NatMatrixLab(KernelInternet internet, TimeSpan? relayDelay)
    {
        (_internet, RelayDelay) = (internet, relayDelay);
        var line = new LineConditions { Delay = relayDelay };
        Relays =
        [
            internet.AddServer("relay one", line, "198.51.100.10"),
            internet.AddServer("relay two", line, "198.51.100.11"),
        ];
        Callers = NatMatrix.Kinds.ToDictionary(kind => kind, kind => internet.AddHome($"{kind}", kind).AddHost($"caller behind {kind}"));
        Callees = NatMatrix.Kinds.ToDictionary(kind => kind, kind => internet.AddHome($"{kind}", kind).AddHost($"callee behind {kind}"));
        internet.Start();
    }

    public TimeSpan? RelayDelay { get; }

    /// <summary>From one node through a relay to another, and back; null where lines have no delay.</summary>
    public TimeSpan? RelayRoundTrip => RelayDelay * 4;

    public IReadOnlyList<KernelHost> Relays { get; }

    public IReadOnlyDictionary<NatKind, KernelHost> Callers { get; }

    public IReadOnlyDictionary<NatKind, KernelHost> Callees { get; }

    public void Dispose() => _internet.Dispose();
}
