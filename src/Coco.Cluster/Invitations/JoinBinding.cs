using Coco.Crypto;

namespace Coco.Cluster.Invitations;

/// <summary>The channel a join runs in: 32 bytes both ends export under <see cref="ExporterLabel"/>, and who the ends are, as the handshake proved.</summary>
internal readonly record struct JoinBinding(ReadOnlyMemory<byte> Exporter, NodeId Joiner, NodeId Sponsor)
{
    public const string ExporterLabel = "EXPORTER-coco-join";
    public const int ExporterSize = 32;
}
