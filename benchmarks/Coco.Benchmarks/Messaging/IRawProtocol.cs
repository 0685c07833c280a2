namespace Coco.Benchmarks.Messaging;

/// <summary>A server's protocol, as far as the measurement needs it.</summary>
internal interface IRawProtocol
{
    /// <summary>Whether the server acknowledges what is published.</summary>
    public bool IsAcknowledged { get; }

    /// <summary>A connection that may publish.</summary>
    public RawConnection Connect(int port, string name);

    /// <summary>Subscribes, and waits until the server has agreed.</summary>
    public void Subscribe(RawConnection connection, int number);

    /// <summary>A frame by which the publisher of that name publishes a message, and where its message stands.</summary>
    public byte[] Frame(ReadOnlySpan<byte> payload, string name, out int payloadAt);

    /// <summary>Makes a frame the one of a number, where the protocol has such.</summary>
    public void Number(Span<byte> frame, long sequence);

    /// <summary>The bytes of the next frame; 0 where more must come.</summary>
    /// <param name="bytes">What has come.</param>
    /// <param name="payload">The message that the frame delivers, or nothing.</param>
    /// <param name="isAcknowledgement">Whether it acknowledges a message that was published.</param>
    /// <param name="answers">What is to be answered is appended to this.</param>
    public int Read(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> payload, out bool isAcknowledgement, List<byte> answers);
}
