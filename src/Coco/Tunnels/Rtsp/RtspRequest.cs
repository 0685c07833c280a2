namespace Coco.Tunnels.Rtsp;

/// <summary>A request of the player's that is not answered yet.</summary>
internal sealed class RtspRequest(RtspMessage message)
{
    public string Method { get; } = message.Method!;

    public string Uri { get; } = message.Uri;

    public string Version { get; } = message.Version;

    public string? CSeq { get; } = message["CSeq"];

    public string? Session { get; } = message.Session;

    /// <summary>Ports opened for it.</summary>
    public List<RtspMedium> Media { get; } = [];

    /// <summary>Whether it wants media sent to somebody else.</summary>
    public bool WantsOthers { get; set; }

    /// <summary>What this end says to it, where it does not go on.</summary>
    public byte[]? Answer { get; set; }

    // Methods are told apart by case (RFC 2326 §6.1), but maybe not by each server.
    public bool Is(string method) => Method.Equals(method, StringComparison.OrdinalIgnoreCase);
}
