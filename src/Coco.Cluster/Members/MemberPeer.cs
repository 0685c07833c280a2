using System.Buffers;
using Coco.Cluster.Certificates;
using Coco.Cluster.Invitations;
using Coco.Cluster.Lookup;
using Coco.Crypto;

namespace Coco.Cluster.Members;

/// <summary>A connection to another node, from the moment it is up.</summary>
internal sealed class MemberPeer(NodeId id, TimeSpan rtt, TimeSpan now, DirectoryOptions directory)
{
    private TokenBucket _questions = new(directory.QuestionBurst, directory.QuestionInterval);
    private TokenBucket _publications = new(directory.PublicationBurst, directory.PublicationInterval);

    public NodeId Id { get; } = id;

    public TimeSpan Rtt { get; set; } = rtt;

    public TimeSpan ConnectedAt { get; } = now;

    public MemberPeerState State { get; set; }

    /// <summary>What it showed; null while it has not, or while it needs not, because we knew it.</summary>
    public NodeCertificate? Certificate { get; set; }

    /// <summary>Whether the connection is a link of the mesh, and does not go over links itself.</summary>
    public bool IsLink { get; set; } = true;

    /// <summary>Whether the mesh took it.</summary>
    public bool IsInMesh { get; set; }

    public int Strikes { get; set; }

    /// <summary>Frames that are for members only, and came before we knew that it is one: it may know us longer than we know it.</summary>
    public ArrayBufferWriter<byte>? Held { get; set; }

    public int HeldBytes => Held?.WrittenCount ?? 0;

    /// <summary>The nonce of our question what time it is; null when none is open.</summary>
    public byte[]? TimeNonce { get; set; }

    public TimeSpan TimeAskedAt { get; set; }

    /// <summary>What it may still ask the directory.</summary>
    public ref TokenBucket Questions => ref _questions;

    /// <summary>What it may still say for the directory.</summary>
    public ref TokenBucket Publications => ref _publications;

    /// <summary>When we may be asked for the time again.</summary>
    public TimeSpan AnswersFrom { get; set; }

    /// <summary>Addresses it may still ask for: a record is forty times as long as the question.</summary>
    public ref TokenBucket AddressQuestions => ref _addressQuestions;

    // Chosen: what a member with many neighbours asks for at once after a restart, and then what a device could dial.
    private TokenBucket _addressQuestions = new(256, TimeSpan.FromMilliseconds(50));
}
