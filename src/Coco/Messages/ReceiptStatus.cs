namespace Coco.Messages;

/// <summary>What has become of a message.</summary>
public enum ReceiptStatus
{
    /// <summary>It is kept here until the receiver can be reached.</summary>
    Queued,

    /// <summary>It is on the receiver's disk.</summary>
    Delivered,

    /// <summary>Its time was over before the receiver acknowledged it, or the receiver was removed from the network. It may have arrived nevertheless.</summary>
    Expired,
}
