using Coco.Cluster;
using Coco.Cluster.Membership;

namespace Coco.ControlPlane.Networks;

/// <summary>One network's statements in memory, and how far into the table they go.</summary>
internal sealed class NetworkLog(NetworkId network)
{
    public NetworkId Network => network;

    /// <summary>Held while the log is used; nothing waits for a lock of the database meanwhile.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    public MembershipLog? Log { get; private set; }

    /// <summary>The number of the last statement in it; 0 for none.</summary>
    public long Number { get; private set; }

    public StatementId Last { get; private set; }

    /// <summary>The last statement, as the table names it.</summary>
    public string LastText { get; private set; } = "";

    public long Bytes => Log?.Bytes ?? 0;

    public void Begin(MembershipLog log) => (Log, Number, Last, LastText) = (log, 0, default, "");

    public void Reach(long number, StatementId last) => (Number, Last, LastText) = (number, last, NetworkText.Of(last));

    public void Forget() => (Log, Number, Last, LastText) = (null, 0, default, "");
}
