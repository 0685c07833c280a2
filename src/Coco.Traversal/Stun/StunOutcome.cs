namespace Coco.Traversal.Stun;

/// <summary>How a transaction ended.</summary>
internal enum StunOutcome : byte
{
    /// <summary>An answer with our address came, from where it was asked for.</summary>
    Answered,

    /// <summary>Nothing came.</summary>
    TimedOut,

    /// <summary>The server refused: see <see cref="StunResult.ErrorCode"/>.</summary>
    Refused,

    /// <summary>An answer came that cannot be used: no address, what nobody understands, or from where it must not come.</summary>
    Unusable,
}
