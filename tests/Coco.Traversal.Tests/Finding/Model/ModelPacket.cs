namespace Coco.Traversal.Tests.Finding.Model;

/// <summary>What travels: a probe as bytes, or one packet of the model's QUIC.</summary>
internal sealed record ModelPacket(byte[]? Probe, ModelFrame? Frame, int Size);

/// <summary>One packet of the model's QUIC, with one frame.</summary>
internal sealed record ModelFrame(ModelFrameKind Kind, long Number, long Value, ulong SignalType = 0, byte[]? Signal = null)
{
    /// <summary>RFC 9000 §9.1: whether it leaves the receiver's idea of the path alone.</summary>
    public bool IsProbing => Kind is ModelFrameKind.Challenge or ModelFrameKind.Response;
}

internal enum ModelFrameKind
{
    /// <summary>A message of the stream, <c>Value</c> being its number; with or without a signal.</summary>
    Message,
    Ack,
    Challenge,
    Response,
}
