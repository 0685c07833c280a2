using Coco.Hosting;

namespace Coco.Tunnels;

/// <summary>A session with one peer, and what of tunnels is under way in it.</summary>
internal sealed class TunnelSession : PooledSession
{
    public TunnelSession(NodeConnection connection, TaskSet tasks)
        : base(connection)
    {
        connection.DatagramSink = Flows.Handle;
        tasks.TryRun(EndAsync);
    }

    /// <summary>All in it, which ends with the association.</summary>
    public ActiveSet Parts { get; } = new(int.MaxValue);

    /// <summary>Its flows of datagrams.</summary>
    public DatagramFlows Flows { get; } = new();

    public override void Close() => Parts.Close();

    // A copy that waits for a local program would never learn that the stream is over.
    private async Task EndAsync()
    {
        await Connection.AssociationClosed.ConfigureAwait(false);
        Parts.Close();
    }
}
