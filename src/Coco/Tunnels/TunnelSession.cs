using Coco.Hosting;

namespace Coco.Tunnels;

/// <summary>A session with one peer, by whichever side opened it, and what of tunnels is under way in it.</summary>
internal sealed class TunnelSession
{
    public TunnelSession(NodeConnection connection, TaskSet tasks)
    {
        Connection = connection;
        connection.DatagramSink = Flows.Handle;
        tasks.TryRun(EndAsync);
    }

    public NodeConnection Connection { get; }

    /// <summary>All in it, which ends with the association.</summary>
    public ActiveSet Parts { get; } = new(int.MaxValue);

    /// <summary>Its flows of datagrams.</summary>
    public DatagramFlows Flows { get; } = new();

    /// <summary>Whether no more can be opened in it.</summary>
    public bool IsOver => Connection.Closed.IsCompleted;

    /// <summary>Those that use it now; the pool's.</summary>
    public int Users { get; set; }

    /// <summary>When the last one stopped; the pool's.</summary>
    public long IdleSince { get; set; }

    // A copy that waits for a local program would never learn that the stream is over.
    private async Task EndAsync()
    {
        await Connection.AssociationClosed.ConfigureAwait(false);
        Parts.Close();
    }
}
