namespace Coco.Traversal.Finding;

/// <summary>What a probe is. The numbers are on the wire.</summary>
internal enum ProbeKind : byte
{
    /// <summary>Asks for an answer.</summary>
    Ping = 1,

    /// <summary>Answers a ping, on the path it came on.</summary>
    Pong = 2,
}
