namespace Coco.Topics.Core;

/// <summary>How a message goes to those who hear it from its publisher.</summary>
internal enum MessageKind : byte
{
    /// <summary>As it is: the connection says whose it is.</summary>
    Plain,

    /// <summary>As it is, and whoever gets it says so.</summary>
    Acknowledged,

    /// <summary>As a <see cref="SignedBatch"/>, to be kept and passed on.</summary>
    Signed,

    /// <summary>Signed, and whoever gets it says so.</summary>
    SignedAcknowledged,
}
