using System.Buffers;

namespace Coco.Mqtt.Sessions;

/// <summary>Where the packets for a client go. Whoever owns it sends what was written, in its own time.</summary>
internal interface IClientLink
{
    public IBufferWriter<byte> Output { get; }

    /// <summary>Bytes that were written and not taken by the client's end yet.</summary>
    public long Backlog { get; }

    /// <summary>Has what was written sent.</summary>
    public void Flush();

    /// <summary>Ends the connection once that is done.</summary>
    public void Close();
}
