using Coco.Crypto;

namespace Coco.Messages;

/// <summary>What has become of a message.</summary>
/// <param name="Id">Which.</param>
/// <param name="To">Its receiver.</param>
/// <param name="Status">What has become of it.</param>
/// <param name="Time">When this node learned of it.</param>
public sealed record Receipt(MessageId Id, NodeId To, ReceiptStatus Status, DateTimeOffset Time);
