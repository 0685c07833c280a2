using System.Collections.Immutable;
using Coco.Cluster.Membership;
using Coco.Crypto;

namespace Coco.Cluster.Statements;

/// <summary>What a statement says. <see cref="Unknown"/> is of a later version, or not laid out as its type is.</summary>
internal abstract partial record StatementBody
{
    /// <summary>Characters of a network's or a node's name, in bytes of UTF-8.</summary>
    public const int MaxName = 64;

    /// <summary>Bytes of settings.</summary>
    public const int MaxSettings = 4096;

    /// <summary>Bytes of the key by which members find each other on a LAN.</summary>
    public const int DiscoveryKeySize = 32;

    /// <summary>Bytes of a policy or of a grant.</summary>
    public const int MaxContent = 15 * 1024;

    /// <summary>Revocations one grant may lift.</summary>
    public const int MaxLifts = 16;

    public const int MaxControlPlanes = 16;
    public const int MaxControlPlaneAddress = 256;

    /// <summary>Parts of a snapshot: 960 KiB in all.</summary>
    public const int MaxSnapshotParts = 64;

    private StatementBody() { }

    public abstract StatementType Type { get; }

    /// <summary>The beginning: who owns the network, and who may recover it.</summary>
    internal sealed record CreateNetwork(UserId Owner, NodeId Recovery, string Name, NetworkProfile Profile, ReadOnlyMemory<byte> Settings) : StatementBody
    {
        public override StatementType Type => StatementType.CreateNetwork;
    }

    /// <summary>The owner hands over, and the new owner has agreed.</summary>
    internal sealed record Transfer(UserId NewOwner, ReadOnlyMemory<byte> Consent, NodeId Recovery, Retirement? Retires, Keep Keep) : StatementBody
    {
        public override StatementType Type => StatementType.Transfer;
    }

    /// <summary>The recovery key names a new owner, and how far it believes the one of <paramref name="Epoch"/>.</summary>
    internal sealed record Recover(StatementId Epoch, Cut Cut, UserId NewOwner, NodeId Recovery, Keep Keep) : StatementBody
    {
        public override StatementType Type => StatementType.Recover;
    }

    /// <summary>The owner names another recovery key, or none.</summary>
    internal sealed record SetRecovery(NodeId Recovery, Retirement? Retires) : StatementBody
    {
        public override StatementType Type => StatementType.SetRecovery;
    }

    /// <summary>A role for a user, who is welcome despite the revocations listed.</summary>
    internal sealed record GrantRole(UserId User, Role Role, ImmutableArray<StatementId> Lifts) : StatementBody
    {
        public override StatementType Type => StatementType.GrantRole;
    }

    /// <summary>A key that may admit nodes, to one sub-cluster unless that is empty, until a time unless that is 0.</summary>
    internal sealed record Delegate(NodeId Key, SubClusterId SubCluster, ulong Until) : StatementBody
    {
        /// <summary>The scope of a delegate that admits; other bits are of later versions and make the statement unknown.</summary>
        public const byte Admit = 1;

        public override StatementType Type => StatementType.Delegate;
    }

    /// <summary>Takes away what <paramref name="Kind"/> and <paramref name="Subject"/> name.</summary>
    internal sealed record Revoke(RevokeKind Kind, StatementId Subject, Cut Cut, Keep Keep) : StatementBody
    {
        public override StatementType Type => StatementType.Revoke;

        /// <summary>The user or node; for the other kind its bytes mean nothing.</summary>
        public NodeId SubjectKey
        {
            get
            {
                Span<byte> bytes = stackalloc byte[StatementId.Size];
                Subject.CopyTo(bytes);
                return NodeId.Read(bytes);
            }
        }

        public static StatementId SubjectOf(NodeId key)
        {
            Span<byte> bytes = stackalloc byte[StatementId.Size];
            key.CopyTo(bytes);
            return StatementId.Read(bytes);
        }
    }

    /// <summary>Another name for a node; empty for the one in its certificate.</summary>
    internal sealed record Rename(NodeId Node, string Name) : StatementBody
    {
        public override StatementType Type => StatementType.Rename;
    }

    /// <summary>Another sub-cluster for a node.</summary>
    internal sealed record MoveNode(NodeId Node, SubClusterId SubCluster) : StatementBody
    {
        public override StatementType Type => StatementType.MoveNode;
    }

    /// <summary>The policy of the network, in its own encoding.</summary>
    internal sealed record SetPolicy(ReadOnlyMemory<byte> Policy) : StatementBody
    {
        public override StatementType Type => StatementType.SetPolicy;
    }

    /// <summary>The control planes of the network.</summary>
    internal sealed record SetControlPlanes(ImmutableArray<ControlPlaneEntry> ControlPlanes) : StatementBody
    {
        public override StatementType Type => StatementType.SetControlPlanes;
    }

    /// <summary>The network's name, profile and settings.</summary>
    internal sealed record SetSettings(string Name, NetworkProfile Profile, ReadOnlyMemory<byte> Settings) : StatementBody
    {
        public override StatementType Type => StatementType.SetSettings;
    }

    /// <summary>Another key by which members find each other on a LAN, and a hash of whoever had been revoked by then: they do not have it.</summary>
    internal sealed record SetDiscovery(ReadOnlyMemory<byte> Key, StatementId Revoked) : StatementBody
    {
        public override StatementType Type => StatementType.SetDiscovery;
    }

    /// <summary>An admin goes on with another key, in the same place.</summary>
    internal sealed record RotateKey(NodeId NewKey, ReadOnlyMemory<byte> Consent) : StatementBody
    {
        public override StatementType Type => StatementType.RotateKey;
    }

    /// <summary>Access to a resource, in its own encoding.</summary>
    internal sealed record GrantResource(ReadOnlyMemory<byte> Grant) : StatementBody
    {
        public override StatementType Type => StatementType.GrantResource;
    }

    /// <summary>A piece of a snapshot whose bytes hash to <paramref name="Digest"/>.</summary>
    internal sealed record SnapshotPart(StatementId Digest, ulong Index, ulong Count, ReadOnlyMemory<byte> Bytes) : StatementBody
    {
        public override StatementType Type => StatementType.SnapshotPart;
    }

    internal sealed record Unknown(StatementType Of, ReadOnlyMemory<byte> Bytes) : StatementBody
    {
        public override StatementType Type => Of;
    }
}
