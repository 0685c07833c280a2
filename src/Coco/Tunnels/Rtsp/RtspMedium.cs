namespace Coco.Tunnels.Rtsp;

/// <summary>A medium that goes as datagrams: asked for by a SETUP, and there until its TEARDOWN.</summary>
/// <param name="Ports">Where, at this end.</param>
/// <param name="Asked">The ports that the player has named; none at the serving end.</param>
/// <param name="HasAddresses">Whether it did so as RFC 7826 has it.</param>
internal sealed record RtspMedium(IMediaPorts Ports, RtspPorts Asked = default, bool HasAddresses = false)
{
    /// <summary>What was set up.</summary>
    public string Uri { get; set; } = "";

    /// <summary>In which session.</summary>
    public string? Session { get; set; }
}
