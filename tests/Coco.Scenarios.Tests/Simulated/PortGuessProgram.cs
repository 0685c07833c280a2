using Coco.Traversal;
using Coco.Traversal.Links;

namespace Coco.Scenarios.Tests.Simulated;

/// <summary>The other side of birthday punching: tries random ports of an address, none twice.</summary>
internal sealed class PortGuessProgram(NetworkAddress remote, Random random, int budget) : TestProgram
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    private readonly HashSet<int> _tried = [];

    /// <summary>Probes sent when the answer came.</summary>
    public int? SentWhenFound { get; private set; }

    public bool IsSpent => _tried.Count == budget;

    public void Begin(TimeSpan now)
    {
        Deadline = now;
        HandleTimeout(now);
    }

    public override void HandleTimeout(TimeSpan now)
    {
        if (Deadline is not { } due || now < due) { return; }
        Deadline = SentWhenFound is null && !IsSpent ? now + Interval : null;
        if (Deadline is not null) { Send(new(LinkKind.Udp, Socket, remote.WithPort(NextPort())), [4]); }
    }

    protected override void HandleDatagram(Link link, byte[] data, TimeSpan now) => SentWhenFound ??= _tried.Count;

    private int NextPort()
    {
        var port = random.Next(1024, 65_536);
        while (!_tried.Add(port)) { port = random.Next(1024, 65_536); }
        return port;
    }
}
