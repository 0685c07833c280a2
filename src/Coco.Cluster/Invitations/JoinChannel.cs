namespace Coco.Cluster.Invitations;

/// <summary>An encrypted channel on which somebody may ask the sponsor to join, once.</summary>
internal sealed class JoinChannel(ulong number, JoinBinding binding, TimeSpan deadline)
{
    public ulong Number => number;

    public JoinBinding Binding => binding;

    public TimeSpan Deadline => deadline;

    /// <summary>What was asked, while the answer waits for the disk.</summary>
    public JoinRequest? Waiting { get; set; }

    public byte[] JoinHash { get; set; } = [];
}
